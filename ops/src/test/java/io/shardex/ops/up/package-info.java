@NullMarked
package io.shardex.ops.up;

import org.jspecify.annotations.NullMarked;
