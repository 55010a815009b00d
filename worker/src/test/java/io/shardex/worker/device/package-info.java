@NullMarked
package io.shardex.worker.device;

import org.jspecify.annotations.NullMarked;
