@NullMarked
package io.shardex.worker.lease;

import org.jspecify.annotations.NullMarked;
