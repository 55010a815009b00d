/**
 * The audit of a whole network by anybody: the log is exported from the nodes' archives, replayed
 * from genesis, and compared with what validators, nodes and the chain say.
 */
@NullMarked
package io.shardex.cli.audit;

import org.jspecify.annotations.NullMarked;
