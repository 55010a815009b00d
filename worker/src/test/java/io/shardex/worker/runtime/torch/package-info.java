@NullMarked
package io.shardex.worker.runtime.torch;

import org.jspecify.annotations.NullMarked;
