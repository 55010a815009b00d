package io.shardex.worker.runtime.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
            Optional.empty());

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
  void theNextShardHasTheChildThatWaits() throws InterruptedException {
    TorchTrainer trainer = sparing(Duration.ofMinutes(1), Script.TRAINS);

    for (int shard = 1; shard <= 3; shard++) {
      assertInstanceOf(TorchOutcome.Trained.class, train(trainer, Toys.samples(), () -> false));
      // Its own, and behind its first step the next one's.
      assertEquals(List.of(shard, shard + 1, shard + 1, shard + 1, shard + 1), started);
      started.clear();
    }

    assertEquals(4, children.size());
    assertEquals(List.of(false, true, true, true), warm);
    trainer.rest();
    assertGone();
  }

  @Test
  void theNextChildIsNotStartedLongBeforeItsShardEnds() throws InterruptedException {
    TorchTrainer trainer = sparing(Duration.ZERO, Script.TRAINS);

    assertInstanceOf(TorchOutcome.Trained.class, train(trainer, Toys.samples(), () -> false));

    assertEquals(List.of(1, 1, 1, 1, 1), started);
    assertEquals(2, children.size());
    trainer.rest();
    assertGone();
  }

  @Test
  void aChildThatWaitedAndWasKilledIsReplaced() throws InterruptedException {
    TorchTrainer trainer = sparing(Duration.ofMinutes(1), Script.TRAINS);
    var unused = train(trainer, Toys.samples(), () -> false);
    ProcessHandle waiting = ProcessHandle.current().children().findFirst().orElseThrow();
    waiting.destroyForcibly();
    waiting.onExit().join();
    started.clear();

    assertInstanceOf(TorchOutcome.Trained.class, train(trainer, Toys.samples(), () -> false));

    assertEquals(List.of(3, 4, 4, 4, 4), started);
    trainer.rest();
    assertGone();
  }

  @Test
  void aChildThatWaitsOutlivesAShardThatIsCancelledOrFails() throws InterruptedException {
    for (Script script : List.of(Script.HANGS_IN_A_STEP, Script.DIES_IN_A_STEP)) {
      TorchTrainer trainer = sparing(Duration.ofMinutes(1), script);
      var unused = train(trainer, Toys.samples(), () -> !steps.isEmpty());
      assertEquals(1, ProcessHandle.current().children().count());
      trainer.rest();
      assertGone();
      steps.clear();
    }
  }

  @Test
  void noChildWaitsOnAGpu() throws InterruptedException {
    TorchTrainer trainer = sparing(Duration.ofMinutes(1), Script.TRAINS_ON_A_GPU);

    assertInstanceOf(TorchOutcome.Trained.class, train(trainer, Toys.samples(), () -> false));

    assertEquals(1, children.size());
    assertGone();
  }

  /** How many children were started when each step was heard of. */
  private final List<Integer> started = new ArrayList<>();

  /** The folder of each child. */
  private final List<Path> children = new ArrayList<>();

  /** Whether each has a toy to train before it is ready. */
  private final List<Boolean> warm = new ArrayList<>();

  private TorchTrainer sparing(Duration ahead, Script script) {
    return new TorchTrainer(
        limits(START),
        (given, heap, place) -> {
          children.add(place);
          warm.add(Files.exists(place.resolve(TorchChild.WARM_UP)));
          return ScriptedChild.of(script, place);
        },
        Optional.of(new SpareChild(ahead, Duration.ofMinutes(1))));
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
        Optional.empty());
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
            Optional.empty());
    return train(trainer, samples, cancelled);
  }

  private TorchOutcome train(TorchTrainer trainer, Samples samples, BooleanSupplier cancelled)
      throws InterruptedException {
    return trainer.train(
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
      started.add(children.size());
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
