package io.shardex.protocol.client;

import io.shardex.market.state.Deposit;
import io.shardex.pricing.Amount;

/** A confirmed deposit and what of it is neither held nor spent. */
public record DepositAccount(Deposit deposit, Amount free) {}
