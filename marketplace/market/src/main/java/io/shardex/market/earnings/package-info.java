/** What an owner's workers earned, lease by lease, told from the events alone. */
@NullMarked
package io.shardex.market.earnings;

import org.jspecify.annotations.NullMarked;
