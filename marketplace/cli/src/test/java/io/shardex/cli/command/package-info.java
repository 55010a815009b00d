@NullMarked
package io.shardex.cli.command;

import org.jspecify.annotations.NullMarked;
