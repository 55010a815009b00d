/** The validator's votes: each fact is looked up or computed here before it is attested. */
@NullMarked
package io.shardex.scheduler.attest;

import org.jspecify.annotations.NullMarked;
