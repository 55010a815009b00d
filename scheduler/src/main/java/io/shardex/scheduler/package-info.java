@NullMarked
package io.shardex.scheduler;

import org.jspecify.annotations.NullMarked;
