@NullMarked
package io.shardex.worker;

import org.jspecify.annotations.NullMarked;
