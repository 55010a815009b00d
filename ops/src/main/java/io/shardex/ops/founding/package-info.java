/**
 * Founding a network whose operators are on hosts of their own: a plan, cards, contracts, files.
 */
@NullMarked
package io.shardex.ops.founding;

import org.jspecify.annotations.NullMarked;
