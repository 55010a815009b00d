/** What machine the agent runs on. */
@NullMarked
package io.shardex.worker.device;

import org.jspecify.annotations.NullMarked;
