/**
 * The builder's and token holder's commands. {@link io.shardex.cli.command.CommandTree} puts them
 * together; {@link io.shardex.cli.command.Surroundings} is what they stand on.
 */
@NullMarked
package io.shardex.cli.command;

import org.jspecify.annotations.NullMarked;
