/** The one executable: root command, exit codes, error texts, logs and the operator port. */
@NullMarked
package io.shardex.ops.launch;

import org.jspecify.annotations.NullMarked;
