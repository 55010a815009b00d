@NullMarked
package io.shardex.pricing;

import org.jspecify.annotations.NullMarked;
