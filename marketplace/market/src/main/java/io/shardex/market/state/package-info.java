@NullMarked
package io.shardex.market.state;

import org.jspecify.annotations.NullMarked;
