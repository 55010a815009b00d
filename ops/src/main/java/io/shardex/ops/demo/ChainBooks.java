package io.shardex.ops.demo;

import io.shardex.ops.localnet.MoneyTotals;
import java.util.List;

/**
 * What the contracts say after a job: all money that moved, and who got what of the job.
 *
 * @param payments in the chain's order
 */
record ChainBooks(MoneyTotals totals, List<Payment> payments) {
  ChainBooks {
    payments = List.copyOf(payments);
  }

  /** The hashes of the payments' transactions, none twice. */
  List<String> transactions() {
    return payments.stream().map(Payment::transaction).distinct().toList();
  }
}
