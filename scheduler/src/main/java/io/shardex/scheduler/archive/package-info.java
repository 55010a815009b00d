/** What a node keeps on its disk of the log's past: every entry, and every job's history. */
@NullMarked
package io.shardex.scheduler.archive;

import org.jspecify.annotations.NullMarked;
