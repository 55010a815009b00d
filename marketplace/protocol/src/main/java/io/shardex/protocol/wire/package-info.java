/** The messages of {@code shardex.proto}, generated, and how market values travel in them. */
@NullMarked
package io.shardex.protocol.wire;

import org.jspecify.annotations.NullMarked;
