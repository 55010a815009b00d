@NullMarked
package io.shardex.training.spec;

import org.jspecify.annotations.NullMarked;
