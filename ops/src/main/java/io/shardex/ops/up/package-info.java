/** A network on this machine that stays up: founded once, resumed after every stop. */
@NullMarked
package io.shardex.ops.up;

import org.jspecify.annotations.NullMarked;
