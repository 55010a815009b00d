/** A lease's way: stage, train, upload, journal, commit. */
@NullMarked
package io.shardex.worker.lease;

import org.jspecify.annotations.NullMarked;
