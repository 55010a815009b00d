@NullMarked
package io.shardex.market.codec;

import org.jspecify.annotations.NullMarked;
