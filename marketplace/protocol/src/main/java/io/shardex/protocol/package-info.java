@NullMarked
package io.shardex.protocol;

import org.jspecify.annotations.NullMarked;
