@NullMarked
package io.shardex.training.proof;

import org.jspecify.annotations.NullMarked;
