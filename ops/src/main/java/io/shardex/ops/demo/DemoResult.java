package io.shardex.ops.demo;

import io.shardex.cli.JobView;
import io.shardex.market.Address;
import io.shardex.ops.demo.PriceHistory.EpochPrice;
import io.shardex.ops.localnet.Liar;
import io.shardex.ops.localnet.MoneyTotals;
import io.shardex.ops.localnet.Owner;
import io.shardex.ops.localnet.StateHashes;
import io.shardex.pricing.Amount;
import io.shardex.settlement.JobPayment;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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
    AuditStory.Tally audits,
    Optional<Dishonest> dishonest,
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
   * @param auditCpuSeconds the part of it that workers spent on audits
   * @param disputeCpuSeconds the part of it that validators spent on disputes
   * @param peakRssMiB sum of the resident peaks of all processes
   */
  record Cost(
      double cpuSeconds,
      double evaluationCpuSeconds,
      double auditCpuSeconds,
      double disputeCpuSeconds,
      long peakRssMiB) {}

  /**
   * The owner that lied.
   *
   * @param ways how, in the order of the telling
   */
  record Dishonest(Owner owner, AuditStory.Lies lies, List<Liar.Lie> ways, Amount slashed) {
    Dishonest {
      ways = List.copyOf(ways);
    }

    boolean caught() {
      return lies.proved() > 0 && !slashed.isZero();
    }
  }

  /** Owners that lost stake and are not known to lie. */
  long honestOwnersSlashed() {
    return audits.slashed().keySet().stream()
        .filter(owner -> dishonest.filter(liar -> liar.owner().address().equals(owner)).isEmpty())
        .count();
  }

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
            address.equals(treasury)
                ? "treasury"
                : address.equals(builder) ? "builder" : "validator");
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
