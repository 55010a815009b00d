@NullMarked
package io.shardex.market.decide;

import org.jspecify.annotations.NullMarked;
