package io.shardex.worker.runtime.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardex.training.ShardProgress;
import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real modules in a real libtorch, where it is installed. */
class LibtorchTest {
  @TempDir Path folder;
  private TorchTrainer trainer;

  @BeforeEach
  void open() throws IOException {
    trainer =
        new TorchTrainer(InstalledTorch.here(), InstalledTorch.limits(Duration.ofSeconds(30)));
  }

  /** Called where there is no libtorch, too. */
  @AfterEach
  void rest() {
    if (trainer != null) {
      trainer.rest();
    }
  }

  @Test
  void gradientDescentTrainsWhatPyTorchTrains() throws InterruptedException {
    assertClose(Toys.floats("toy-sgd.f32"), train("toy.pt", Toys.SGD).parameters());
  }

  @Test
  void adamTrainsWhatPyTorchTrains() throws InterruptedException {
    LocalSpec adam = new LocalSpec.Adam(0.01f, 0.9f, 0.999f, 1e-8f, 12, 5);

    assertClose(Toys.floats("toy-adam.f32"), train("toy.pt", adam).parameters());
  }

  @Test
  void textTrainsWhatPyTorchTrains() throws InterruptedException {
    byte[] text = new byte[25];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) ((i * i * 7 + 3 * i) % 8);
    }
    List<Tensor> tensors =
        List.of(
            new Tensor("tokens.weight", List.of(8, 4)),
            new Tensor("head.weight", List.of(8, 4)),
            new Tensor("head.bias", List.of(8)));
    LocalSpec local = new LocalSpec.Sgd(0.5f, 0, 4, 5);

    TorchOutcome outcome =
        trainer.train(
            new TorchShard(
                tensors,
                Toys.floats("text.f32"),
                List.of(6),
                TorchShard.Reading.TEXT,
                8,
                local,
                1,
                0,
                0),
            Toys.file(folder, "text.pt"),
            Samples.windows(text, 6),
            ShardProgress.NONE,
            () -> false);

    assertClose(
        Toys.floats("text-sgd.f32"),
        assertInstanceOf(TorchOutcome.Trained.class, outcome, outcome.toString()).parameters());
  }

  @Test
  void aTracedModuleTrainsLikeAScriptedOne() throws InterruptedException {
    assertClose(Toys.floats("toy-sgd.f32"), train("traced.pt", Toys.SGD).parameters());
  }

  @Test
  void lossAndStepsAreTold() throws InterruptedException {
    List<Double> means = new ArrayList<>();
    LocalSpec halves = new LocalSpec.Sgd(0.05f, 0, 7, 2);

    TorchOutcome.Trained trained =
        assertInstanceOf(
            TorchOutcome.Trained.class,
            trainer.train(
                Toys.shard(Toys.TOY, Toys.floats("toy.f32"), halves),
                Toys.file(folder, "toy.pt"),
                Toys.samples(),
                (step, steps, mean) -> {
                  assertEquals(means.size() + 1, step);
                  assertEquals(4, steps);
                  means.add(mean);
                },
                () -> false));

    assertEquals(4, trained.steps());
    assertEquals(trained.lossSum() / 24, means.getLast(), 1e-9);
    // Of three classes, hardly trained.
    assertEquals(Math.log(3), means.getFirst(), 0.5);
  }

  @Test
  void aParameterThatIsNotListedStaysAsTheModuleHasIt() throws InterruptedException {
    List<Tensor> listed = Toys.TOY.subList(1, 4);

    TorchOutcome outcome = outcome("toy.pt", listed, behind(18, Toys.floats("toy.f32")));

    assertClose(
        behind(18, Toys.floats("toy-frozen.f32")),
        assertInstanceOf(TorchOutcome.Trained.class, outcome, outcome.toString()).parameters());
  }

  private static Parameters behind(int index, Parameters all) {
    float[] values = new float[all.count() - index];
    all.copyTo(index, values);
    return Parameters.of(values);
  }

  @Test
  void whatIsDrawnAtRandomFollowsFromSeedRoundAndShard() throws InterruptedException {
    List<Tensor> tensors = new ArrayList<>(Toys.LINEAR);
    tensors.add(new Tensor("spare", List.of(3)));
    Parameters base = Toys.some(tensors);
    Path module = Toys.file(folder, "drops.pt");

    List<Parameters> trained = new ArrayList<>();
    for (int shard : List.of(0, 0, 1)) {
      TorchShard task =
          new TorchShard(
              tensors, base, List.of(1, 6, 6), TorchShard.Reading.PIXELS, 3, Toys.SGD, 7, 0, shard);
      trained.add(
          assertInstanceOf(
                  TorchOutcome.Trained.class,
                  trainer.train(task, module, Toys.samples(), ShardProgress.NONE, () -> false))
              .parameters());
    }

    assertEquals(trained.get(0), trained.get(1));
    // All samples are one batch, so their order alone moves no more than the last bits.
    assertTrue(distance(trained.get(0), trained.get(2)) > 1e-2);
  }

  private static double distance(Parameters one, Parameters other) {
    double most = 0;
    for (int i = 0; i < one.count(); i++) {
      most = Math.max(most, Math.abs(one.get(i) - other.get(i)));
    }
    return most;
  }

  @Test
  void whoeverGoesOnFromAStateComesToTheSameBits() throws InterruptedException {
    goesOn(
        "toy.pt",
        Toys.shard(Toys.TOY, Toys.floats("toy.f32"), new LocalSpec.Sgd(0.05f, 0.9f, 7, 100)));
  }

  @Test
  void whatIsDrawnAtRandomGoesOnToo() throws InterruptedException {
    List<Tensor> drops = new ArrayList<>(Toys.LINEAR);
    drops.add(new Tensor("spare", List.of(3)));
    goesOn(
        "drops.pt",
        Toys.shard(
            drops, Toys.some(drops), new LocalSpec.Adam(0.01f, 0.9f, 0.999f, 1e-8f, 7, 100)));
  }

  /** Trains a shard of 200 steps in one go, telling a state, and from that. */
  private void goesOn(String module, TorchShard shard) throws InterruptedException {
    List<TorchState> states = new ArrayList<>();
    TorchProgress wantsOne =
        new TorchProgress() {
          @Override
          public void stepped(int step, int steps, double mean) {}

          @Override
          public boolean wantsState(int step) {
            return states.isEmpty();
          }

          @Override
          public void reached(TorchState state) {
            states.add(state);
          }
        };
    TorchOutcome whole = trained(module, shard, Optional.empty(), (step, steps, mean) -> {});
    assertEquals(whole, trained(module, shard, Optional.empty(), wantsOne));
    TorchState state = states.getFirst();
    List<Integer> steps = new ArrayList<>();
    assertEquals(
        whole, trained(module, shard, Optional.of(state), (step, of, mean) -> steps.add(step)));
    assertEquals(state.step() + 1, steps.getFirst());
    assertEquals(200 - state.step(), steps.size());
  }

  private TorchOutcome trained(
      String module, TorchShard shard, Optional<TorchState> from, TorchProgress progress)
      throws InterruptedException {
    return assertInstanceOf(
        TorchOutcome.Trained.class,
        trainer.train(
            Toys.JOB,
            shard,
            Toys.file(folder, module),
            Toys.samples(),
            from,
            progress,
            () -> false));
  }

  @Test
  void aLossThatIsNotANumberIsADivergence() throws InterruptedException {
    assertEquals(new TorchOutcome.Diverged(1), outcome("notanumber.pt"));
  }

  @Test
  void parametersThatOverflowInTheLastStepAreADivergence() throws InterruptedException {
    Parameters base = Toys.floats("toy.f32");
    LocalSpec leap = new LocalSpec.Sgd(1_000, 0, 12, 40);

    TorchOutcome outcome =
        trainer.train(
            Toys.shard(Toys.TOY, base, leap),
            Toys.file(folder, "toy.pt"),
            Toys.samples(),
            ShardProgress.NONE,
            () -> false);

    if (outcome instanceof TorchOutcome.Trained trained) {
      assertTrue(trained.parameters().finite());
    } else {
      assertInstanceOf(TorchOutcome.Diverged.class, outcome, outcome.toString());
    }
  }

  @Test
  void whatIsLeftInFreedMemoryDoesNotComeIntoAModel() throws InterruptedException {
    int side = 28;
    byte[] features = new byte[64 * side * side];
    for (int i = 0; i < features.length; i++) {
      features[i] = (byte) (i * 31);
    }

    TorchOutcome outcome =
        trainer.train(
            new TorchShard(
                Toys.STALE,
                Toys.some(Toys.STALE),
                List.of(1, side, side),
                TorchShard.Reading.PIXELS,
                Toys.CLASSES,
                new LocalSpec.Sgd(0.01f, 0, 32, 5),
                1,
                0,
                0),
            Toys.file(folder, "stale.pt"),
            Samples.of(features, new byte[64], side * side),
            ShardProgress.NONE,
            () -> false);

    assertInstanceOf(TorchOutcome.Trained.class, outcome, outcome.toString());
  }

  @Test
  void anAnswerOfAnotherShapeIsTheModulesFault() throws InterruptedException {
    assertFault("(12, 3)", outcome("toowide.pt"));
    assertFault("(12, 3)", outcome("twooutputs.pt"));
  }

  @Test
  void whatForwardRaisesIsTold() throws InterruptedException {
    assertFault("not today", outcome("raises.pt"));
  }

  @Test
  void parametersOfOtherNamesOrShapesAreTheModulesFault() throws InterruptedException {
    List<Tensor> named =
        List.of(new Tensor("tail.weight", List.of(3, 36)), new Tensor("head.bias", List.of(3)));
    List<Tensor> turned =
        List.of(new Tensor("head.weight", List.of(36, 3)), new Tensor("head.bias", List.of(3)));

    assertFault("tail.weight", outcome("raises.pt", named, Toys.some(named)));
    assertFault("[36, 3]", outcome("raises.pt", turned, Toys.some(turned)));
  }

  @Test
  void aModuleThatNeedsMoreMemoryThanThereIsEndsAndTheHostLives() throws InterruptedException {
    TorchOutcome outcome = outcome("hog.pt");

    assertFault("memory", outcome);
  }

  @Test
  void aModuleThatNeverEndsIsKilled() throws Exception {
    TorchTrainer hurried =
        new TorchTrainer(InstalledTorch.here(), InstalledTorch.limits(Duration.ofSeconds(4)));

    TorchOutcome outcome =
        hurried.train(
            Toys.shard(Toys.LINEAR, Toys.some(Toys.LINEAR), Toys.SGD),
            Toys.file(folder, "endless.pt"),
            Toys.samples(),
            ShardProgress.NONE,
            () -> false);

    assertFault("waited 4.0 s for step 1 in vain", outcome);
    assertNoChild();
  }

  @Test
  void aCancelledModuleIsKilledInTheMiddleOfAStep() throws Exception {
    long begin = System.nanoTime();

    TorchOutcome outcome =
        trainer.train(
            Toys.shard(Toys.LINEAR, Toys.some(Toys.LINEAR), Toys.SGD),
            Toys.file(folder, "endless.pt"),
            Toys.samples(),
            ShardProgress.NONE,
            () -> System.nanoTime() - begin > 5_000_000_000L);

    assertEquals(new TorchOutcome.Cancelled(), outcome);
    assertNoChild();
  }

  @Test
  void whatAModulePrintsIsNoAnswer() throws InterruptedException {
    assertInstanceOf(TorchOutcome.Trained.class, outcome("prints.pt"));
  }

  @Test
  void aModuleThatWouldReachFilesIsRefused() throws InterruptedException {
    assertFault("'save'", outcome("writes.pt"));
    assertFault("'from_file'", outcome("reads.pt"));
  }

  /** The second line of defence: the archive is not looked through here. */
  @Test
  void noFileGrowsByAChild() throws Exception {
    Path scratch = Files.createDirectory(folder.resolve("scratch"));
    Path module = Toys.file(scratch, "writes.pt");
    TorchShard shard = Toys.shard(Toys.LINEAR, Toys.some(Toys.LINEAR), Toys.SGD);
    ProcessBuilder builder =
        InstalledTorch.here().child(InstalledTorch.limits(Duration.ofSeconds(30)), 64, scratch);

    try (TorchProcess child = TorchProcess.start(builder, line -> {})) {
      assertEquals(Frame.Kind.READY, next(child).kind());
      child.send(new TorchJob(shard, module.toString(), Toys.samples(), Optional.empty()));
      var unused = next(child);
    }

    Path written = scratch.resolve("written-by-a-module");
    assertTrue(!Files.exists(written) || Files.size(written) == 0);
  }

  /** Modules in turn, as if a job had several: none changes what the others come to. */
  @Test
  void aKeptChildTrainsTheSameBits() throws InterruptedException {
    List<Tensor> drops = new ArrayList<>(Toys.LINEAR);
    drops.add(new Tensor("spare", List.of(3)));
    LocalSpec momentum = new LocalSpec.Sgd(0.05f, 0.9f, 7, 10);
    LocalSpec adam = new LocalSpec.Adam(0.01f, 0.9f, 0.999f, 1e-8f, 7, 10);
    TorchOutcome toy = fresh("toy.pt", Toys.shard(Toys.TOY, Toys.floats("toy.f32"), momentum));
    TorchOutcome dropping = fresh("drops.pt", Toys.shard(drops, Toys.some(drops), adam));
    TorchOutcome drawing = fresh("draws.pt", Toys.shard(Toys.LINEAR, Toys.some(Toys.LINEAR), adam));
    Set<Long> servants = new HashSet<>();

    for (int i = 0; i < 3; i++) {
      assertEquals(
          toy, kept("toy.pt", Toys.shard(Toys.TOY, Toys.floats("toy.f32"), momentum), servants));
      assertEquals(dropping, kept("drops.pt", Toys.shard(drops, Toys.some(drops), adam), servants));
      assertEquals(
          drawing,
          kept("draws.pt", Toys.shard(Toys.LINEAR, Toys.some(Toys.LINEAR), adam), servants));
    }

    assertEquals(1, servants.size(), servants::toString);
    trainer.rest();
    assertNoChild();
  }

  /** In a child of its own. */
  private TorchOutcome fresh(String module, TorchShard shard) throws InterruptedException {
    return trainer.train(
        shard, Toys.file(folder, module), Toys.samples(), ShardProgress.NONE, () -> false);
  }

  /** In the child that is kept, whose process is noted. */
  private TorchOutcome kept(String module, TorchShard shard, Set<Long> servants)
      throws InterruptedException {
    return trainer.train(
        Toys.JOB,
        shard,
        Toys.file(folder, module),
        Toys.samples(),
        Optional.empty(),
        (step, steps, mean) ->
            ProcessHandle.current().children().map(ProcessHandle::pid).forEach(servants::add),
        () -> false);
  }

  @Test
  void aStateThatAnEarlierShardWasAskedForTooLateIsNotToldByTheNextOne() throws Exception {
    StartedChild started =
        StartedChild.start(
            InstalledTorch.here()::child, InstalledTorch.limits(Duration.ofSeconds(30)), 64);
    try (started) {
      TorchProcess child = started.process();
      assertEquals(Frame.Kind.READY, next(child).kind());
      child.send(job(1));
      assertEquals(0, statesUntilTrained(child));
      assertTrue(child.askForState());

      child.send(job(1));
      assertEquals(0, statesUntilTrained(child));

      child.send(job(100));
      while (!child.askForState()) {
        Thread.onSpinWait();
      }
      assertEquals(1, statesUntilTrained(child), "what is asked of it is not lost");
    }
  }

  private TorchJob job(int epochs) {
    TorchShard shard =
        Toys.shard(Toys.TOY, Toys.floats("toy.f32"), new LocalSpec.Sgd(0.05f, 0.9f, 7, epochs));
    String module = Toys.file(folder, "toy.pt").toString();
    return new TorchJob(shard, module, Toys.samples(), Optional.empty());
  }

  private static int statesUntilTrained(TorchProcess child) throws Exception {
    int states = 0;
    Frame.Kind kind = next(child).kind();
    while (kind != Frame.Kind.TRAINED) {
      states += kind == Frame.Kind.STATE ? 1 : 0;
      kind = next(child).kind();
    }
    assertEquals(Frame.Kind.DATA, next(child).kind());
    return states;
  }

  @Test
  void aKeptChildIsHeldToItsMemory() throws InterruptedException {
    Set<Long> servants = new HashSet<>();
    TorchShard toy = Toys.shard(Toys.TOY, Toys.floats("toy.f32"), Toys.SGD);
    assertInstanceOf(TorchOutcome.Trained.class, kept("toy.pt", toy, servants));

    TorchShard hog = Toys.shard(Toys.LINEAR, Toys.some(Toys.LINEAR), Toys.SGD);
    assertFault("memory", kept("hog.pt", hog, servants));

    assertNoChild();
  }

  @Test
  void aKeptChildDiesWithItsAgentHoweverThatEnds() throws Exception {
    InstalledTorch.here();
    Process agent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                WaitingAgent.class.getName(),
                Toys.file(folder, "toy.pt").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader told = agent.inputReader()) {
      String line = told.readLine();
      while (line != null && !line.equals(WaitingAgent.WAITS)) {
        line = told.readLine();
      }
      ProcessHandle child = agent.toHandle().children().findFirst().orElseThrow();
      assertTrue(child.isAlive());

      agent.destroyForcibly();

      assertEquals(child, child.onExit().get(10, TimeUnit.SECONDS));
    } finally {
      agent.destroyForcibly();
    }
  }

  @Test
  void aChildHasNoNetwork() throws Exception {
    assumeTrue(
        new ProcessBuilder("unshare", "-n", "true").start().waitFor() == 0,
        "this user may not make a network namespace");
    ProcessBuilder builder =
        InstalledTorch.here().child(InstalledTorch.limits(Duration.ofSeconds(30)), 64, folder);

    try (TorchProcess child = TorchProcess.start(builder, line -> {})) {
      var unused = next(child);
      ProcessHandle process = ProcessHandle.current().descendants().findFirst().orElseThrow();
      Path devices = Path.of("/proc", String.valueOf(process.pid()), "net", "dev");

      assertEquals(
          List.of("lo"),
          Files.readAllLines(devices).stream()
              .filter(line -> line.contains(":"))
              .map(line -> line.strip().split(":", 2)[0])
              .toList());
    }
  }

  private static Frame next(TorchProcess child) throws Exception {
    return child.next(Duration.ofSeconds(60)).orElseThrow();
  }

  private static void assertNoChild() throws InterruptedException {
    for (int i = 0; i < 40 && ProcessHandle.current().descendants().findAny().isPresent(); i++) {
      Thread.sleep(50);
    }
    assertEquals(0, ProcessHandle.current().descendants().count());
  }

  private TorchOutcome outcome(String module) throws InterruptedException {
    return outcome(module, Toys.LINEAR, Toys.some(Toys.LINEAR));
  }

  private TorchOutcome outcome(String module, List<Tensor> tensors, Parameters base)
      throws InterruptedException {
    return train(trainer, module, tensors, base);
  }

  private TorchOutcome train(
      TorchTrainer trainer, String module, List<Tensor> tensors, Parameters base)
      throws InterruptedException {
    return trainer.train(
        Toys.shard(tensors, base, Toys.SGD),
        Toys.file(folder, module),
        Toys.samples(),
        ShardProgress.NONE,
        () -> false);
  }

  private static void assertFault(String part, TorchOutcome outcome) {
    TorchOutcome.Failed failed =
        assertInstanceOf(TorchOutcome.Failed.class, outcome, outcome.toString());
    assertEquals(TorchOutcome.Fault.MODEL, failed.fault(), failed.reason());
    assertTrue(failed.reason().contains(part), failed.reason());
  }

  private TorchOutcome.Trained train(String module, LocalSpec local) throws InterruptedException {
    return assertInstanceOf(
        TorchOutcome.Trained.class,
        trainer.train(
            Toys.shard(Toys.TOY, Toys.floats("toy.f32"), local),
            Toys.file(folder, module),
            Toys.samples(),
            ShardProgress.NONE,
            () -> false));
  }

  private static void assertClose(Parameters expected, Parameters found) {
    assertEquals(expected.count(), found.count());
    for (int i = 0; i < expected.count(); i++) {
      assertTrue(
          Math.abs(expected.get(i) - found.get(i)) < 1e-5,
          "%d: expected %s, but it is %s".formatted(i, expected.get(i), found.get(i)));
    }
  }
}
