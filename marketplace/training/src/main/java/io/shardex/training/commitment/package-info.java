/** SHA-256 digests and the tree that commits a worker to every segment of its run. */
@NullMarked
package io.shardex.training.commitment;

import org.jspecify.annotations.NullMarked;
