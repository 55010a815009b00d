package io.shardex.market;

import io.shardex.market.state.Job;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.Result;
import io.shardex.market.state.ResultPhase;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A builder's job: first described, then brought as far as a test wants it. */
final class TestJob {
  /** Work of a shard; at the first price it costs 8,000 base units. */
  static final long WORK = 8_000_000;

  /** Steps of a shard. */
  static final int STEPS = 100;

  private final TestMarket market;
  private final String name;
  private Address builder = Parties.builder(0);
  private Amount deposit = Amount.of(10 * Amount.TOKEN);
  private int shards = 1;
  private int rounds = 1;
  private int memoryMiB = 0;
  private WorkUnits work = new WorkUnits(WORK);
  private UnitPrice limit = new UnitPrice(2 * TestNetwork.FIRST_PRICE.perTeraWork());
  private PartsPerMillion audit;
  private boolean rollsBack = true;
  private ResourceClass resources = TestNetwork.CPU;
  private Execution execution = Execution.REFERENCE;
  private long deadlineMillis;
  private long refundAt;

  TestJob(TestMarket market, String name) {
    this.market = market;
    this.name = name;
    this.audit = market.network().rules().money().auditFloor();
    this.deadlineMillis = market.clockMillis() + 3_600_000;
    this.refundAt = market.clockMillis() / 1_000 + 2 * 3_600;
  }

  TestJob by(Address someone) {
    builder = someone;
    return this;
  }

  TestJob funded(long tokens) {
    return fundedExactly(Amount.of(tokens * Amount.TOKEN));
  }

  TestJob fundedExactly(Amount amount) {
    deposit = amount;
    return this;
  }

  TestJob shards(int count) {
    shards = count;
    return this;
  }

  TestJob rounds(int count) {
    rounds = count;
    return this;
  }

  TestJob memoryMiB(int needed) {
    memoryMiB = needed;
    return this;
  }

  TestJob work(long units) {
    work = new WorkUnits(units);
    return this;
  }

  TestJob limit(long perTeraWork) {
    limit = new UnitPrice(perTeraWork);
    return this;
  }

  TestJob audit(int partsPerMillion) {
    audit = new PartsPerMillion(partsPerMillion);
    return this;
  }

  /** A round with a lie in it is kept, and training goes on from its model. */
  TestJob goesOn() {
    rollsBack = false;
    return this;
  }

  /** Its results are not proven: a command's, or a builder's own model's. */
  TestJob unproven(Execution how) {
    return executed(how).audit(0).goesOn();
  }

  /** Its shards are saved each so many steps. */
  TestJob saved(int steps) {
    return executed(execution.saved(new CheckpointEvery.Steps(steps)));
  }

  TestJob executed(Execution how) {
    execution = how;
    return this;
  }

  TestJob rollsBack() {
    rollsBack = true;
    return this;
  }

  TestJob on(ResourceClass kind) {
    resources = kind;
    return this;
  }

  TestJob deadlineAt(long millis) {
    deadlineMillis = millis;
    return this;
  }

  TestJob refundAt(long seconds) {
    refundAt = seconds;
    return this;
  }

  JobId id() {
    return JobId.of(31_337, market.network().escrow(), builder, 1, spec(), refundAt);
  }

  private Digest spec() {
    return Digest.sha256(name.getBytes(StandardCharsets.UTF_8));
  }

  JobTerms terms() {
    return new JobTerms(
        name,
        resources,
        memoryMiB,
        shards,
        rounds,
        work,
        STEPS,
        limit,
        deadlineMillis,
        audit,
        rollsBack,
        Digest.sha256(spec().bytes()),
        execution);
  }

  ChainEvent.Deposited depositEvent() {
    return new ChainEvent.Deposited(id(), builder, 1, spec(), refundAt, deposit);
  }

  /** The deposit is on the chain and the market knows it. */
  TestJob deposited() {
    market.chain().add(depositEvent());
    market.sync();
    return this;
  }

  Outcome trySubmit() {
    return market.send(builder, new Command.SubmitJob(id(), terms()));
  }

  /** Deposited and submitted; the terms are not attested yet. */
  TestJob submitted() {
    deposited();
    market.accept(builder, new Command.SubmitJob(id(), terms()));
    return this;
  }

  /** Its terms are attested: the first round is open. */
  TestJob open() {
    submitted();
    market.agree();
    return this;
  }

  Outcome cancel() {
    return market.send(builder, new Command.CancelJob(id()));
  }

  Job job() {
    return market.state().job(id()).orElseThrow();
  }

  JobPhase phase() {
    return job().phase();
  }

  Ending.Cause cause() {
    return job().ending().orElseThrow().why().cause();
  }

  Task task(int shard) {
    return market.state().task(new TaskId(id(), job().round(), shard)).orElseThrow();
  }

  List<Task> tasks(TaskPhase phase) {
    return market.state().shardsOf(id()).stream().filter(task -> task.phase() == phase).toList();
  }

  /** The result that was committed for this shard of a round under a fence. */
  Result result(int round, int shard, long fence) {
    return market.state().result(new TaskId(id(), round, shard, fence)).orElseThrow();
  }

  /** The result of a shard's first lease in the first round. */
  Result result(int shard) {
    return result(1, shard, 1);
  }

  ResultPhase phaseOf(int shard) {
    return result(shard).phase();
  }

  Fact.RoundModel roundModel() {
    return market.state().roundModel(job());
  }
}
