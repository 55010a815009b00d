/** What the market's hardware challenges ask the arithmetic for. */
@NullMarked
package io.shardex.protocol.proof;

import org.jspecify.annotations.NullMarked;
