package io.shardex.ops.demo;

import io.shardex.cli.JobView;
import io.shardex.market.Address;
import io.shardex.ops.demo.PriceHistory.EpochPrice;
import io.shardex.ops.localnet.MoneyTotals;
import io.shardex.ops.localnet.Owner;
import io.shardex.ops.localnet.StateHashes;
import io.shardex.pricing.Amount;
import io.shardex.settlement.JobPayment;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * All that a finished demo has to tell.
 *
 * @param deposit hash of the transaction that paid the budget in
 * @param trainImages images the job trained on
 * @param testImages images its models were tested on
 * @param modelDigest SHA-256 of the final round model, in hex
 */
record DemoResult(
    long seed,
    boolean quick,
    JobView job,
    String deposit,
    int trainImages,
    int testImages,
    Address builder,
    Address treasury,
    List<Owner> owners,
    List<EpochPrice> prices,
    ChainBooks chain,
    MoneyTotals ledger,
    StateHashes hashes,
    Seconds seconds,
    Cost cost,
    Path model,
    String modelDigest,
    URI metrics) {
  /**
   * Times, counted from the launcher's start.
   *
   * @param ready until the network took commands
   * @param job from the job's submission to its end
   * @param total until the summary
   */
  record Seconds(double ready, double job, double total) {}

  /**
   * What the machine gave.
   *
   * @param cpuSeconds of all processes, from the job's submission until it was complete and tested
   * @param evaluationCpuSeconds the part of it that testing the models took
   * @param peakRssMiB sum of the resident peaks of all processes
   */
  record Cost(double cpuSeconds, double evaluationCpuSeconds, long peakRssMiB) {}

  /** Share of test images the final model gets right, 0 to 1. */
  double accuracy() {
    return job.accuracy().orElse(0);
  }

  /** The owner's name, or what else the address is known as. */
  String nameOf(Address address) {
    return owners.stream()
        .filter(owner -> owner.address().equals(address))
        .map(Owner::name)
        .findFirst()
        .orElse(
            address.equals(treasury) ? "treasury" : address.equals(builder) ? "builder" : "payee");
  }

  /** The payee's name and, where it is not for work, what the money is. */
  String roleOf(JobPayment payment) {
    String name = nameOf(payment.payee());
    return switch (payment.kind()) {
      case REFUND -> name + " (refund)";
      case PAY -> payment.payee().equals(treasury) ? name + " (fees)" : name;
    };
  }

  /** What an address was credited out of the job. */
  Amount paidTo(Address address) {
    return chain.payments().stream()
        .filter(payment -> payment.kind() == JobPayment.Kind.PAY && payment.payee().equals(address))
        .map(JobPayment::amount)
        .reduce(Amount.ZERO, Amount::plus);
  }
}
