/**
 * The replicated log outside a node: its entries, the file format they are archived and exported
 * in, and what an entry does to a market.
 */
@NullMarked
package io.shardex.protocol.log;

import org.jspecify.annotations.NullMarked;
