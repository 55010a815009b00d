@NullMarked
package io.shardex.ops.demo;

import org.jspecify.annotations.NullMarked;
