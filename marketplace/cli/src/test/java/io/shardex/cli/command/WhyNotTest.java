package io.shardex.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.cli.SmallJob;
import io.shardex.market.Execution;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.Rules;
import io.shardex.market.TaskId;
import io.shardex.market.state.Proof;
import io.shardex.market.state.Worker;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WhyNotTest {
  private static final Amount RICH = Amount.of(10_000_000);
  private static final UnitPrice PRICE = new UnitPrice(5_500_000_000L);

  @Test
  void nothingHoldsUpAJobThatAnIdleWorkerFits() {
    assertEquals(Optional.empty(), first(RICH, PRICE, Rig.worker(31, 512, 2_000_000_000L)));
  }

  @Test
  void aHoldThatIsNotThereIsNamedWithWhatIsMissing() {
    assertBlocked("money", "deposit 0.002000 more", Amount.of(10_000), PRICE);
  }

  @Test
  void aPriceAboveTheLimitNamesTheLimitThatWouldDo() {
    UnitPrice high = new UnitPrice(7_000_000_000L);
    assertBlocked(
        "price",
        "set spec.price.maxPerHour to 0.420001 or more",
        RICH,
        high,
        Rig.worker(31, 512, 2_000_000_000L));
  }

  @Test
  void aClassWithoutWorkersIsMissingCapacity() {
    assertBlocked("class", "wait for a worker of class cpu to register", RICH, PRICE);
  }

  @Test
  void tooLittleMemoryNamesTheMostThereIs() {
    assertBlocked("memory", "at most 32 MiB", RICH, PRICE, Rig.worker(31, 32, 2_000_000_000L));
  }

  @Test
  void aReserveAboveThePriceNamesThePriceItNeeds() {
    // 5.88e9 less 2 % leaves 5.7624e9: one above the price's 5.39e9.
    assertBlocked("reserve", "rises to 0.3527", RICH, PRICE, Rig.worker(31, 64, 5_760_000_000L));
  }

  @Test
  void aWorkerThatDoesNotAskIsNoCapacity() {
    Worker away = with(Rig.worker(31, 64, 1), Optional.empty(), Optional.empty());
    assertBlocked("ask", "wait", RICH, PRICE, away);
  }

  @Test
  void busyWorkersAreWaitedFor() {
    Worker busy =
        with(
            Rig.worker(31, 64, 1),
            Optional.of(new UnitPrice(1)),
            Optional.of(new TaskId(Rig.JOB, 1, 0)));
    assertBlocked("capacity", "wait", RICH, PRICE, busy);
  }

  @Test
  void aWorkerThatHasNotProvenItsHardwareIsNamed() {
    Worker worker = Rig.worker(31, 64, 1);
    List<Proof> refuted = List.of(new Proof(worker.key(), 1, 0, 7));
    List<Proof> proven = List.of(new Proof(worker.key(), 0, 700, 7));

    WhyNot.Finding blocked = first(RICH, PRICE, withProofs(75_000), refuted, worker).orElseThrow();
    assertEquals("proof", blocked.constraint());
    assertTrue(
        blocked.change().orElseThrow().contains("shardex worker self-test --bench"),
        blocked::toString);
    assertEquals(Optional.empty(), first(RICH, PRICE, withProofs(75_000), proven, worker));
    assertEquals(Optional.empty(), first(RICH, PRICE, withProofs(75_000), List.of(), worker));
    assertEquals(Optional.empty(), first(RICH, PRICE, withProofs(0), refuted, worker));
  }

  @Test
  void aWorkerThatGivesCommandsNoInternetIsNamed() {
    JobTerms t = Rig.terms();
    JobTerms online =
        new JobTerms(
            t.name(),
            t.resources(),
            t.memoryMiB(),
            t.shards(),
            t.rounds(),
            t.shardWork(),
            t.shardSteps(),
            t.limit(),
            t.deadlineMillis(),
            new PartsPerMillion(0),
            false,
            t.data(),
            Execution.COMMAND_ONLINE);
    List<WhyNot.Finding> findings =
        WhyNot.of(
            online,
            SmallJob.NETWORK,
            Optional.of(PRICE),
            List.of(Rig.worker(31, 64, 1)),
            List.of(),
            RICH,
            0);

    WhyNot.Finding blocked =
        findings.stream().filter(finding -> !finding.holds()).findFirst().orElseThrow();
    assertEquals("runtime", blocked.constraint());
    assertTrue(blocked.change().orElseThrow().contains("spec.network"), blocked::toString);
  }

  private static Network withProofs(int rate) {
    Network n = SmallJob.NETWORK;
    Rules rules = n.rules();
    Rules.Proofs proofs = new Rules.Proofs(15, new PartsPerMillion(rate), 2_000, 15, 64, 20_000, 8);
    return new Network(
        n.chainId(),
        n.escrow(),
        n.stakeVault(),
        n.settlement(),
        n.token(),
        n.startBlock(),
        n.treasury(),
        n.validators(),
        n.beacons(),
        n.threshold(),
        n.classes(),
        new Rules(rules.pace(), rules.money(), rules.bounds(), rules.audits(), proofs));
  }

  private static Worker with(Worker worker, Optional<UnitPrice> ask, Optional<TaskId> lease) {
    return new Worker(
        worker.key(),
        worker.owner(),
        worker.resources(),
        worker.memoryMiB(),
        ask,
        worker.runtimes(),
        worker.idleSince(),
        lease,
        false,
        0,
        0,
        0,
        List.of());
  }

  private static void assertBlocked(
      String constraint, String change, Amount free, UnitPrice price, Worker... workers) {
    WhyNot.Finding blocked = first(free, price, workers).orElseThrow();
    assertEquals(constraint, blocked.constraint());
    assertTrue(blocked.change().orElseThrow().contains(change), blocked.toString());
  }

  private static Optional<WhyNot.Finding> first(Amount free, UnitPrice price, Worker... workers) {
    return first(free, price, SmallJob.NETWORK, List.of(), workers);
  }

  private static Optional<WhyNot.Finding> first(
      Amount free, UnitPrice price, Network network, List<Proof> proofs, Worker... workers) {
    return WhyNot.of(Rig.terms(), network, Optional.of(price), List.of(workers), proofs, free, 0)
        .stream()
        .filter(finding -> !finding.holds())
        .findFirst();
  }
}
