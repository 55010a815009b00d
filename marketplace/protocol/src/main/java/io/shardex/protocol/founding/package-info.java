/** How a network comes to be: a plan, a card of each node, and the network file out of both. */
@NullMarked
package io.shardex.protocol.founding;

import org.jspecify.annotations.NullMarked;
