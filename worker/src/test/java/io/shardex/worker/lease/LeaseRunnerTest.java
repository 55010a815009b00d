package io.shardex.worker.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.client.CollectorRegistry;
import io.shardex.market.Author;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Divergence;
import io.shardex.market.Envelope;
import io.shardex.market.Event;
import io.shardex.market.Inputs;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.Seals;
import io.shardex.market.TaskId;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.network.NetworkId;
import io.shardex.training.Aggregation;
import io.shardex.training.PlainTraining;
import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.ShardResult;
import io.shardex.worker.FakeNetwork;
import io.shardex.worker.TestJob;
import io.shardex.worker.metrics.WorkerMetrics;
import io.shardex.worker.runtime.ReferenceTrainer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LeaseRunnerTest {
  private static final SigningKey KEY = SigningKey.fromSeed(1, "worker");

  @TempDir Path home = Path.of("set by JUnit");
  private final FakeNetwork network = new FakeNetwork();
  private final TestJob job = TestJob.good(network);
  private final BlockingQueue<LeaseEnd> ends = new LinkedBlockingQueue<>();
  private final CollectorRegistry registry = new CollectorRegistry();
  private final WorkerMetrics metrics = new WorkerMetrics(registry);
  private LeaseRunner.Progress progress = (task, fence, step, steps, loss) -> {};
  private Binding binding = Binding.ANYWHERE;
  private @Nullable LeaseFolder folder;
  private @Nullable LeaseRunner open;

  @BeforeEach
  void start() throws IOException {
    InstantSource clock = InstantSource.system();
    LeaseFolder fresh =
        LeaseFolder.open(
            home.resolve("w"),
            network,
            TestJob.NETWORK,
            CacheFolder.open(home.resolve("cache"), 1L << 30, clock),
            256);
    folder = fresh;
    open =
        new LeaseRunner(
            new LeaseRunner.Author(
                KEY,
                new EnvelopeSigner(KEY, TestJob.NETWORK, new Nonces(clock), clock),
                NetworkId.of(TestJob.NETWORK)),
            network,
            fresh,
            Runtimes.training(new ReferenceTrainer(1)),
            metrics.of("w", LeaseEnd.labels()),
            (task, fence, step, steps, loss) -> progress.stepped(task, fence, step, steps, loss),
            ends::add,
            () -> binding.bindThisThread(),
            time -> {});
  }

  @AfterEach
  void stop() throws IOException {
    if (open != null) {
      open.close();
    }
    if (folder != null) {
      folder.close();
    }
  }

  private void restart() throws IOException {
    stop();
    start();
  }

  private LeaseRunner runner() {
    if (open == null) {
      throw new AssertionError("not started");
    }
    return open;
  }

  private LeaseEnd end() throws InterruptedException {
    LeaseEnd end = ends.poll(30, TimeUnit.SECONDS);
    if (end == null) {
      throw new AssertionError("no lease ended within 30 s");
    }
    return end;
  }

  private LeaseEnd run(LeaseOffer offer) throws InterruptedException {
    runner().take(offer);
    return end();
  }

  private <C extends Command> List<C> sent(Class<C> kind) {
    return network.envelopes().stream()
        .map(Envelope::command)
        .filter(kind::isInstance)
        .map(kind::cast)
        .toList();
  }

  @Test
  void leasesTrainWhatPlainTrainingTrainsBitForBit() throws Exception {
    List<ShardResult> results = new ArrayList<>();
    for (int shard = 0; shard < 3; shard++) {
      LeaseEnd end = run(job.lease(shard, 1));
      assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
      Digest blob = sent(Command.CommitResult.class).get(shard).result();
      results.add(ShardResult.decode(network.stored(blob), job.training(), 0, shard));
    }
    RoundModel base = InitialModel.of(job.training().model());
    RoundModel plain = PlainTraining.run(job.training(), job.samples(), (r, loss, model) -> {});

    assertEquals(plain.digest(), Aggregation.next(job.training(), base, results).digest());
  }

  @Test
  void everyCommandIsSignedByTheWorkerAndNamesTheLease() throws Exception {
    LeaseEnd end = run(job.lease(2, 7));

    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    AuthorRecovery recovery = new AuthorRecovery(TypedData.of(TestJob.NETWORK), Runnable::run, 1);
    for (Envelope envelope : network.envelopes()) {
      assertEquals(Author.of(KEY.address()), recovery.author(envelope));
    }
    assertEquals(List.of(new Command.StartLease(job.task(2), 7)), sent(Command.StartLease.class));
    Command.CommitResult commit = sent(Command.CommitResult.class).getFirst();
    assertEquals(7, commit.fence());
    assertEquals(job.task(2), commit.task());
  }

  @Test
  void theSealOpensWithTheJournalsRoot() throws Exception {
    run(job.lease(0, 3));

    Command.CommitResult commit = sent(Command.CommitResult.class).getFirst();
    NetworkId id = NetworkId.of(TestJob.NETWORK);
    Commitment kept = journal().find(job.task(0), 3).orElseThrow();
    assertEquals(Seal.of(KEY, id, job.task(0), 3, kept.root(), commit.result()), commit.seal());
  }

  @Test
  void anAuditTrainsFromTheOfferedBaseAndUploadsNothing() throws Exception {
    LeaseOffer training = with(job, job.spec(), job.data(), otherBase());
    assertEquals(LeaseEnd.Outcome.COMMITTED, run(training).outcome());
    run(job.lease(0, 2));
    Commitment audited = journal().find(job.task(0), 1).orElseThrow();
    Commitment ofOtherBase = journal().find(job.task(0), 2).orElseThrow();
    List<Digest> uploads = List.copyOf(network.uploaded());
    assertEquals(List.of(audited.shown(), ofOtherBase.shown()), uploads);

    LeaseEnd end = run(job.audit(0, 1, 1, training.baseModel()));

    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    Commitment found = journal().find(job.task(0).audit(1), 1).orElseThrow();
    assertEquals(audited.root(), found.root());
    assertEquals(audited.shown(), found.shown());
    assertNotEquals(ofOtherBase.shown(), found.shown());
    assertNotEquals(audited.seal(), found.seal());
    assertEquals(uploads, network.uploaded());
    assertEquals(2, sent(Command.CommitResult.class).size());
    assertEquals(
        List.of(
            new Command.StartLease(job.task(0), 1),
            new Command.StartLease(job.task(0), 2),
            new Command.StartLease(job.task(0).audit(1), 1)),
        sent(Command.StartLease.class));
  }

  private byte[] otherBase() {
    byte[] model = network.stored(job.baseModel());
    return poked(model, model.length - 4, 0x0000803f);
  }

  @Test
  void anAuditIsInTheJournalBeforeItIsCommitted() throws Exception {
    List<Optional<Digest>> journaled = new ArrayList<>();
    TaskId audit = job.task(1).audit(5);
    network.answer(
        command -> {
          if (command instanceof Command.CommitAudit) {
            journaled.add(journal().find(audit, 2).map(Commitment::seal));
          }
          return FakeNetwork.accepted();
        });

    run(job.audit(1, 5, 2, job.baseModel()));

    Command.CommitAudit commit = sent(Command.CommitAudit.class).getFirst();
    assertEquals(List.of(Optional.of(commit.seal())), journaled);
  }

  @Test
  void aCommitmentNamesWhatItWasMadeFrom() throws Exception {
    LeaseOffer offer = job.lease(0, 1);
    run(offer);

    assertEquals(
        Inputs.of(offer.spec(), offer.data(), offer.baseModel()),
        sent(Command.CommitResult.class).getFirst().inputs());
  }

  @Test
  void anAuditsSealOpensInTheMarketAndShowsNothingBefore() throws Exception {
    run(job.audit(1, 5, 2, job.baseModel()));

    TaskId audit = job.task(1).audit(5);
    Commitment kept = journal().find(audit, 2).orElseThrow();
    Digest salt = Seal.salt(KEY, NetworkId.of(TestJob.NETWORK), audit, 2);
    assertEquals(
        List.of(new Command.CommitAudit(audit, 2, opened(kept, salt), kept.inputs())),
        sent(Command.CommitAudit.class));
    assertNotEquals(opened(kept, Digest.ZERO), kept.seal());
  }

  /** The seal as the market makes it of what is revealed. */
  private static Digest opened(Commitment kept, Digest salt) {
    return Seals.seal(
        TestJob.NETWORK.chainId(),
        TestJob.NETWORK.settlement(),
        kept.task(),
        kept.fence(),
        KEY.address(),
        kept.root(),
        kept.shown(),
        salt);
  }

  @Test
  void aRestartedAuditorSendsItsSealAgainWithoutTraining() throws Exception {
    LeaseOffer audit = job.audit(1, 5, 2, job.baseModel());
    run(audit);
    restart();
    progress = (task, fence, step, steps, loss) -> assertEquals(0, step);

    assertEquals(LeaseEnd.Outcome.COMMITTED, run(audit).outcome());
    List<Command.CommitAudit> commits = sent(Command.CommitAudit.class);
    assertEquals(List.of(commits.getFirst(), commits.getFirst()), commits);
  }

  @Test
  void auditsCountInCpuSecondsOfTheirOwnAndNotAsTraining() throws Exception {
    run(job.audit(1, 5, 2, job.baseModel()));

    assertEquals(0.0, sample("shardex_worker_training_samples_total"));
    assertEquals(0.0, sample("shardex_worker_training_seconds_total"));
    assertTrue(metrics.auditSeconds() > 0);
    assertEquals(metrics.auditSeconds(), sample("shardex_worker_audit_cpu_seconds_total"));
    double audited = metrics.auditSeconds();

    run(job.lease(0, 1));
    assertEquals(audited, metrics.auditSeconds());
    assertEquals(1533.0 * 2, sample("shardex_worker_training_samples_total"));
  }

  private double sample(String name) {
    Double value = registry.getSampleValue(name, new String[] {"worker"}, new String[] {"w"});
    if (value == null) {
      throw new AssertionError("no series " + name);
    }
    return value;
  }

  private Journal journal() {
    if (folder == null) {
      throw new AssertionError("not started");
    }
    return folder.journal();
  }

  @Test
  void onlyTheShardsChunksAreFetchedAndOnlyOnce() throws Exception {
    run(job.lease(2, 1));

    // Samples 3066 to 4599 lie in bytes 2,403,760 to 3,606,415: chunks 2 and 3 of 0 to 3.
    List<String> first = network.takeFetched();
    assertEquals(
        List.of(job.images() + "+" + (2 << 20)),
        first.stream().filter(one -> one.startsWith(job.images().toString())).toList());

    run(job.lease(2, 2));
    assertEquals(List.of(), network.takeFetched());
  }

  @Test
  void aLeaseThatTheMachineFailsIsGivenUpAtOnce() throws Exception {
    progress =
        (task, fence, step, steps, loss) -> {
          if (step == 5) {
            runner().fail("Xid 79");
          }
          assertTrue(step <= 5, "trained on after the lease had failed");
        };

    LeaseEnd end = run(job.lease(0, 1));

    assertEquals(new LeaseEnd(job.task(0), 1, LeaseEnd.Outcome.FAILED, "Xid 79"), end);
    assertEquals(List.of(givenUp()), sent(Command.GiveUpLease.class));
    assertEquals(List.of(), sent(Command.CommitResult.class));
  }

  private Command.GiveUpLease givenUp() {
    return new Command.GiveUpLease(job.task(0), 1, Event.Failure.RUN_FAILED);
  }

  @Test
  void aResultThatIsThereWhenTheMachineFailsIsNotCommitted() throws Exception {
    progress =
        (task, fence, step, steps, loss) -> {
          if (step == steps) {
            runner().fail("Xid 79");
          }
        };

    assertEquals(LeaseEnd.Outcome.FAILED, run(job.lease(0, 1)).outcome());
    assertEquals(List.of(givenUp()), sent(Command.GiveUpLease.class));
    assertEquals(List.of(), sent(Command.CommitResult.class));
    assertEquals(Optional.empty(), journal().find(job.task(0), 1));
  }

  @Test
  void aCommittedResultStaysWhenTheMachineFails() throws Exception {
    int[] tries = {0};
    network.answer(
        command -> {
          if (command instanceof Command.CommitResult && tries[0]++ < 2) {
            runner().fail("Xid 79");
            throw FakeNetwork.trouble();
          }
          return FakeNetwork.accepted();
        });

    assertEquals(LeaseEnd.Outcome.COMMITTED, run(job.lease(0, 1)).outcome());
    assertEquals(List.of(), sent(Command.GiveUpLease.class));
  }

  @Test
  void eachLeaseIsBoundAndOneThatCannotBeIsGivenUp() throws Exception {
    List<String> threads = new ArrayList<>();
    binding = () -> threads.add(Thread.currentThread().getName());
    run(job.lease(0, 1));
    run(job.lease(1, 1));
    assertEquals(List.of("shardex-lease", "shardex-lease"), threads);
    binding =
        () -> {
          throw new IOException("processors 7 are gone");
        };

    LeaseEnd end = run(job.lease(0, 2));

    assertEquals(
        new LeaseEnd(job.task(0), 2, LeaseEnd.Outcome.FAILED, "processors 7 are gone"), end);
    assertEquals(
        List.of(new Command.GiveUpLease(job.task(0), 2, Event.Failure.RUN_FAILED)),
        sent(Command.GiveUpLease.class));
    binding = Binding.ANYWHERE;
    assertEquals(LeaseEnd.Outcome.COMMITTED, run(job.lease(0, 3)).outcome());
  }

  @Test
  void aLeaseThatIsGoneIsDroppedInTheMiddleOfItsTraining() throws Exception {
    progress =
        (task, fence, step, steps, loss) -> {
          if (step == 5) {
            runner().gone(task, fence, "EXPIRED");
          }
          assertTrue(step <= 5, "trained on after the lease was gone");
        };
    LeaseEnd end = run(job.lease(0, 1));

    assertEquals(new LeaseEnd(job.task(0), 1, LeaseEnd.Outcome.GONE, "EXPIRED"), end);
    assertEquals(List.of(), sent(Command.CommitResult.class));
    assertEquals(Optional.empty(), journal().find(job.task(0), 1));
    assertEquals(
        160.0,
        registry.getSampleValue(
            "shardex_worker_training_samples_total", new String[] {"worker"}, new String[] {"w"}));

    progress = (task, fence, step, steps, loss) -> {};
    assertEquals(LeaseEnd.Outcome.COMMITTED, run(job.lease(0, 2)).outcome());
  }

  @Test
  void aGoneOfAnotherFenceIsNotHeard() throws Exception {
    progress = (task, fence, step, steps, loss) -> runner().gone(task, fence - 1, "EXPIRED");

    assertEquals(LeaseEnd.Outcome.COMMITTED, run(job.lease(0, 2)).outcome());
  }

  @Test
  void aNewLeaseEndsTheOldOne() throws Exception {
    progress =
        (task, fence, step, steps, loss) -> {
          if (step == 2 && fence == 1) {
            runner().take(job.lease(1, 9));
          }
        };
    LeaseEnd first = run(job.lease(0, 1));

    assertEquals(LeaseEnd.Outcome.GONE, first.outcome());
    assertEquals(job.task(1), end().task());
  }

  @Test
  void aCommitmentWhoseAnswerIsLostIsSentAgainInTheSameEnvelope() throws Exception {
    int[] tries = {0};
    network.answer(
        command -> {
          if (command instanceof Command.CommitResult && tries[0]++ < 2) {
            throw FakeNetwork.trouble();
          }
          return command instanceof Command.CommitResult
              ? FakeNetwork.rejected(Reason.NONCE_USED)
              : FakeNetwork.accepted();
        });
    LeaseEnd end = run(job.lease(0, 1));

    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    List<Envelope> commits =
        network.envelopes().stream()
            .filter(envelope -> envelope.command() instanceof Command.CommitResult)
            .toList();
    assertEquals(3, commits.size());
    assertEquals(1, commits.stream().distinct().count());
  }

  @Test
  void theMarketsWordThatItHasTheResultDoesNotEndTheWaitForTheAnswer() throws Exception {
    network.answer(
        command -> {
          if (command instanceof Command.CommitResult commit) {
            runner().gone(commit.task(), commit.fence(), "COMMITTED");
          }
          return FakeNetwork.accepted();
        });

    assertEquals(LeaseEnd.Outcome.COMMITTED, run(job.lease(0, 1)).outcome());
  }

  @Test
  void aResultThatComesTooLateIsSentAllTheSameAndTheMarketSaysWhy() throws Exception {
    int[] tries = {0};
    network.answer(
        command -> {
          if (!(command instanceof Command.CommitResult commit)) {
            return FakeNetwork.accepted();
          }
          if (tries[0]++ == 0) {
            // The line is down; when it is back, the next node knows no lease of this worker.
            runner().gone(commit.task(), commit.fence(), "MOVED");
            throw FakeNetwork.trouble();
          }
          return FakeNetwork.rejected(Reason.STALE_FENCE);
        });

    LeaseEnd end = run(job.lease(0, 1));

    assertEquals(LeaseEnd.Outcome.GONE, end.outcome());
    assertEquals(
        "STALE_FENCE: as the test says. Next: drop the work: the task was leased again.",
        end.detail());
    List<Command.CommitResult> commits = sent(Command.CommitResult.class);
    assertEquals(List.of(commits.getFirst(), commits.getFirst()), commits);
    assertEquals(1, commits.getFirst().fence());
  }

  @Test
  void aResultThatTheNextNodeTakesAfterAllIsCommitted() throws Exception {
    int[] tries = {0};
    network.answer(
        command -> {
          if (command instanceof Command.CommitResult commit && tries[0]++ == 0) {
            runner().gone(commit.task(), commit.fence(), "MOVED");
            throw FakeNetwork.trouble();
          }
          return FakeNetwork.accepted();
        });

    assertEquals(LeaseEnd.Outcome.COMMITTED, run(job.lease(0, 1)).outcome());
  }

  @Test
  void aLeaseThatIsToldTwiceIsTrainedOnce() throws Exception {
    int[] first = {0};
    progress =
        (task, fence, step, steps, loss) -> {
          first[0] += step == 1 ? 1 : 0;
          if (step == 5) {
            runner().take(job.lease(0, 1));
          }
        };

    assertEquals(LeaseEnd.Outcome.COMMITTED, run(job.lease(0, 1)).outcome());
    assertEquals(1, first[0]);
    // When it is over, its result is all that is sent.
    assertEquals(LeaseEnd.Outcome.COMMITTED, run(job.lease(0, 1)).outcome());
    assertEquals(1, first[0]);
    List<Command.CommitResult> commits = sent(Command.CommitResult.class);
    assertEquals(List.of(commits.getFirst(), commits.getFirst()), commits);
  }

  @Test
  void aGridThatNamesAnotherBlobThanWasSentFailsTheLease() throws Exception {
    network.liesAboutUploads(true);

    LeaseEnd end = run(job.lease(0, 1));

    assertEquals(LeaseEnd.Outcome.FAILED, end.outcome());
    assertTrue(end.detail().startsWith("expected the grid to store "), end.detail());
    assertEquals(List.of(), sent(Command.CommitResult.class));
    assertEquals(List.of(givenUp()), sent(Command.GiveUpLease.class));
  }

  @Test
  void aNewLeaseDoesNotEndTheWaitForTheAnswerToACommitment() throws Exception {
    network.answer(
        command -> {
          if (command instanceof Command.CommitResult commit && commit.fence() == 1) {
            runner().take(job.lease(1, 9));
          }
          return FakeNetwork.accepted();
        });

    assertEquals(LeaseEnd.Outcome.COMMITTED, run(job.lease(0, 1)).outcome());
    LeaseEnd next = end();
    assertEquals(job.task(1), next.task());
    assertEquals(LeaseEnd.Outcome.COMMITTED, next.outcome());
  }

  @Test
  void closingEndsTheWaitForAnAnswerAndTheLeaseBehindIt() throws Exception {
    network.answer(
        command -> {
          if (command instanceof Command.CommitResult) {
            runner().take(job.lease(1, 9));
            runner().close();
            throw FakeNetwork.trouble();
          }
          return FakeNetwork.accepted();
        });

    assertEquals(LeaseEnd.Outcome.ABANDONED, run(job.lease(0, 1)).outcome());
    assertEquals(LeaseEnd.Outcome.ABANDONED, end().outcome());
  }

  @Test
  void aRefusedCommitmentEndsTheLease() throws Exception {
    network.answer(
        command ->
            command instanceof Command.CommitResult
                ? FakeNetwork.rejected(Reason.STALE_FENCE)
                : FakeNetwork.accepted());
    LeaseEnd end = run(job.lease(0, 1));

    assertEquals(LeaseEnd.Outcome.GONE, end.outcome());
    assertTrue(end.detail().contains("STALE_FENCE"));
  }

  @Test
  void aRefusedStartTrainsNothing() throws Exception {
    network.answer(command -> FakeNetwork.rejected(Reason.NO_LEASE));
    progress = (task, fence, step, steps, loss) -> assertEquals(0, step);

    assertEquals(LeaseEnd.Outcome.GONE, run(job.lease(0, 1)).outcome());
  }

  @Test
  void aRestartedWorkerSendsItsCommitmentAgainWithoutTraining() throws Exception {
    network.answer(
        command -> {
          if (command instanceof Command.CommitResult commit) {
            // The agent is stopped before any answer comes.
            runner().gone(commit.task(), commit.fence(), "the agent stops");
            throw FakeNetwork.trouble();
          }
          return FakeNetwork.accepted();
        });
    assertEquals(LeaseEnd.Outcome.GONE, run(job.lease(1, 4)).outcome());
    restart();
    network.answer(command -> FakeNetwork.accepted());
    network.takeFetched();
    progress = (task, fence, step, steps, loss) -> assertEquals(0, step);
    LeaseEnd end = run(job.lease(1, 4));

    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    assertEquals(List.of(), network.takeFetched());
    List<Command.CommitResult> commits = sent(Command.CommitResult.class);
    assertEquals(2, commits.size());
    assertEquals(commits.get(0), commits.get(1));
  }

  @Test
  void aWorkerRestartedBeforeItCommittedTrainsAnewToTheSameResult() throws Exception {
    progress =
        (task, fence, step, steps, loss) -> {
          if (step == 3) {
            runner().gone(task, fence, "the agent stops");
          }
        };
    assertEquals(LeaseEnd.Outcome.GONE, run(job.lease(1, 4)).outcome());
    restart();
    progress = (task, fence, step, steps, loss) -> {};
    run(job.lease(1, 4));
    run(job.lease(1, 5));

    List<Command.CommitResult> commits = sent(Command.CommitResult.class);
    assertEquals(commits.get(0).result(), commits.get(1).result());
    assertFalse(commits.get(0).seal().equals(commits.get(1).seal()));
  }

  @Test
  void trainingThatDivergesIsSaidWithItsStep() throws Exception {
    float[] huge = new float[job.training().model().parameterCount()];
    Arrays.fill(huge, Float.MAX_VALUE);
    RoundModel base = new RoundModel(job.training().model(), 0, Parameters.of(huge));
    LeaseEnd end = run(with(job, job.spec(), job.data(), base.encode()));

    assertEquals(LeaseEnd.Outcome.DIVERGED, end.outcome(), end.detail());
    Command.CommitDiverged said = sent(Command.CommitDiverged.class).getFirst();
    assertTrue(said.step() > 0);
    assertEquals(List.of(), sent(Command.CommitResult.class));
    assertEquals(List.of(), network.uploaded());
    Commitment kept = journal().find(job.task(0), 1).orElseThrow();
    assertEquals(Divergence.shown(said.step()), kept.shown());
    Digest salt = Seal.salt(KEY, NetworkId.of(TestJob.NETWORK), job.task(0), 1);
    assertEquals(opened(kept, salt), said.seal());

    Digest sameBase = network.store(base.encode());
    assertEquals(LeaseEnd.Outcome.DIVERGED, run(job.audit(0, 1, 1, sameBase)).outcome());
    Commitment audit = journal().find(job.task(0).audit(1), 1).orElseThrow();
    assertEquals(kept.shown(), audit.shown());
    assertEquals(kept.root(), audit.root());
    assertEquals(
        List.of(new Command.CommitAudit(audit.task(), 1, audit.seal(), audit.inputs())),
        sent(Command.CommitAudit.class));
  }

  @Test
  void closingAbandonsTheLease() throws Exception {
    BlockingQueue<Integer> started = new LinkedBlockingQueue<>();
    network.answer(
        command -> {
          started.add(1);
          throw FakeNetwork.trouble();
        });
    runner().take(job.lease(0, 1));
    assertEquals(1, started.poll(30, TimeUnit.SECONDS));
    runner().close();

    assertEquals(LeaseEnd.Outcome.ABANDONED, end().outcome());
  }

  @Test
  void oneFolderIsForOneAgent() {
    IOException refused =
        assertThrows(
            IOException.class,
            () ->
                LeaseFolder.open(
                    home.resolve("w"),
                    network,
                    TestJob.NETWORK,
                    CacheFolder.open(home.resolve("cache"), 0, InstantSource.system()),
                    1));
    assertTrue(String.valueOf(refused.getMessage()).contains("another agent"));
  }

  /** What strangers may send, and a part of the reason the lease fails with. */
  enum Hostile {
    JOB_FILE_IS_NO_YAML("the job file"),
    JOB_FILE_IS_TOO_LONG("at most"),
    TERMS_OF_ANOTHER_JOB("the job's terms"),
    DESCRIPTION_IS_NOISE("the data's description"),
    DESCRIPTION_IS_TOO_LONG("at most"),
    DATA_OF_ANOTHER_JOB("the job's terms"),
    IMAGES_ARE_SHORT("another length"),
    LABELS_BEYOND_THE_CLASSES("label 10"),
    MODEL_IS_NOISE("the round's model"),
    MODEL_IS_TOO_LONG("at most"),
    MODEL_OF_ANOTHER_ROUND("the round's model"),
    MODEL_IS_NOT_FINITE("the round's model"),
    SHARD_BEYOND_THE_LAST("3 shards"),
    ROUND_BEYOND_THE_LAST("1 rounds"),
    NEGATIVE_ROUND("1 rounds"),
    MORE_MEMORY_THAN_IT_CLAIMS("256 MiB");

    private final String reason;

    Hostile(String reason) {
      this.reason = reason;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aHostileLeaseFailsWithAReasonAndTheAgentGoesOn(Hostile hostile) throws Exception {
    LeaseEnd end = run(offer(hostile));

    assertEquals(LeaseEnd.Outcome.FAILED, end.outcome(), end.detail());
    assertTrue(end.detail().contains(hostile.reason), end.detail());
    assertEquals(
        List.of(Event.Failure.INPUTS_UNUSABLE),
        network.envelopes().stream()
            .map(envelope -> ((Command.GiveUpLease) envelope.command()).why())
            .toList());
    assertEquals(LeaseEnd.Outcome.COMMITTED, run(job.lease(0, 1)).outcome());
  }

  private LeaseOffer offer(Hostile hostile) {
    byte[] model = network.stored(job.baseModel());
    return switch (hostile) {
      case JOB_FILE_IS_NO_YAML -> with(job, network.store(bytes("{{")), job.data(), null);
      case JOB_FILE_IS_TOO_LONG ->
          with(job, network.store(new byte[JobFile.MAX_BYTES + 1]), job.data(), null);
      case TERMS_OF_ANOTHER_JOB -> with(job, other().spec(), job.data(), null);
      case DESCRIPTION_IS_NOISE -> with(job, job.spec(), network.store(new byte[104]), null);
      case DESCRIPTION_IS_TOO_LONG -> with(job, job.spec(), network.store(new byte[1 << 20]), null);
      case DATA_OF_ANOTHER_JOB -> with(job, job.spec(), highLabels().data(), null);
      case IMAGES_ARE_SHORT -> shortImages();
      case LABELS_BEYOND_THE_CLASSES -> highLabels().lease(0, 1);
      case MODEL_IS_NOISE -> with(job, job.spec(), job.data(), new byte[model.length]);
      case MODEL_IS_TOO_LONG -> with(job, job.spec(), job.data(), new byte[model.length + 1]);
      case MODEL_OF_ANOTHER_ROUND -> with(job, job.spec(), job.data(), poked(model, 16, 1));
      case MODEL_IS_NOT_FINITE ->
          with(job, job.spec(), job.data(), poked(model, model.length - 4, 0x0000c07f));
      case SHARD_BEYOND_THE_LAST -> at(new TaskId(job.task(0).job(), 1, 3));
      case ROUND_BEYOND_THE_LAST -> at(new TaskId(job.task(0).job(), 2, 0));
      case NEGATIVE_ROUND -> at(new TaskId(job.task(0).job(), -1, 0));
      case MORE_MEMORY_THAN_IT_CLAIMS ->
          TestJob.of(
                  network,
                  TestJob.file("[784, 20000, 10]", "0.05", "{accelerator: any, memory: 1MiB}"))
              .lease(0, 1);
    };
  }

  private TestJob other() {
    return TestJob.of(network, TestJob.file("[784, 9, 10]", "0.05", "{accelerator: any}"));
  }

  private TestJob highLabels() {
    return TestJob.of(
        network,
        TestJob.file("[784, 8, 10]", "0.05", "{accelerator: any}"),
        new byte[TestJob.SAMPLES * TestJob.FEATURES],
        TestJob.labelsTooHigh());
  }

  /** The images' blob has fewer bytes than its description says. */
  private LeaseOffer shortImages() {
    FakeNetwork elsewhere = new FakeNetwork();
    TestJob whole =
        TestJob.of(
            elsewhere,
            TestJob.file("[784, 8, 10]", "0.04", "{accelerator: any}"),
            new byte[TestJob.SAMPLES * TestJob.FEATURES],
            new byte[TestJob.SAMPLES]);
    network.storeAs(whole.images(), new byte[1_000]);
    for (Digest blob : List.of(whole.spec(), whole.data(), whole.baseModel())) {
      network.store(elsewhere.stored(blob));
    }
    network.store(
        ByteBuffer.allocate(8 + TestJob.SAMPLES).putInt(0x0801).putInt(TestJob.SAMPLES).array());
    return whole.lease(0, 1);
  }

  private LeaseOffer with(TestJob base, Digest spec, Digest data, byte @Nullable [] model) {
    return new LeaseOffer(
        base.task(0),
        1,
        60_000,
        0,
        base.terms(),
        spec,
        data,
        model == null ? base.baseModel() : network.store(model),
        false);
  }

  private LeaseOffer at(TaskId task) {
    return new LeaseOffer(
        task, 1, 60_000, 0, job.terms(), job.spec(), job.data(), job.baseModel(), false);
  }

  /** A copy with four bytes, as they stand in the file, put at an offset. */
  private static byte[] poked(byte[] bytes, int at, int value) {
    byte[] copy = bytes.clone();
    ByteBuffer.wrap(copy).putInt(at, value == 1 ? Integer.reverseBytes(1) : value);
    return copy;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void endedLeasesAreCountedByOutcome() throws Exception {
    run(offer(Hostile.MODEL_IS_NOISE));
    run(job.lease(0, 1));

    assertEquals(1.0, leases("committed"));
    assertEquals(1.0, leases("failed"));
    assertEquals(
        2.0 * 1533,
        registry.getSampleValue(
            "shardex_worker_training_samples_total", new String[] {"worker"}, new String[] {"w"}));
  }

  private Double leases(String outcome) {
    return registry.getSampleValue(
        "shardex_worker_leases_total",
        new String[] {"worker", "outcome"},
        new String[] {"w", outcome});
  }
}
