/** The agent's figures for operators. */
@NullMarked
package io.shardex.worker.metrics;

import org.jspecify.annotations.NullMarked;
