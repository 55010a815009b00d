@NullMarked
package io.shardex.settlement;

import org.jspecify.annotations.NullMarked;
