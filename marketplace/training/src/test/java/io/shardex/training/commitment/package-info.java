@NullMarked
package io.shardex.training.commitment;

import org.jspecify.annotations.NullMarked;
