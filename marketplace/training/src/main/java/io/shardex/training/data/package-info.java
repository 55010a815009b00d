/** Labelled samples as unsigned bytes, and the IDX files they come from. */
@NullMarked
package io.shardex.training.data;

import org.jspecify.annotations.NullMarked;
