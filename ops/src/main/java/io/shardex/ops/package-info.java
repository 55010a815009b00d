@NullMarked
package io.shardex.ops;

import org.jspecify.annotations.NullMarked;
