package io.shardex.settlement;

import io.shardex.market.Address;
import java.util.Optional;

/**
 * A transaction that was executed without being refused.
 *
 * @param hash its id, 0x and 64 hex digits
 * @param block the block it is in
 * @param gasUsed what its execution took
 * @param created the contract it made
 */
public record Receipt(String hash, long block, long gasUsed, Optional<Address> created) {}
