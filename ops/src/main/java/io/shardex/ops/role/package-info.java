/** One role of the network in this process, from a config file: a scheduler node or a worker. */
@NullMarked
package io.shardex.ops.role;

import org.jspecify.annotations.NullMarked;
