/**
 * Strangers' commands in a container of an OCI runtime: what they may see, use and take is bounded
 * from outside, and nothing of them is left afterwards.
 */
@NullMarked
package io.shardex.worker.runtime.sandbox;

import org.jspecify.annotations.NullMarked;
