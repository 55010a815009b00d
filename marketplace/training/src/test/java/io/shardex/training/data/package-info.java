@NullMarked
package io.shardex.training.data;

import org.jspecify.annotations.NullMarked;
