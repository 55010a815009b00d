/** Dashboards and alert rules, tried against a Prometheus of the tests' own. */
@NullMarked
package io.shardex.ops.prometheus;

import org.jspecify.annotations.NullMarked;
