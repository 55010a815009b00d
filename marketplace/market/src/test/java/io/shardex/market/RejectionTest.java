package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.shardex.market.Rejection.Reason;
import io.shardex.market.state.Task;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RejectionTest {
  @ParameterizedTest
  @EnumSource
  void everyReasonIsGivenToACommandThatDeservesItAndChangesNothing(Reason reason) {
    Provoked provoked = provoke(reason);
    String ledger = provoked.market.state().ledger().balances().toString();
    int tasks = provoked.market.state().tasks().size();
    TestMarket.refused(reason, provoked.outcome());
    assertEquals(ledger, provoked.market.state().ledger().balances().toString());
    assertEquals(tasks, provoked.market.state().tasks().size());
    assertFalse(reason.nextStep().isBlank());
  }

  /** A market in which the command is out of place. */
  private record Provoked(TestMarket market, Envelope envelope, Author author) {
    Outcome outcome() {
      return market.apply(envelope, author);
    }
  }

  private static Provoked by(TestMarket market, Address signer, Command command) {
    return new Provoked(market, market.envelope(signer, command), Author.of(signer));
  }

  private static Provoked submission(TestJob job, TestMarket market) {
    return by(market, Parties.builder(0), new Command.SubmitJob(job.id(), job.terms()));
  }

  private static Provoked registration(
      TestMarket market, Address key, Address endorser, ResourceClass kind) {
    return new Provoked(
        market,
        market.envelope(key, new Command.RegisterWorker(Parties.owner(0), kind, 1)),
        new Author(Optional.of(key), Optional.of(endorser)));
  }

  private static Provoked provoke(Reason reason) {
    TestMarket market = TestMarket.open();
    Address builder = Parties.builder(0);
    Address validator = Parties.validator(0);
    TestJob job = market.job("j");
    return switch (reason) {
      case ALREADY_BORN ->
          by(
              market,
              Parties.STRANGER,
              new Command.Genesis(TestNetwork.of(4, 3, market.network().rules())));
      case NOT_BORN ->
          by(TestMarket.unborn(market.network()), validator, market.beatOf(validator, 0, 1));
      case BAD_SIGNATURE ->
          new Provoked(market, market.envelope(validator, new Command.Alive()), Author.NOBODY);
      case NOT_SIGNED_BY ->
          by(market, validator, new Command.SubmitJob(job.deposited().id(), job.terms()));
      case UNKNOWN_KEY -> by(market, Parties.STRANGER, new Command.Alive());
      case COMMAND_EXPIRED ->
          new Provoked(
              market,
              market.envelope(new Command.Alive(), 1_000, market.now()),
              Author.of(validator));
      case EXPIRY_TOO_FAR ->
          new Provoked(
              market,
              market.envelope(
                  new Command.Alive(), 1_000, market.now() + 2 * market.pace().commandLife() + 1),
              Author.of(validator));
      case NONCE_USED ->
          new Provoked(
              market,
              market.envelope(new Command.Alive(), 1, market.expiry()),
              Author.of(validator));
      case MALFORMED -> submission(job.deposited().shards(0), market);
      case NO_DEPOSIT -> by(market, validator, new Command.SubmitJob(job.id(), job.terms()));
      case JOB_EXISTS -> submission(job.submitted(), market);
      case UNKNOWN_JOB -> by(market, validator, new Command.CancelJob(job.id()));
      case JOB_ENDED -> {
        TestMarket.accepted(job.open().cancel());
        yield by(market, builder, new Command.CancelJob(job.id()));
      }
      case TOO_MANY_JOBS -> {
        TestMarket small = TestMarket.open(Presets.withJobs(1));
        small.job("first").submitted();
        yield submission(small.job("second").deposited(), small);
      }
      case BUDGET_TOO_SMALL ->
          submission(
              job.fundedExactly(job.terms().roundBudget().minus(Amount.of(1))).deposited(), market);
      case DEADLINE_PAST -> submission(job.deposited().deadlineAt(market.now()), market);
      case REFUND_TOO_EARLY ->
          submission(job.refundAt(market.now() / 1_000 + 3_600).deposited(), market);
      case UNKNOWN_CLASS -> submission(job.deposited().on(new ResourceClass("gpu")), market);
      case UNKNOWN_WORKER -> by(market, validator, new Command.Drain());
      case WORKER_OF_ANOTHER -> {
        List<TestWorker> first = market.workers(1);
        List<TestWorker> second = market.workers(1);
        yield registration(market, second.get(0).key(), first.get(0).owner(), TestNetwork.CPU);
      }
      case STAKE_TOO_SMALL -> {
        Address owner = market.workers(1).get(0).owner();
        yield registration(market, Parties.worker(1, 1), owner, TestNetwork.CPU);
      }
      case COOLING_DOWN -> {
        TestWorker worker = market.asking(1).get(0);
        job.open();
        worker.fails();
        yield by(market, worker.key(), new Command.PlaceAsk(UnitPrice.ZERO));
      }
      case NO_ASK -> by(market, market.workers(1).get(0).key(), new Command.WithdrawAsk());
      case NO_LEASE -> {
        List<TestWorker> workers = market.asking(2);
        Task task = job.open().task(0);
        Address other =
            workers.stream().filter(w -> w.task().isEmpty()).findFirst().orElseThrow().key();
        yield by(market, other, new Command.StartLease(task.id(), task.fence()));
      }
      case STALE_FENCE -> {
        market.asking(2);
        Task task = job.open().task(0);
        TestWorker holder = market.worker(task.lease().orElseThrow().worker());
        holder.fails();
        yield by(market, holder.key(), new Command.StartLease(task.id(), task.fence()));
      }
      case WRONG_PHASE -> {
        TestWorker worker = market.asking(1).get(0);
        Task task = job.open().task(0);
        worker.works();
        yield by(market, worker.key(), worker.commitment(task));
      }
      case NOT_A_VALIDATOR ->
          by(market, market.workers(1).get(0).key(), new Command.ReportSilent(List.of()));
      case UNKNOWN_FACT ->
          by(
              market,
              validator,
              new Command.Attest(new Fact.BatchOf(1), 0, new FactValue.BatchHash(Digest.ZERO)));
      case STALE_VIEW -> by(market, validator, termsVote(job.submitted(), 1, Digest.ZERO));
      case CONTRADICTION -> {
        market.accept(validator, termsVote(job.submitted(), 0, Digest.ZERO));
        yield by(market, validator, termsVote(job, 0, Digest.sha256(new byte[1])));
      }
      case WRONG_VALUE ->
          by(
              market,
              validator,
              new Command.Attest(
                  new Fact.TermsOf(job.submitted().id()), 0, new FactValue.BatchHash(Digest.ZERO)));
      case STALE_SLOT ->
          by(
              market,
              validator,
              market.beatOf(validator, market.state().clock().slot() + 1, market.clockMillis()));
      case WRONG_INPUTS -> {
        TestWorker worker = market.asking(1).get(0);
        Task task = job.open().task(0);
        TestMarket.accepted(worker.start());
        Digest lie = Inputs.of(Digest.ZERO, Digest.ZERO, Digest.ZERO);
        yield by(
            market,
            worker.key(),
            new Command.CommitResult(task.id(), 1, lie, Digest.sha256(new byte[1]), lie));
      }
      case UNPROVABLE -> {
        TestWorker worker = market.workers(1).get(0).offers(RuntimeKind.TORCH);
        Task task = job.unproven(Execution.TORCH).open().task(0);
        TestMarket.accepted(worker.start());
        Digest inputs = market.state().inputs(task);
        yield by(
            market,
            worker.key(),
            new Command.CommitDiverged(task.id(), 1, 3, Digest.sha256(new byte[1]), inputs));
      }
      case NOTHING_TO_REVEAL -> {
        TestWorker worker = market.asking(1).get(0);
        Task task = job.open().task(0);
        worker.works();
        yield by(market, worker.key(), opening(market, task, worker.key()));
      }
      case SEAL_BROKEN -> {
        TestMarket audited = TestMarket.audited();
        audited.asking(1);
        audited.asking(1);
        TestJob drawn = audited.job("drawn").open();
        Task task = drawn.task(0);
        TestWorker holder = audited.worker(task.lease().orElseThrow().worker());
        holder.works();
        audited.draws();
        audited.auditorsSeal();
        yield by(
            audited,
            holder.key(),
            new Command.Reveal(
                task.id(), 1, Digest.ZERO, drawn.result(0).claim().shown(), Digest.ZERO));
      }
      case NO_CHECKPOINTS -> {
        TestWorker worker = market.asking(1).get(0);
        Task task = job.open().task(0);
        TestMarket.accepted(worker.start());
        yield checkpoint(market, worker, task, 10);
      }
      case CHECKPOINT_STALE -> {
        TestWorker worker = market.asking(1).get(0);
        Task task = job.saved(10).open().task(0);
        TestMarket.accepted(worker.start());
        TestMarket.accepted(worker.saves(10));
        market.pass(market.pace().checkpoint());
        yield checkpoint(market, worker, task, 10);
      }
      case CHECKPOINT_TOO_SOON -> {
        TestWorker worker = market.asking(1).get(0);
        Task task = job.saved(10).open().task(0);
        TestMarket.accepted(worker.start());
        TestMarket.accepted(worker.saves(10));
        market.pass(market.pace().checkpoint() - 1);
        yield checkpoint(market, worker, task, 20);
      }
      case BEACON_MISMATCH -> {
        long slot = market.state().clock().slot();
        yield by(
            market,
            validator,
            new Command.Beat(slot, market.now(), 0, 0, Digest.ZERO, Optional.of(Digest.ZERO)));
      }
      case NO_CHALLENGE ->
          by(
              market,
              market.workers(1).get(0).key(),
              new Command.AnswerChallenge(Digest.ZERO, Digest.ZERO));
    };
  }

  private static Provoked checkpoint(TestMarket market, TestWorker worker, Task task, int step) {
    Digest blob = market.stateAt(task.id(), step);
    return by(
        market,
        worker.key(),
        new Command.SaveCheckpoint(task.id(), 1, step, blob, worker.inputs(task, false)));
  }

  private static Command.Reveal opening(TestMarket market, Task task, Address signer) {
    FactValue.Executed said = market.execute(task.id());
    return new Command.Reveal(
        task.id(),
        task.fence(),
        said.root(),
        said.shown(),
        market.salt(task.id(), task.fence(), signer));
  }

  private static Command.Attest termsVote(TestJob job, int view, Digest model) {
    return new Command.Attest(new Fact.TermsOf(job.id()), view, new FactValue.TermsHold(model));
  }
}
