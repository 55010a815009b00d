package io.shardex.market.state;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.market.Address;
import io.shardex.market.Batch;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.ResourceClass;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PhaseTest {
  private static final Pattern CONSTANT =
      Pattern.compile("/\\*\\*((?:(?!\\*/).)*)\\*/\\s+([A-Z]+)[,;]", Pattern.DOTALL);
  private static final Pattern NEXT = Pattern.compile("\\bTo ([^.]*)\\.");
  private static final JobId JOB = new JobId(Digest.ZERO);

  @Test
  void theJavadocOfJobPhasesDrawsTheTable() throws IOException {
    assertEquals(tableOf(JobPhase.class), documented(JobPhase.class));
  }

  @Test
  void theJavadocOfTaskPhasesDrawsTheTable() throws IOException {
    assertEquals(tableOf(TaskPhase.class), documented(TaskPhase.class));
  }

  @Test
  void theJavadocOfResultPhasesDrawsTheTable() throws IOException {
    assertEquals(tableOf(ResultPhase.class), documented(ResultPhase.class));
  }

  @Test
  void theJavadocOfBatchPhasesDrawsTheTable() throws IOException {
    assertEquals(tableOf(BatchPhase.class), documented(BatchPhase.class));
  }

  private static <E extends Enum<E>> Map<E, Set<E>> tableOf(Class<E> type) {
    Map<E, Set<E>> table = new EnumMap<>(type);
    for (E phase : type.getEnumConstants()) {
      table.put(phase, next(phase));
    }
    return table;
  }

  private static <E extends Enum<E>> Set<E> next(E phase) {
    Set<? extends Enum<?>> next =
        switch ((Enum<?>) phase) {
          case JobPhase job -> job.next();
          case TaskPhase task -> task.next();
          case BatchPhase batch -> batch.next();
          case ResultPhase result -> result.next();
          default -> throw new AssertionError("no table of " + phase.getDeclaringClass());
        };
    return next.stream().map(phase.getDeclaringClass()::cast).collect(toSet(phase));
  }

  private static <E extends Enum<E>> java.util.stream.Collector<E, ?, Set<E>> toSet(E phase) {
    return Collectors.toCollection(() -> EnumSet.noneOf(phase.getDeclaringClass()));
  }

  /** The transitions that the source's comments name; "every end" is each phase without a next. */
  private static <E extends Enum<E>> Map<E, Set<E>> documented(Class<E> type) throws IOException {
    Path source = Path.of("src/main/java", type.getName().replace('.', '/') + ".java");
    Map<E, Set<E>> table = new EnumMap<>(type);
    CONSTANT
        .matcher(Files.readString(source))
        .results()
        .forEach(
            found -> table.put(Enum.valueOf(type, found.group(2)), named(type, found.group(1))));
    return table;
  }

  private static <E extends Enum<E>> Set<E> named(Class<E> type, String comment) {
    String list =
        NEXT.matcher(comment).results().map(MatchResult::group).collect(Collectors.joining());
    return Arrays.stream(type.getEnumConstants())
        .filter(
            phase ->
                Pattern.compile("\\b" + phase + "\\b").matcher(list).find()
                    || (list.contains("every end") && next(phase).isEmpty()))
        .collect(toSet(type.getEnumConstants()[0]));
  }

  @Test
  void aJobTakesNoStepThatTheTableDoesNotName() {
    for (JobPhase from : JobPhase.values()) {
      for (JobPhase to : JobPhase.values()) {
        check(from.next().contains(to), () -> jobIn(from).in(to));
      }
    }
  }

  @Test
  void aTaskTakesNoStepThatTheTableDoesNotName() {
    for (TaskPhase from : TaskPhase.values()) {
      Task task =
          new Task(
              new TaskId(JOB, 1, 0), from, 1, Optional.of(lease()), Optional.empty(), List.of());
      check(from.next().contains(TaskPhase.LEASED), () -> task.leased(2, lease()));
      check(from.next().contains(TaskPhase.OPEN), task::reopened);
      check(from.next().contains(TaskPhase.VERIFIED), task::verified);
      check(from.next().contains(TaskPhase.ABANDONED), task::abandoned);
      check(from.next().contains(TaskPhase.DISPUTED), task::disputed);
      check(
          from.next().contains(TaskPhase.COMMITTED),
          () -> task.committed(new Task.Commitment(Digest.ZERO, Digest.ZERO, Optional.empty())));
    }
  }

  @Test
  void aResultTakesNoStepThatTheTableDoesNotName() {
    Result.Claim claim =
        new Result.Claim(
            Address.ZERO,
            Address.ZERO,
            Digest.ZERO,
            Optional.empty(),
            Digest.ZERO,
            Digest.ZERO,
            UnitPrice.ZERO,
            Amount.ZERO,
            List.of());
    for (ResultPhase from : ResultPhase.values()) {
      Result result =
          new Result(new TaskId(JOB, 1, 0, 1), claim, from, Result.Audit.at(1), Optional.empty());
      for (ResultPhase to : ResultPhase.values()) {
        check(from.next().contains(to), () -> result.in(to));
      }
    }
  }

  @Test
  void aBatchTakesNoStepThatTheTableDoesNotName() {
    Batch batch =
        new Batch(
            1,
            0,
            Digest.ZERO,
            Digest.ZERO,
            Amount.ZERO,
            List.of(),
            List.of(),
            List.of(),
            List.of());
    for (BatchPhase from : BatchPhase.values()) {
      SealedBatch sealed = new SealedBatch(batch, from, Digest.ZERO, List.of());
      check(from.next().contains(BatchPhase.SIGNED), () -> sealed.signed(Digest.ZERO, List.of()));
      check(from.next().contains(BatchPhase.CONFIRMED), () -> sealed.in(BatchPhase.CONFIRMED));
      check(from.next().contains(BatchPhase.SUPERSEDED), () -> sealed.in(BatchPhase.SUPERSEDED));
    }
  }

  private static void check(boolean legal, org.junit.jupiter.api.function.Executable step) {
    if (legal) {
      assertDoesNotThrow(step);
    } else {
      assertThrows(IllegalStateException.class, step);
    }
  }

  private static Task.Lease lease() {
    return new Task.Lease(
        Address.ZERO, Address.ZERO, UnitPrice.ZERO, Amount.ZERO, 0, 0, Optional.empty());
  }

  private static Job jobIn(JobPhase phase) {
    JobTerms terms =
        new JobTerms(
            "j",
            new ResourceClass("cpu"),
            0,
            1,
            1,
            new WorkUnits(1),
            1,
            UnitPrice.ZERO,
            1,
            new PartsPerMillion(0),
            true,
            Digest.ZERO);
    return new Job(
        JOB,
        new Deposit(Address.ZERO, 1, Digest.ZERO, 1),
        terms,
        new Stamp(0, 0),
        phase,
        0,
        List.of(),
        List.of(),
        Optional.empty(),
        0,
        false,
        Job.Doubt.NONE);
  }
}
