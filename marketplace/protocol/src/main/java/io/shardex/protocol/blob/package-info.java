/** Blobs as the wire and the grid see them: manifests of fixed-size chunks named by SHA-256. */
@NullMarked
package io.shardex.protocol.blob;

import org.jspecify.annotations.NullMarked;
