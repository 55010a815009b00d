/** Labelled samples as unsigned bytes, and the files they come from: IDX, or text. */
@NullMarked
package io.shardex.training.data;

import org.jspecify.annotations.NullMarked;
