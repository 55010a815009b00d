package io.shardex.market;

import io.shardex.market.state.LiveChallenge;
import io.shardex.market.state.Task;
import io.shardex.market.state.Worker;
import io.shardex.pricing.UnitPrice;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A provider's worker, whose owner has staked enough. It is honest unless it is told to lie. */
record TestWorker(TestMarket market, Address key, Address owner) {
  Worker worker() {
    return market.state().worker(key).orElseThrow();
  }

  Optional<Task> task() {
    return worker().lease().flatMap(market.state()::task);
  }

  TestWorker asks(UnitPrice reserve) {
    market.accept(key, new Command.PlaceAsk(reserve));
    return this;
  }

  /** Any price for what runs in these. */
  TestWorker offers(RuntimeKind... runtimes) {
    market.accept(key, new Command.PlaceAsk(UnitPrice.ZERO, Set.of(runtimes)));
    return this;
  }

  TestWorker asks() {
    return asks(UnitPrice.ZERO);
  }

  Outcome start() {
    Task task = task().orElseThrow();
    return market.send(key, new Command.StartLease(task.id(), task.fence()));
  }

  /** What it finds when it does its task. */
  FactValue.Executed truth() {
    return market.execute(task().orElseThrow().id());
  }

  Outcome givesUp(Event.Failure why) {
    Task task = task().orElseThrow();
    return market.send(key, new Command.GiveUpLease(task.id(), task.fence(), why));
  }

  /** What it has after so many steps from the start is in the grid. */
  Outcome saves(int step) {
    return saves(step, market.stateAt(task().orElseThrow().id(), step), false);
  }

  Outcome saves(int step, Digest blob, boolean resumed) {
    Task task = task().orElseThrow();
    return market.send(
        key,
        new Command.SaveCheckpoint(task.id(), task.fence(), step, blob, inputs(task, resumed)));
  }

  /** What a lease's holder says it began with: the start, or the checkpoint it was offered. */
  Digest inputs(Task task, boolean resumed) {
    return resumed
        ? market.state().inputs(task, task.earlierCheckpoints().getLast())
        : market.state().inputs(task);
  }

  Outcome commit() {
    return commit(truth());
  }

  /** Commits to this, gone on to from the checkpoint that the lease was offered. */
  Outcome commitsResumed(FactValue.Executed said) {
    Task task = task().orElseThrow();
    market.remember(task, key, said);
    return market.send(key, commitment(task, said, inputs(task, true)));
  }

  /** Commits to this, whatever is true. */
  Outcome commit(FactValue.Executed said) {
    Task task = task().orElseThrow();
    market.remember(task, key, said);
    return market.send(key, commitment(task, said));
  }

  /** Starts and commits whatever it holds. */
  void works() {
    works(truth());
  }

  void works(FactValue.Executed said) {
    TestMarket.accepted(start());
    TestMarket.accepted(commit(said));
  }

  /** Commits, and the validators find nothing where its result should be. */
  List<Event> fails() {
    Task task = task().orElseThrow();
    works();
    market.draws();
    return market.attest(
        new Fact.ResultUnusable(task.id(), task.fence()),
        new FactValue.Unusable(FactValue.Flaw.MISSING));
  }

  Command commitment(Task task) {
    return commitment(task, market.execute(task.id()));
  }

  private Command commitment(Task task, FactValue.Executed said) {
    return commitment(task, said, inputs(task, false));
  }

  private Command commitment(Task task, FactValue.Executed said, Digest inputs) {
    Digest seal = market.seal(task.id(), task.fence(), key, said);
    if (task.id().isAudit()) {
      return new Command.CommitAudit(task.id(), task.fence(), seal, inputs);
    }
    return said.divergedAt().isPresent()
        ? new Command.CommitDiverged(task.id(), task.fence(), said.divergedAt().get(), seal, inputs)
        : new Command.CommitResult(task.id(), task.fence(), said.shown(), seal, inputs);
  }

  Optional<LiveChallenge> challenge() {
    return market.state().challenge(key);
  }

  /** Answers its challenge rightly. */
  List<Event> answers() {
    return answers(TestMarket.root(challenge().orElseThrow()));
  }

  List<Event> answers(Digest root) {
    Digest seed = challenge().orElseThrow().challenge().seed();
    return market.accept(key, new Command.AnswerChallenge(seed, root));
  }

  /** Opens its answer where it was asked to. */
  List<Event> opens() {
    return opens(TestMarket.opening(challenge().orElseThrow()));
  }

  List<Event> opens(Digest blob) {
    Digest seed = challenge().orElseThrow().challenge().seed();
    return market.accept(key, new Command.OpenChallenge(seed, blob));
  }

  /** Opens the seal it made for a task of its own, result or audit. */
  Outcome reveal(TaskId task, long fence) {
    return reveal(task, fence, market.sealed(task, fence, key).orElseThrow());
  }

  Outcome reveal(TaskId task, long fence, FactValue.Executed said) {
    return market.send(
        key,
        new Command.Reveal(task, fence, said.root(), said.shown(), market.salt(task, fence, key)));
  }
}
