/** Tests of the units for systemd. */
@NullMarked
package io.shardex.ops.systemd;

import org.jspecify.annotations.NullMarked;
