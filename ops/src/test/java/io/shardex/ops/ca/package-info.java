@NullMarked
package io.shardex.ops.ca;

import org.jspecify.annotations.NullMarked;
