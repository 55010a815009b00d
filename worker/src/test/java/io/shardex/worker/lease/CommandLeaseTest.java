package io.shardex.worker.lease;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.prometheus.client.CollectorRegistry;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Event;
import io.shardex.market.Inputs;
import io.shardex.market.JobId;
import io.shardex.market.Rejection;
import io.shardex.market.RuntimeKind;
import io.shardex.market.TaskId;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.protocol.job.CommandInputs;
import io.shardex.protocol.job.CommandPlan;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkId;
import io.shardex.training.proof.ReferenceChain;
import io.shardex.worker.FakeNetwork;
import io.shardex.worker.TestJob;
import io.shardex.worker.device.Placement;
import io.shardex.worker.metrics.WorkerMetrics;
import io.shardex.worker.runtime.ReferenceTrainer;
import io.shardex.worker.runtime.sandbox.ContainerEdits;
import io.shardex.worker.runtime.sandbox.OciRuntime;
import io.shardex.worker.runtime.sandbox.TarMaker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leases of commands; those that run one need root and runc, and are skipped by name elsewhere. */
class CommandLeaseTest {
  private static final SigningKey KEY = SigningKey.fromSeed(1, "worker");

  private static final String FILE =
      """
      apiVersion: shardex.io/v1
      kind: CommandJob
      metadata: {name: tiny}
      spec:
        command: [/bin/sh, run.sh, hello]
        image: {format: tar, file: root.tar}
        inputs: [{name: run.sh, file: run.sh}]
        environment: [GREETING=good day]
        limits: {memoryMiB: 64, cpuMillis: 500, pids: 8, diskMiB: 8, minutes: 2, outputMiB: 1}
        shards: 2
        resources: {accelerator: cpu}
        price: {budget: "5.00", maxPerHour: "0.40"}
        deadline: 30m
      """;

  @TempDir Path home = Path.of("set by JUnit");
  private final FakeNetwork network = new FakeNetwork();
  private final BlockingQueue<LeaseEnd> ends = new LinkedBlockingQueue<>();
  private @Nullable LeaseFolder folder;
  private @Nullable LeaseRunner runner;

  private volatile IntConsumer progress = step -> {};

  private void onProgress(IntConsumer heard) {
    progress = heard;
  }

  @AfterEach
  void stop() throws IOException {
    if (runner != null) {
      runner.close();
    }
    if (folder != null) {
      folder.close();
    }
  }

  @Test
  void anAgentWithoutASandboxRunsNoCommand() throws Exception {
    LeaseEnd end = run(Runtimes.training(new ReferenceTrainer(1)), offer(FILE, "true"));

    assertEquals(LeaseEnd.Outcome.FAILED, end.outcome());
    assertEquals("this agent does not run commands", end.detail());
    assertEquals(
        List.of(Event.Failure.INPUTS_UNUSABLE),
        network.envelopes().stream()
            .map(envelope -> ((Command.GiveUpLease) envelope.command()).why())
            .toList());
  }

  @Test
  void aCommandsOutputIsCommitted() throws Exception {
    Runtimes runtimes = runtimes();
    assertEquals(Set.of(RuntimeKind.REFERENCE, RuntimeKind.SANDBOX), runtimes.kinds());

    LeaseEnd end =
        run(
            runtimes,
            offer(
                FILE, "echo $1 from $RANK of $WORLD_SIZE; echo $GREETING > $SHARDEX_OUT/greeting"));

    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    Command.CommitResult commit = last(Command.CommitResult.class);
    Map<String, String> output = files(network.stored(commit.result()));
    assertEquals(Set.of("end.txt", "log.txt", "out/", "out/greeting"), output.keySet());
    assertEquals("hello from 1 of 2\n", output.get("log.txt"));
    assertEquals("good day\n", output.get("out/greeting"));
    assertTrue(text(output, "end.txt").startsWith("cause: EXITED\nexitCode: 0\n"));
    assertEquals(1, network.uploadedFiles().size());
    assertFalse(Files.exists(network.uploadedFiles().getFirst()));
    assertNothingIsLeft();
  }

  @Test
  void aCommandThatFailsHasAResultThatSaysWhy() throws Exception {
    LeaseEnd end = run(runtimes(), offer(FILE, "echo no such data; exit 3"));

    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    Map<String, String> output = files(network.stored(last(Command.CommitResult.class).result()));
    assertEquals("no such data\n", output.get("log.txt"));
    assertTrue(text(output, "end.txt").startsWith("cause: EXITED\nexitCode: 3\n"));
  }

  @Test
  void anOutputThatIsTooLargeIsNamedInItsPlace() throws Exception {
    LeaseEnd end =
        run(
            runtimes(),
            offer(
                FILE,
                "i=0; while [ $i -lt 200000 ]; do echo 0123456789; i=$((i+1)); done > $SHARDEX_OUT/x"));

    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    Map<String, String> output = files(network.stored(last(Command.CommitResult.class).result()));
    assertFalse(output.containsKey("out/x"));
    assertTrue(text(output, "end.txt").contains("the output is too large"), output::toString);
  }

  @Test
  void moreThanTheAgentGivesIsRefusedBeforeAnythingIsFetched() throws Exception {
    Runtimes runtimes = runtimes();
    Map<String, String> refusals =
        Map.of(
            FILE.replace("memoryMiB: 64", "memoryMiB: 300"), "MiB of memory",
            FILE.replace("cpuMillis: 500", "cpuMillis: 1500"), "thousandths of a processor",
            FILE.replace("diskMiB: 8", "diskMiB: 400"), "MiB of disk",
            FILE.replace("  shards: 2", "  network: true\n  shards: 2"), "the internet");

    for (Map.Entry<String, String> refusal : refusals.entrySet()) {
      LeaseEnd end = run(runtimes, offer(refusal.getKey(), "true"));

      assertEquals(LeaseEnd.Outcome.FAILED, end.outcome());
      assertTrue(end.detail().contains(refusal.getValue()), end::detail);
      // At most the job file and the description of its inputs.
      assertTrue(network.takeFetched().size() <= 2);
      stop();
    }
  }

  @Test
  void aCommandThatNeedsTheInternetHasItFromAnAgentThatGivesIt() throws Exception {
    Runtimes runtimes = runtimes(true);
    assertEquals(
        Set.of(RuntimeKind.REFERENCE, RuntimeKind.SANDBOX, RuntimeKind.SANDBOX_ONLINE),
        runtimes.kinds());
    String script =
        "read line < /etc/resolv.conf; echo $line; while read name rest; do echo $name; done <"
            + " /proc/net/dev";

    assertEquals(
        LeaseEnd.Outcome.COMMITTED,
        run(runtimes, offer(FILE.replace("  shards: 2", "  network: true\n  shards: 2"), script))
            .outcome());
    String log = text(files(network.stored(last(Command.CommitResult.class).result())), "log.txt");
    assertTrue(log.startsWith("nameserver 10.0.2.3\n"), log);
    assertTrue(log.contains("tap0:\n"), log);
    assertNothingIsLeft();
    stop();

    assertEquals(LeaseEnd.Outcome.COMMITTED, run(runtimes, offer(FILE, script)).outcome());
    log = text(files(network.stored(last(Command.CommitResult.class).result())), "log.txt");
    assertFalse(log.contains("nameserver") || log.contains("tap0"), log);
  }

  @Test
  void termsThatAreNotTheFilesAreNotWorkedFor() throws Exception {
    LeaseOffer cheap = offer(FILE.replace("minutes: 2", "minutes: 1"), "true");
    LeaseOffer offered = offer(FILE, "true");
    LeaseEnd end =
        run(
            runtimes(),
            new LeaseOffer(
                offered.task(),
                1,
                60_000,
                0,
                cheap.terms(),
                offered.spec(),
                offered.data(),
                Digest.ZERO,
                false));

    assertEquals(LeaseEnd.Outcome.FAILED, end.outcome());
    assertTrue(end.detail().startsWith("the job's terms: expected shardWork"), end::detail);
  }

  @Test
  void aRootFileSystemThatIsNoneIsNamed() throws Exception {
    LeaseEnd end = run(runtimes(), offer(FILE, "true", "x".repeat(5_000).getBytes(UTF_8)));

    assertEquals(LeaseEnd.Outcome.FAILED, end.outcome());
    assertEquals(List.of(), sent(Command.StartLease.class));
    assertNothingIsLeft();
  }

  @Test
  void aLeaseThatIsOverKillsItsCommand() throws Exception {
    Runtimes runtimes = runtimes();
    LeaseOffer offer = offer(FILE, "while :; do :; done");
    network.answer(
        command -> {
          if (command instanceof Command.StartLease && runner != null) {
            runner.gone(offer.task(), 1, "EXPIRED");
          }
          return FakeNetwork.accepted();
        });

    LeaseEnd end = run(runtimes, offer);

    assertEquals(LeaseEnd.Outcome.GONE, end.outcome());
    assertEquals(List.of(), sent(Command.CommitResult.class));
    assertNothingIsLeft();
  }

  // Commands that are saved.

  /** Counts in its checkpoint folder, as far as its line says. */
  private static final String COUNTS =
      """
      n=0
      if [ -f $SHARDEX_CHECKPOINT/n ]; then while read x; do n=$x; done < $SHARDEX_CHECKPOINT/n; fi
      echo began at $n
      while :; do n=$((n+1)); echo $n >> $SHARDEX_CHECKPOINT/n; done
      """;

  private static String savedEvery(String time) {
    return FILE.replace("  shards: 2", "  checkpoint: {every: " + time + "}\n  shards: 2");
  }

  private LeaseOffer resumed(LeaseOffer offer, int step, Digest blob) {
    return new LeaseOffer(
        offer.task(),
        offer.fence() + 1,
        60_000,
        0,
        offer.terms(),
        offer.spec(),
        offer.data(),
        offer.baseModel(),
        false,
        Optional.of(new LeaseOffer.Checkpoint(step, blob)));
  }

  @Test
  void aCommandIsSavedWhileItRunsAndAnotherLeaseGoesOnFromThere() throws Exception {
    Runtimes runtimes = runtimes();
    LeaseOffer offer = offer(savedEvery("1s"), COUNTS);
    network.answer(
        command -> {
          if (command instanceof Command.SaveCheckpoint && runner != null) {
            runner.gone(offer.task(), 1, "EXPIRED");
          }
          return FakeNetwork.accepted();
        });
    assertEquals(LeaseEnd.Outcome.GONE, run(runtimes, offer).outcome());
    Command.SaveCheckpoint saved = last(Command.SaveCheckpoint.class);
    assertTrue(saved.step() >= 1, saved::toString);
    assertEquals(Inputs.of(offer.spec(), offer.data(), offer.baseModel()), saved.inputs());
    int reached = count(files(network.stored(saved.blob())));
    assertNothingIsLeft();
    stop();

    network.answer(command -> FakeNetwork.accepted());
    LeaseOffer next =
        resumed(offer(savedEvery("1s"), COUNTS.replace("while :", "exit; while :")), saved);
    assertEquals(LeaseEnd.Outcome.COMMITTED, run(runtimes, next).outcome());
    Command.CommitResult commit = last(Command.CommitResult.class);
    assertEquals(
        "began at " + reached + "\n", files(network.stored(commit.result())).get("log.txt"));
    assertEquals(
        Inputs.of(next.spec(), next.data(), next.baseModel(), saved.blob()), commit.inputs());
    assertNothingIsLeft();
  }

  private LeaseOffer resumed(LeaseOffer offer, Command.SaveCheckpoint saved) {
    return resumed(offer, saved.step(), saved.blob());
  }

  private static int count(Map<String, String> checkpoint) {
    return (int) text(checkpoint, "n").lines().count();
  }

  @Test
  void aWorkerThatLeavesSavesItsCommandOnceMore() throws Exception {
    Runtimes runtimes = runtimes();
    onProgress(
        step -> {
          if (step == 1) {
            leave();
          }
        });

    LeaseEnd end = run(runtimes, offer(savedEvery("1h"), COUNTS));

    assertEquals(LeaseEnd.Outcome.ABANDONED, end.outcome());
    assertEquals(1, sent(Command.SaveCheckpoint.class).size());
    assertTrue(count(files(network.stored(last(Command.SaveCheckpoint.class).blob()))) > 0);
    assertEquals(Event.Failure.LEAVING, last(Command.GiveUpLease.class).why());
    assertNothingIsLeft();
  }

  @Test
  void aCheckpointThatCannotBeRestoredCostsTimeAndNothingElse() throws Exception {
    byte[] evil = new TarMaker().file("../evil", "x".getBytes(UTF_8), 0644).bytes();
    LeaseOffer offer = offer(savedEvery("1h"), COUNTS.replace("while :", "exit; while :"));

    LeaseEnd end = run(runtimes(), resumed(offer, 30, network.store(evil)));

    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    Command.CommitResult commit = last(Command.CommitResult.class);
    assertEquals("began at 0\n", files(network.stored(commit.result())).get("log.txt"));
    assertEquals(Inputs.of(offer.spec(), offer.data(), offer.baseModel()), commit.inputs());
  }

  @Test
  void whoBeginsAnewCountsOnFromWhatIsPaid() throws Exception {
    Runtimes runtimes = runtimes();
    LeaseOffer offer = offer(savedEvery("1s"), COUNTS);
    network.answer(
        command -> {
          if (command instanceof Command.SaveCheckpoint && runner != null) {
            runner.gone(offer.task(), 2, "EXPIRED");
          }
          return FakeNetwork.accepted();
        });

    LeaseEnd end = run(runtimes, resumed(offer, 30, network.store(new byte[] {1})));

    assertEquals(LeaseEnd.Outcome.GONE, end.outcome());
    Command.SaveCheckpoint saved = last(Command.SaveCheckpoint.class);
    assertTrue(saved.step() > 30, saved::toString);
    assertEquals(Inputs.of(offer.spec(), offer.data(), offer.baseModel()), saved.inputs());
  }

  @Test
  void whatIsPaidForAlreadyIsNotRunAgain() throws Exception {
    byte[] saved = new TarMaker().file("n", "7\n".getBytes(UTF_8), 0644).bytes();
    LeaseOffer offer = offer(savedEvery("1h"), COUNTS);

    LeaseEnd end = run(runtimes(), resumed(offer, 119, network.store(saved)));

    assertEquals(LeaseEnd.Outcome.COMMITTED, end.outcome(), end.detail());
    Map<String, String> output = files(network.stored(last(Command.CommitResult.class).result()));
    assertEquals("began at 7\n", output.get("log.txt"));
    assertTrue(text(output, "end.txt").startsWith("cause: OUT_OF_TIME\n"), output::toString);
    assertEquals(List.of(), sent(Command.SaveCheckpoint.class));
  }

  @Test
  void whatIsAsItWasIsNotSavedAgainUnlessItCouldNotBe() throws Exception {
    AtomicInteger savedAt = new AtomicInteger(Integer.MAX_VALUE - 3);
    network.answer(
        command -> {
          if (command instanceof Command.SaveCheckpoint save) {
            if (sent(Command.SaveCheckpoint.class).size() == 1) {
              return FakeNetwork.rejected(Rejection.Reason.WRONG_PHASE);
            }
            savedAt.set(save.step());
          }
          return FakeNetwork.accepted();
        });
    onProgress(
        step -> {
          if (step > savedAt.get() + 2) {
            leave();
          }
        });

    LeaseEnd end =
        run(
            runtimes(),
            offer(savedEvery("1s"), "echo 1 > $SHARDEX_CHECKPOINT/n; while :; do :; done"));

    assertEquals(LeaseEnd.Outcome.ABANDONED, end.outcome());
    assertEquals(2, sent(Command.SaveCheckpoint.class).size());
  }

  private void leave() {
    if (runner != null) {
      try {
        var unused = runner.leave(Duration.ZERO);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private void assertNothingIsLeft() throws IOException {
    for (String name : List.of("sandbox/bundles", "fetched/lease")) {
      Path left = home.resolve("commands").resolve(name);
      if (Files.exists(left)) {
        try (var files = Files.list(left)) {
          assertEquals(List.of(), files.toList());
        }
      }
    }
    assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains(home.toString()));
  }

  private Runtimes runtimes() throws Exception {
    return runtimes(false);
  }

  private Runtimes runtimes(boolean online) throws Exception {
    boolean able =
        "root".equals(System.getProperty("user.name"))
            && OciRuntime.find(OciRuntime.Kind.RUNC).isPresent();
    if (!able) {
      System.out.println("SKIPPED: leases of commands need root and runc");
    }
    assumeTrue(able);
    return new Runtimes(
        new ReferenceTrainer(1),
        Optional.empty(),
        Optional.of(
            sandbox(online)
                .slot(home.resolve("commands"), 256, 1, Placement.ANYWHERE, ContainerEdits.NONE)),
        ReferenceChain::new);
  }

  private SharedSandbox sandbox(boolean online) throws Exception {
    try {
      return SharedSandbox.open(OciRuntime.Kind.RUNC, online, home.resolve("commands"), 300);
    } catch (IOException e) {
      String lacking = String.valueOf(e.getMessage());
      if (online && lacking.contains("which this host does not have")) {
        System.out.println("SKIPPED: leases of commands with the internet: " + lacking);
        assumeTrue(false);
      }
      throw e;
    }
  }

  private LeaseEnd run(Runtimes runtimes, LeaseOffer offer) throws Exception {
    InstantSource clock = InstantSource.system();
    LeaseFolder fresh =
        LeaseFolder.open(
            home.resolve("w"),
            network,
            TestJob.NETWORK,
            CacheFolder.open(home.resolve("cache"), 1L << 30, clock),
            256);
    folder = fresh;
    LeaseRunner started =
        new LeaseRunner(
            new LeaseRunner.Author(
                KEY,
                new EnvelopeSigner(KEY, TestJob.NETWORK, new Nonces(clock), clock),
                NetworkId.of(TestJob.NETWORK)),
            network,
            fresh,
            runtimes,
            new WorkerMetrics(new CollectorRegistry()).of("w", LeaseEnd.labels()),
            (task, fence, step, steps, loss) -> progress.accept(step),
            ends::add,
            Binding.ANYWHERE,
            time -> {});
    runner = started;
    started.take(offer);
    LeaseEnd end = ends.poll(60, TimeUnit.SECONDS);
    if (end == null) {
      throw new AssertionError("no lease ended within 60 s");
    }
    return end;
  }

  private LeaseOffer offer(String file, String script) throws Exception {
    return offer(file, script, image());
  }

  private LeaseOffer offer(String file, String script, byte[] image) throws Exception {
    CommandInputs inputs =
        new CommandInputs(
            blob(image), List.of(new CommandInputs.File("run.sh", blob(script.getBytes(UTF_8)))));
    byte[] bytes = file.getBytes(UTF_8);
    Digest spec = network.store(bytes);
    return new LeaseOffer(
        new TaskId(new JobId(Digest.sha256(spec.bytes())), 1, 1),
        1,
        60_000,
        0,
        CommandPlan.of(JobFile.parse(bytes).command(), inputs, TestJob.NETWORK, Instant.EPOCH)
            .terms(),
        spec,
        network.store(inputs.encoded()),
        Digest.ZERO,
        false);
  }

  private CommandInputs.Blob blob(byte[] content) {
    return new CommandInputs.Blob(network.store(content), content.length);
  }

  /** The host's shell with the libraries it is linked to. */
  private static byte[] image() throws Exception {
    Process ldd = new ProcessBuilder("ldd", "/bin/sh").redirectErrorStream(true).start();
    String said = new String(ldd.getInputStream().readAllBytes(), UTF_8);
    Set<String> files = new TreeSet<>(Set.of("/bin/sh"));
    Pattern.compile("/[^ ]+").matcher(said).results().map(MatchResult::group).forEach(files::add);
    TarMaker tar = new TarMaker();
    for (String file : files) {
      tar.file(file.substring(1), Files.readAllBytes(Path.of(file)), 0755);
    }
    return tar.bytes();
  }

  private static Map<String, String> files(byte[] tar) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (TarArchiveInputStream in =
        new TarArchiveInputStream(new ByteArrayInputStream(tar), "UTF-8")) {
      TarArchiveEntry entry;
      while ((entry = in.getNextEntry()) != null) {
        files.put(entry.getName(), new String(in.readAllBytes(), UTF_8));
      }
    }
    return files;
  }

  private static String text(Map<String, String> files, String name) {
    return String.valueOf(files.get(name));
  }

  private <C extends Command> List<C> sent(Class<C> kind) {
    return network.envelopes().stream()
        .map(Envelope::command)
        .filter(kind::isInstance)
        .map(kind::cast)
        .toList();
  }

  private <C extends Command> C last(Class<C> kind) {
    return sent(kind).getLast();
  }
}
