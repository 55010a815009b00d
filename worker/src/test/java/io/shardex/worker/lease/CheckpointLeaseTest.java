package io.shardex.worker.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.client.CollectorRegistry;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Event;
import io.shardex.market.Inputs;
import io.shardex.market.Rejection.Reason;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkId;
import io.shardex.worker.FakeNetwork;
import io.shardex.worker.TestJob;
import io.shardex.worker.metrics.WorkerMetrics;
import io.shardex.worker.runtime.ReferenceTrainer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shards that are saved on their way, and agents that go on with them. */
class CheckpointLeaseTest {
  private static final int STEPS = 96;

  @TempDir Path home = Path.of("set by JUnit");
  private final FakeNetwork network = new FakeNetwork();
  private final TestJob job =
      TestJob.of(
          network,
          TestJob.file("[784, 8, 10]", "0.05", "{accelerator: any}")
              + "  checkpoint: {every: 20 steps}\n");
  private final List<Agent> agents = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (Agent agent : agents) {
      agent.close();
    }
  }

  /** An agent with a folder of its own; it trains as slowly as its saver saves. */
  private final class Agent {
    final List<Integer> steps = new CopyOnWriteArrayList<>();
    private final SigningKey key;
    private final BlockingQueue<LeaseEnd> ends = new LinkedBlockingQueue<>();
    private final LeaseFolder folder;
    private final LeaseRunner runner;
    private int stopsAt = STEPS + 1;
    private boolean waits = true;
    private Runnable atStep30 = () -> {};

    Agent(String name) throws IOException {
      InstantSource clock = InstantSource.system();
      key = SigningKey.fromSeed(1, name);
      folder =
          LeaseFolder.open(
              home.resolve(name),
              network,
              TestJob.NETWORK,
              CacheFolder.open(home.resolve(name + "-cache"), 1L << 30, clock),
              256);
      runner =
          new LeaseRunner(
              new LeaseRunner.Author(
                  key,
                  new EnvelopeSigner(key, TestJob.NETWORK, new Nonces(clock), clock),
                  NetworkId.of(TestJob.NETWORK)),
              network,
              folder,
              Runtimes.training(new ReferenceTrainer(1)),
              new WorkerMetrics(new CollectorRegistry()).of(name, LeaseEnd.labels()),
              (task, fence, step, of, loss) -> stepped(fence, step),
              ends::add,
              Binding.ANYWHERE,
              time -> {});
      agents.add(this);
    }

    private void stepped(long fence, int step) {
      steps.add(step);
      if (waits && step % 20 == 10 && step - steps.getFirst() >= 20) {
        awaitSaved(fence, step);
      }
      if (step == 30) {
        atStep30.run();
      }
      if (step == stopsAt) {
        runner.gone(job.task(0), 1, "MOVED");
      }
    }

    Agent stopsAt(int step) {
      stopsAt = step;
      return this;
    }

    LeaseEnd run(LeaseOffer offer) throws InterruptedException {
      runner.take(offer);
      LeaseEnd end = ends.poll(60, TimeUnit.SECONDS);
      if (end == null) {
        throw new AssertionError("no lease ended within 60 s");
      }
      return end;
    }

    void close() throws IOException {
      runner.close();
      folder.close();
    }
  }

  /** Waits until a checkpoint of one of the 20 steps before was sent. */
  private void awaitSaved(long fence, int step) {
    await(
        () -> saved().stream().anyMatch(save -> save.fence() == fence && save.step() > step - 20),
        "a checkpoint before step " + step);
  }

  private static void await(BooleanSupplier condition, String what) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("expected " + what + " within 20 s");
      }
      Thread.onSpinWait();
    }
  }

  private List<Command.SaveCheckpoint> saved() {
    return sent(Command.SaveCheckpoint.class);
  }

  private <C extends Command> List<C> sent(Class<C> kind) {
    return network.envelopes().stream()
        .map(Envelope::command)
        .filter(kind::isInstance)
        .map(kind::cast)
        .toList();
  }

  private LeaseOffer offer(long fence, Optional<LeaseOffer.Checkpoint> from) {
    LeaseOffer fresh = job.lease(0, fence);
    return new LeaseOffer(
        fresh.task(),
        fresh.fence(),
        fresh.deadlineMillis(),
        fresh.nowMillis(),
        fresh.terms(),
        fresh.spec(),
        fresh.data(),
        fresh.baseModel(),
        false,
        from);
  }

  private LeaseOffer fresh(long fence) {
    return offer(fence, Optional.empty());
  }

  private Digest fromTheStart() {
    return Inputs.of(job.spec(), job.data(), job.baseModel());
  }

  /** A lease that was lost at step 70, whose last checkpoint is of step 60 or little later. */
  private Command.SaveCheckpoint lost() throws Exception {
    LeaseEnd end = new Agent("lost").stopsAt(70).run(fresh(1));
    assertEquals(LeaseEnd.Outcome.GONE, end.outcome(), end.detail());
    assertEquals(20, saved().getFirst().step());
    Command.SaveCheckpoint last = saved().getLast();
    assertTrue(last.step() >= 60 && last.step() <= 70, last::toString);
    return last;
  }

  private static LeaseOffer.Checkpoint at(Command.SaveCheckpoint save) {
    return new LeaseOffer.Checkpoint(save.step(), save.blob());
  }

  private Commitment commitment(Agent agent, long fence) {
    return agent.folder.journal().find(job.task(0), fence).orElseThrow();
  }

  @Test
  void anotherAgentGoesOnWithALostShardAndComesToTheSameResult() throws Exception {
    Command.SaveCheckpoint last = lost();
    assertEquals(fromTheStart(), last.inputs());
    Agent second = new Agent("second");

    LeaseEnd end = second.run(offer(2, Optional.of(at(last))));

    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    assertEquals(last.step() + 1, second.steps.getFirst());
    assertEquals(STEPS - last.step(), second.steps.size());
    Commitment resumed = commitment(second, 2);
    assertEquals(Inputs.of(job.spec(), job.data(), job.baseModel(), last.blob()), resumed.inputs());
    assertEquals(resumed.inputs(), saved().getLast().inputs());
    assertTrue(saved().getLast().step() >= last.step() + 20);
    Agent whole = new Agent("whole");
    whole.run(fresh(3));
    assertEquals(commitment(whole, 3).shown(), resumed.shown());
    assertEquals(commitment(whole, 3).root(), resumed.root());
    assertEquals(fromTheStart(), commitment(whole, 3).inputs());
  }

  @Test
  void twoAgentsSaveTheSameBytes() throws Exception {
    lost();
    Digest first = saved().getFirst().blob();
    new Agent("whole").run(fresh(2));
    assertEquals(
        List.of(first, first),
        saved().stream()
            .filter(save -> save.step() == 20)
            .map(Command.SaveCheckpoint::blob)
            .toList());
  }

  @Test
  void aCheckpointThatIsNowhereOrIsNoneCostsTimeOnly() throws Exception {
    Digest nowhere = Digest.sha256(new byte[] {1});
    Digest junk = network.store("no checkpoint".getBytes(StandardCharsets.UTF_8));
    Digest large = network.store(new byte[1 << 20]);
    Digest ofAnotherStep = lost().blob();
    long fence = 2;
    for (Digest blob : List.of(nowhere, junk, large, ofAnotherStep)) {
      Agent agent = new Agent("agent" + fence);
      LeaseEnd end = agent.run(offer(fence, Optional.of(new LeaseOffer.Checkpoint(30, blob))));
      assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
      assertEquals(1, agent.steps.getFirst());
      assertEquals(fromTheStart(), commitment(agent, fence).inputs());
      fence++;
    }
  }

  @Test
  void anAgentThatIsStartedAgainGoesOnFromItsOwnDisk() throws Exception {
    Path kept = home.resolve("kept");
    Agent interrupted = new Agent("interrupted");
    AtomicInteger copies = new AtomicInteger();
    network.answer(
        command -> {
          if (command instanceof Command.SaveCheckpoint && copies.get() == 0) {
            copy(home.resolve("interrupted").resolve("checkpoint"), kept);
            copies.incrementAndGet();
          }
          return FakeNetwork.accepted();
        });
    interrupted.run(fresh(7));
    assertEquals(1, copies.get());
    // A lease that is over leaves nothing; this is what it had on its way.
    assertTrue(Files.notExists(home.resolve("interrupted").resolve("checkpoint")));
    interrupted.close();
    agents.remove(interrupted);
    Files.delete(home.resolve("interrupted").resolve("journal"));
    Files.move(kept, home.resolve("interrupted").resolve("checkpoint"));

    Agent again = new Agent("interrupted");
    LeaseEnd end = again.run(fresh(7));

    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    assertEquals(21, again.steps.getFirst());
    assertEquals(fromTheStart(), commitment(again, 7).inputs());
    Agent other = new Agent("other lease");
    other.run(fresh(8));
    assertEquals(1, other.steps.getFirst());
  }

  private static void copy(Path from, Path to) {
    try {
      Files.copy(from, to);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsOnDiskIsOfOneLeaseAndIsNotUsedWhenDamaged() throws Exception {
    CheckpointFile file = new CheckpointFile(home.resolve("file"));
    assertEquals(Optional.empty(), file.find(job.task(0), 1));
    Digest inputs = fromTheStart();
    file.save(new CheckpointFile.Saved(job.task(0), 1, inputs, 20, new byte[] {1, 2, 3}));
    CheckpointFile.Saved found = file.find(job.task(0), 1).orElseThrow();
    assertEquals(20, found.step());
    assertEquals(inputs, found.inputs());
    assertEquals(3, found.checkpoint().length);
    assertEquals(Optional.empty(), file.find(job.task(0), 2));
    assertEquals(Optional.empty(), file.find(job.task(1), 1));
    byte[] content = Files.readAllBytes(home.resolve("file"));
    for (int i = 0; i < content.length; i++) {
      byte[] bent = content.clone();
      bent[i] ^= 1;
      Files.write(home.resolve("file"), bent);
      assertEquals(Optional.empty(), file.find(job.task(0), 1), "byte " + i);
    }
    file.clear();
    assertTrue(Files.notExists(home.resolve("file")));
  }

  @Test
  void aCheckpointThatComesTooSoonIsShownAgainAndNoOtherIsPutMeanwhile() throws Exception {
    AtomicInteger refusals = new AtomicInteger(3);
    network.answer(
        command ->
            command instanceof Command.SaveCheckpoint && refusals.getAndDecrement() > 0
                ? FakeNetwork.rejected(Reason.CHECKPOINT_TOO_SOON)
                : FakeNetwork.accepted());

    Agent hasty = new Agent("hasty");
    hasty.waits = false;
    hasty.atStep30 = () -> await(() -> saved().size() >= 4, "the fourth try");
    LeaseEnd end = hasty.run(fresh(1));

    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    List<Command.SaveCheckpoint> first =
        saved().stream().filter(save -> save.step() == 20).toList();
    assertEquals(4, first.size());
    assertEquals(1, first.stream().distinct().count());
    assertNotEquals(0, network.uploaded().size());
  }

  @Test
  void aCheckpointThatIsRefusedCostsTheLeaseNothing() throws Exception {
    network.answer(
        command ->
            command instanceof Command.SaveCheckpoint
                ? FakeNetwork.rejected(Reason.CHECKPOINT_STALE)
                : FakeNetwork.accepted());
    LeaseEnd end = new Agent("stale").run(fresh(1));
    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
  }

  @Test
  void aWorkerThatLeavesSavesWhatItHasAndGivesTheLeaseUp() throws Exception {
    Agent leaver = new Agent("leaver");
    leaver.waits = false;
    leaver.atStep30 = () -> leaves(leaver);
    LeaseEnd end = leaver.run(fresh(1));
    assertEquals(LeaseEnd.Outcome.ABANDONED, end.outcome(), end.detail());
    assertEquals(30, leaver.steps.getLast());
    assertEquals(30, saved().getLast().step());
    assertEquals(
        new Command.GiveUpLease(job.task(0), 1, Event.Failure.LEAVING),
        network.envelopes().getLast().command());
    assertTrue(Files.notExists(home.resolve("leaver").resolve("checkpoint")));
    Agent second = new Agent("second");
    second.waits = false;
    second.run(offer(2, Optional.of(at(saved().getLast()))));
    assertEquals(31, second.steps.getFirst());
  }

  @Test
  void aWorkerThatLeavesAnAuditOrAJobWithoutCheckpointsGivesUpAtOnce() throws Exception {
    TestJob plain = TestJob.good(network);
    for (LeaseOffer offer : List.of(plain.lease(0, 1), job.audit(0, 1, 1, job.baseModel()))) {
      Agent leaver = new Agent("leaver" + offer.task());
      leaver.waits = false;
      leaver.atStep30 = () -> leaves(leaver);
      LeaseEnd end = leaver.run(offer);
      assertEquals(LeaseEnd.Outcome.ABANDONED, end.outcome(), end.detail());
      assertEquals(30, leaver.steps.getLast());
      assertEquals(
          new Command.GiveUpLease(offer.task(), 1, Event.Failure.LEAVING),
          network.envelopes().getLast().command());
    }
    assertEquals(List.of(), saved());
  }

  @Test
  void anAgentThatPausesKeepsItsLeaseAndGoesOnFromTheStepItHadReached() throws Exception {
    Agent paused = new Agent("paused");
    paused.waits = false;
    paused.atStep30 = () -> pauses(paused);
    LeaseEnd end = paused.run(fresh(1));
    assertEquals(LeaseEnd.Outcome.ABANDONED, end.outcome(), end.detail());
    assertEquals(30, paused.steps.getLast());
    assertTrue(
        network.envelopes().stream()
            .noneMatch(sent -> sent.command() instanceof Command.GiveUpLease));
    paused.close();
    agents.remove(paused);

    Agent again = new Agent("paused");
    again.waits = false;
    end = again.run(fresh(1));

    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    assertEquals(31, again.steps.getFirst());
    assertEquals(fromTheStart(), commitment(again, 1).inputs());
  }

  private static void pauses(Agent agent) {
    try {
      assertFalse(agent.runner.pause(Duration.ZERO));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void leaves(Agent agent) {
    try {
      assertFalse(agent.runner.leave(Duration.ZERO));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aLeaseThatCannotBeFulfilledIsGivenUpAtOnce() throws Exception {
    LeaseOffer sound = fresh(1);
    LeaseOffer junk =
        new LeaseOffer(
            sound.task(),
            1,
            60_000,
            0,
            sound.terms(),
            network.store("no job file".getBytes(StandardCharsets.UTF_8)),
            sound.data(),
            sound.baseModel(),
            false);
    assertEquals(LeaseEnd.Outcome.FAILED, new Agent("a").run(junk).outcome());
    assertEquals(
        List.of(new Command.GiveUpLease(job.task(0), 1, Event.Failure.INPUTS_UNUSABLE)),
        sent(Command.GiveUpLease.class));
  }

  @Test
  void auditsAndJobsThatAskForNoneSaveNothing() throws Exception {
    TestJob plain = TestJob.good(network);
    Agent agent = new Agent("plain");
    agent.waits = false;
    assertEquals(LeaseEnd.Outcome.COMMITTED, agent.run(plain.lease(0, 1)).outcome());
    LeaseOffer audit = job.audit(0, 1, 1, job.baseModel());
    assertEquals(LeaseEnd.Outcome.COMMITTED, agent.run(audit).outcome());
    assertEquals(List.of(), saved());
  }
}
