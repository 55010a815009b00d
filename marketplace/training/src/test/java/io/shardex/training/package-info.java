@NullMarked
package io.shardex.training;

import org.jspecify.annotations.NullMarked;
