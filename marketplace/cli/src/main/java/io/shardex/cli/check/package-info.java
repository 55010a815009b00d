/** Checks of a machine and of its ways to a network, as {@code doctor} and others make them. */
@NullMarked
package io.shardex.cli.check;

import org.jspecify.annotations.NullMarked;
