@NullMarked
package io.shardex.training.model;

import org.jspecify.annotations.NullMarked;
