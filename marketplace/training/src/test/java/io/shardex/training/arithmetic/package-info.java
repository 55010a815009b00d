@NullMarked
package io.shardex.training.arithmetic;

import org.jspecify.annotations.NullMarked;
