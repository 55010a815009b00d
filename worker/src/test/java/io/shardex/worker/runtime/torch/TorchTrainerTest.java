package io.shardex.worker.runtime.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.training.ShardProgress;
import io.shardex.training.commitment.Digest;
import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.worker.runtime.torch.ScriptedChild.Script;
import io.shardex.worker.runtime.torch.TorchOutcome.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parent's side of the protocol, against children that do not keep to it. */
class TorchTrainerTest {
  /** Enough for a Java process to start on a busy machine. */
  private static final Duration START = Duration.ofSeconds(30);

  @TempDir Path folder;
  private final List<Integer> steps = new ArrayList<>();
  private final List<TorchState> states = new ArrayList<>();
  private Optional<TorchState> from = Optional.empty();
  private TorchProgress progress = (step, all, mean) -> {};
  private boolean wanting;
  private Path scratch = Path.of("");

  @BeforeEach
  void copyModule() {
    Toys.file(folder, "toy.pt");
  }

  @AfterEach
  void nothingIsLeft() throws InterruptedException {
    for (int i = 0; i < 40 && ProcessHandle.current().descendants().findAny().isPresent(); i++) {
      Thread.sleep(50);
    }
    assertEquals(0, ProcessHandle.current().descendants().count());
    assertTrue(!Files.exists(scratch) || scratch.equals(Path.of("")), scratch.toString());
  }

  @Test
  void aResultComesWithItsStepsAndLoss() throws InterruptedException {
    TorchOutcome.Trained trained =
        assertInstanceOf(TorchOutcome.Trained.class, play(Script.TRAINS, Duration.ofSeconds(20)));

    assertEquals(5, trained.steps());
    assertEquals(2.5, trained.lossSum());
    assertEquals(Toys.floats("toy.f32").get(3) + 5, trained.parameters().get(3));
    assertEquals(List.of(1, 2, 3, 4, 5), steps);
  }

  @Test
  void aChildThatDiesAtItsStartIsTheHostsFault() throws InterruptedException {
    assertFailed(
        Fault.HOST, "exit code 3: no library of that name", play(Script.DIES_AT_START, START));
  }

  @Test
  void aChildThatHangsAtItsStartIsTheHostsFault() throws InterruptedException {
    TorchLimits hurried = new TorchLimits(512, 1, Duration.ofSeconds(1), START);

    assertFailed(
        Fault.HOST,
        "waited 1.0 s for libtorch to load in vain",
        play(Script.HANGS_AT_START, hurried, () -> false));
  }

  @Test
  void aChildOfAnotherVersionIsTheHostsFault() throws InterruptedException {
    assertFailed(
        Fault.HOST,
        "expected a child of protocol 3, but it is of 1",
        play(Script.IS_OF_ANOTHER_VERSION, START));
  }

  @Test
  void aChildThatDoesNotReadItsJobIsKilled() throws InterruptedException {
    // More than a pipe holds.
    Samples many = Samples.of(new byte[36 * 100_000], new byte[100_000], 36);

    assertFailed(
        Fault.MODEL,
        "for step 1 in vain",
        play(Script.DOES_NOT_READ, limits(Duration.ofSeconds(1)), many, () -> false));
  }

  @Test
  void aChildThatDiesInAStepIsTheModulesFault() throws InterruptedException {
    assertFailed(
        Fault.MODEL,
        "exit code 134: terminate called after throwing an instance",
        play(Script.DIES_IN_A_STEP, START));
    assertEquals(List.of(1), steps);
  }

  @Test
  void aChildThatDiesInTheMiddleOfAFrameHasDied() throws InterruptedException {
    assertFailed(Fault.MODEL, "exit code 1", play(Script.DIES_IN_A_FRAME, START));
  }

  @Test
  void aChildThatHangsIsKilled() throws InterruptedException {
    assertFailed(
        Fault.MODEL,
        "waited 1.0 s for step 2 in vain",
        play(Script.HANGS_IN_A_STEP, Duration.ofSeconds(1)));
    assertFailed(
        Fault.MODEL,
        "waited 1.0 s for the parameters in vain",
        play(Script.HANGS_IN_THE_RESULT, Duration.ofSeconds(1)));
  }

  @Test
  void whatIsNoFrameEndsTheTalk() throws InterruptedException {
    for (Script script :
        List.of(
            Script.BABBLES,
            Script.SENDS_AN_OVERSIZED_FRAME,
            Script.SKIPS_A_STEP,
            Script.STEPS_ON_AND_ON,
            Script.SENDS_TOO_MUCH_DATA,
            Script.ENDS_TOO_EARLY,
            Script.DIVERGES_AT_STEP_ZERO,
            Script.TELLS_A_STATE_UNASKED,
            Script.TELLS_THE_STATE_OF_ANOTHER_STEP,
            Script.TELLS_TOO_LARGE_A_STATE)) {
      wanting = script != Script.TELLS_A_STATE_UNASKED;
      assertFailed(Fault.MODEL, "does not keep to the protocol", play(script, START));
    }
  }

  @Test
  void aStateComesWhenItIsAskedFor() throws InterruptedException {
    wanting = true;

    assertInstanceOf(TorchOutcome.Trained.class, play(Script.TELLS_ITS_STATE, START));

    assertEquals(1, states.size());
    TorchState state = states.getFirst();
    assertEquals(1, state.step());
    assertEquals(0.5, state.lossSum());
    assertEquals(2 * Toys.floats("toy.f32").count(), state.values().count());
    assertEquals(0.25f, state.values().get(1));
    assertEquals(List.of(1, 2, 3, 4, 5), steps);
  }

  @Test
  void aStateThatIsNotFiniteIsNone() throws InterruptedException {
    wanting = true;

    assertInstanceOf(
        TorchOutcome.Trained.class, play(Script.TELLS_A_STATE_THAT_IS_NOT_FINITE, START));

    assertEquals(List.of(), states);
  }

  @Test
  void aChildGoesOnFromAState() throws InterruptedException {
    from = Optional.of(state(3, 2 * Toys.floats("toy.f32").count()));

    assertInstanceOf(TorchOutcome.Trained.class, play(Script.TRAINS, START));

    assertEquals(List.of(4, 5), steps);
  }

  @Test
  void aStateOfAnotherSizeOrStepNeverReachesTheChild() throws InterruptedException {
    int count = 2 * Toys.floats("toy.f32").count();
    for (TorchState wrong : List.of(state(0, count), state(5, count), state(3, count + 1))) {
      from = Optional.of(wrong);
      assertFailed(
          Fault.MODEL, "expected a state of", train(unstarted(), Toys.samples(), () -> false));
    }
  }

  private static TorchState state(int step, int count) {
    return new TorchState(step, 1, Parameters.of(new float[count]));
  }

  @Test
  void aResultThatIsNotFiniteIsADivergence() throws InterruptedException {
    assertEquals(new TorchOutcome.Diverged(5), play(Script.ANSWERS_NOT_A_NUMBER, START));
  }

  @Test
  void whoseFaultItIsComesFromTheChild() throws InterruptedException {
    assertFailed(Fault.HOST, "no disk", play(Script.BLAMES_THE_HOST, START));
  }

  @Test
  void aChildThatSaysVeryMuchIsNotHeldUp() throws InterruptedException {
    assertInstanceOf(TorchOutcome.Trained.class, play(Script.FLOODS_ITS_LOG, START));
  }

  @Test
  void aCancelledShardEndsItsChild() throws InterruptedException {
    assertEquals(
        new TorchOutcome.Cancelled(),
        play(Script.HANGS_IN_A_STEP, limits(Duration.ofMinutes(5)), () -> !steps.isEmpty()));
  }

  @Test
  void anInterruptedCallerLeavesNoChild() {
    Thread.currentThread().interrupt();

    assertThrows(InterruptedException.class, () -> play(Script.HANGS_AT_START, START));
  }

  @Test
  void aProgramThatIsNotThereIsTheHostsFault() throws InterruptedException {
    TorchTrainer trainer =
        new TorchTrainer(
            limits(START),
            (limits, heap, scratch) -> new ProcessBuilder("/no/such/program"),
            new KeptChild(Duration.ZERO));

    assertFailed(Fault.HOST, "/no/such/program", train(trainer, Toys.samples(), () -> false));
  }

  @Test
  void samplesThatDoNotFitAreRefusedBeforeAnythingIsStarted() throws InterruptedException {
    Samples wide = Samples.of(new byte[37 * 12], new byte[12], 37);
    Samples labelled = Samples.of(new byte[36], new byte[] {3}, 36);

    assertFailed(Fault.MODEL, "samples of 36 features", train(unstarted(), wide, () -> false));
    assertFailed(Fault.MODEL, "labels below 3", train(unstarted(), labelled, () -> false));
  }

  @Test
  void aFileThatIsNoArchiveNeverReachesTheChild() throws IOException, InterruptedException {
    Files.writeString(folder.resolve("toy.pt"), "not a zip");

    assertFailed(
        Fault.MODEL, "no TorchScript archive", train(unstarted(), Toys.samples(), () -> false));
  }

  @Test
  void theNextShardOfTheJobHasTheSameProcess() throws InterruptedException {
    TorchTrainer trainer = keeping(Script.TRAINS);

    for (int shard = 1; shard <= 3; shard++) {
      assertTrained(trainer);
    }

    assertEquals(1, Set.copyOf(servants).size(), servants::toString);
    assertEquals(15, servants.size());
    assertEquals(1, ProcessHandle.current().children().count(), "it waits for the fourth");
    trainer.rest();
    assertGone();
  }

  @Test
  void anotherJobsShardNeverMeetsTheProcessOfTheOneBefore() throws InterruptedException {
    TorchTrainer trainer = keeping(Script.TRAINS);
    List<Digest> jobs = List.of(Toys.JOB, Toys.ANOTHER_JOB, Toys.JOB);

    for (Digest job : jobs) {
      assertInstanceOf(TorchOutcome.Trained.class, train(trainer, job));
    }

    // At each step there was one child only, and each job had its own.
    assertEquals(3, Set.copyOf(servants).size(), servants::toString);
    assertEquals(3, children.size());
    trainer.rest();
    assertGone();
  }

  @Test
  void aShardOfNoJobMeetsNoProcessThatServedAndLeavesNone() throws InterruptedException {
    TorchTrainer trainer = keeping(Script.TRAINS);
    assertTrained(trainer);

    for (int i = 0; i < 2; i++) {
      var unused =
          trainer.train(
              Toys.shard(Toys.TOY, Toys.floats("toy.f32"), Toys.SGD),
              folder.resolve("toy.pt"),
              Toys.samples(),
              ShardProgress.NONE,
              () -> false);
      assertGone();
    }

    assertEquals(3, children.size());
  }

  @Test
  void aChildThatWaitedAndWasKilledIsReplaced() throws InterruptedException {
    TorchTrainer trainer = keeping(Script.TRAINS);
    assertTrained(trainer);
    ProcessHandle waiting = ProcessHandle.current().children().findFirst().orElseThrow();
    waiting.destroyForcibly();
    waiting.onExit().join();

    assertTrained(trainer);

    assertEquals(2, children.size());
    trainer.rest();
    assertGone();
  }

  @Test
  void theChildOfAShardThatIsNotTrainedToItsEndIsNotKept() throws InterruptedException {
    for (Script script :
        List.of(
            Script.DIVERGES,
            Script.ANSWERS_NOT_A_NUMBER,
            Script.BLAMES_THE_HOST,
            Script.DIES_IN_A_STEP,
            Script.SENDS_TOO_MUCH_DATA,
            Script.HANGS_IN_A_STEP)) {
      children.clear();
      steps.clear();
      TorchTrainer trainer = keeping(script);

      TorchOutcome outcome =
          train(
              trainer, Toys.samples(), () -> script == Script.HANGS_IN_A_STEP && !steps.isEmpty());

      assertFalse(outcome instanceof TorchOutcome.Trained, script + ": " + outcome);
      assertGone();
      assertEquals(1, children.size(), script + " in a new child is not tried again");
    }
  }

  @Test
  void theChildOfAProgressThatThrowsIsNotKept() {
    TorchTrainer trainer = keeping(Script.TRAINS);
    progress =
        (step, all, mean) -> {
          throw new IllegalStateException("at step " + step);
        };

    assertThrows(IllegalStateException.class, () -> train(trainer, Toys.JOB));

    assertGone();
  }

  @Test
  void aShardThatFailsInAKeptChildIsTriedAgainInANewOne() throws InterruptedException {
    TorchTrainer trainer = keeping(Script.DIES_IN_THE_SECOND_SHARD, Script.TRAINS);
    assertTrained(trainer);
    steps.clear();

    assertTrained(trainer);

    assertEquals(List.of(1, 2, 3, 4, 5), steps, "each is told once");
    assertEquals(2, children.size());
    trainer.rest();
    assertGone();
  }

  @Test
  void aShardIsTriedAgainOnceOnly() throws InterruptedException {
    TorchTrainer trainer = keeping(Script.DIES_IN_THE_SECOND_SHARD, Script.DIES_IN_A_STEP);
    assertTrained(trainer);

    assertFailed(Fault.MODEL, "exit code 134", train(trainer, Toys.JOB));

    assertEquals(2, children.size());
    assertGone();
  }

  @Test
  void whatAChildSaysBeforeAShardIsSentIsNoAnswerToIt() throws InterruptedException {
    TorchTrainer trainer = keeping(Script.ANSWERS_AHEAD);
    assertTrained(trainer);
    Thread.sleep(500); // until what came behind the answer is read

    TorchOutcome.Trained trained =
        assertInstanceOf(TorchOutcome.Trained.class, train(trainer, Toys.JOB));

    assertEquals(Toys.floats("toy.f32").get(3) + 5, trained.parameters().get(3));
    assertEquals(2, children.size());
    trainer.rest();
    assertGone();
  }

  @Test
  void nothingIsKeptOnAGpu() throws InterruptedException {
    TorchTrainer trainer = keeping(Script.TRAINS_ON_A_GPU);

    assertTrained(trainer);

    assertEquals(1, children.size());
    assertGone();
  }

  @Test
  void whatIsKeptGoesAfterItsTime() throws InterruptedException {
    TorchTrainer trainer = keeping(Duration.ofMillis(500), List.of(Script.TRAINS));

    assertTrained(trainer);

    for (int i = 0; i < 200 && ProcessHandle.current().children().findAny().isPresent(); i++) {
      Thread.sleep(50);
    }
    assertGone();
  }

  /** The child that lived when each step was heard of. */
  private final List<Long> servants = new ArrayList<>();

  /** The folder of each child. */
  private final List<Path> children = new ArrayList<>();

  /** Each child plays the next script, and those that are left the last one. */
  private TorchTrainer keeping(Script... scripts) {
    return keeping(Duration.ofMinutes(1), List.of(scripts));
  }

  private TorchTrainer keeping(Duration atMost, List<Script> scripts) {
    return new TorchTrainer(
        limits(START),
        (given, heap, place) -> {
          children.add(place);
          return ScriptedChild.of(
              scripts.get(Math.min(children.size(), scripts.size()) - 1), place);
        },
        new KeptChild(atMost));
  }

  private void assertTrained(TorchTrainer trainer) throws InterruptedException {
    assertInstanceOf(TorchOutcome.Trained.class, train(trainer, Toys.JOB));
  }

  private void assertGone() {
    assertEquals(0, ProcessHandle.current().children().count());
    assertEquals(List.of(), children.stream().filter(Files::exists).toList());
  }

  private static TorchTrainer unstarted() {
    return new TorchTrainer(
        limits(START),
        (limits, heap, scratch) -> {
          throw new AssertionError("a child was started");
        },
        new KeptChild(Duration.ZERO));
  }

  private static TorchLimits limits(Duration step) {
    return new TorchLimits(512, 1, START, step);
  }

  private TorchOutcome play(Script script, Duration step) throws InterruptedException {
    return play(script, limits(step), () -> false);
  }

  private TorchOutcome play(Script script, TorchLimits limits, BooleanSupplier cancelled)
      throws InterruptedException {
    return play(script, limits, Toys.samples(), cancelled);
  }

  private TorchOutcome play(
      Script script, TorchLimits limits, Samples samples, BooleanSupplier cancelled)
      throws InterruptedException {
    TorchTrainer trainer =
        new TorchTrainer(
            limits,
            (given, heap, place) -> {
              scratch = place;
              return ScriptedChild.of(script, place);
            },
            new KeptChild(Duration.ofMinutes(1)));
    try {
      return train(trainer, samples, cancelled);
    } finally {
      trainer.rest();
    }
  }

  private TorchOutcome train(TorchTrainer trainer, Digest job) throws InterruptedException {
    return train(trainer, job, Toys.samples(), () -> false);
  }

  private TorchOutcome train(TorchTrainer trainer, Samples samples, BooleanSupplier cancelled)
      throws InterruptedException {
    return train(trainer, Toys.JOB, samples, cancelled);
  }

  private TorchOutcome train(
      TorchTrainer trainer, Digest job, Samples samples, BooleanSupplier cancelled)
      throws InterruptedException {
    return trainer.train(
        job,
        Toys.shard(Toys.TOY, Toys.floats("toy.f32"), Toys.SGD),
        folder.resolve("toy.pt"),
        samples,
        from,
        new Heard(),
        cancelled);
  }

  /** Notes all it hears, and wants the state once. */
  private final class Heard implements TorchProgress {
    @Override
    public void stepped(int step, int all, double mean) {
      steps.add(step);
      servants.addAll(ProcessHandle.current().children().map(ProcessHandle::pid).toList());
      progress.stepped(step, all, mean);
    }

    @Override
    public boolean wantsState(int step) {
      return wanting && step == 1;
    }

    @Override
    public void reached(TorchState state) {
      states.add(state);
    }
  }

  private static void assertFailed(Fault fault, String part, TorchOutcome outcome) {
    TorchOutcome.Failed failed =
        assertInstanceOf(TorchOutcome.Failed.class, outcome, outcome.toString());
    assertTrue(failed.reason().contains(part), failed.reason());
    assertEquals(fault, failed.fault(), failed.reason());
  }
}
