@NullMarked
package io.shardex.market;

import org.jspecify.annotations.NullMarked;
