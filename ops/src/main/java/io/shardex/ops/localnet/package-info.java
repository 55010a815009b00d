/**
 * What a network on one machine needs from outside: the development chain, the data set, and
 * figures about its processes.
 */
@NullMarked
package io.shardex.ops.localnet;

import org.jspecify.annotations.NullMarked;
