@NullMarked
package io.shardex.ops.role;

import org.jspecify.annotations.NullMarked;
