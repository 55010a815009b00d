/** The network's certificate authority: it says which hosts are nodes of the network. */
@NullMarked
package io.shardex.ops.ca;

import org.jspecify.annotations.NullMarked;
