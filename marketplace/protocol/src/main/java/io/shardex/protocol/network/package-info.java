/** The file that tells what a network is and where its nodes are. */
@NullMarked
package io.shardex.protocol.network;

import org.jspecify.annotations.NullMarked;
