@NullMarked
package io.shardex.worker.runtime.sandbox;

import org.jspecify.annotations.NullMarked;
