/**
 * What builders do on the market, shared by the command line and the demo: submit a job, follow it,
 * fetch its model.
 */
@NullMarked
package io.shardex.cli;

import org.jspecify.annotations.NullMarked;
