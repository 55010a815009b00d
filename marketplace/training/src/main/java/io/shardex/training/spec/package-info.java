/** What is trained and how: plain values a job file maps to. */
@NullMarked
package io.shardex.training.spec;

import org.jspecify.annotations.NullMarked;
