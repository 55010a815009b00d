/** Breaks a network of processes in many ways while it works, and checks what it promised. */
@NullMarked
package io.shardex.ops.faultlab;

import org.jspecify.annotations.NullMarked;
