package io.shardex.market;

import java.util.List;
import java.util.Optional;

/** The answer to a {@link Fact}. Two validators agree when their values have equal codec bytes. */
public sealed interface FactValue {
  /**
   * To {@link Fact.ChainRange}.
   *
   * @param to last block covered: the fact's {@code to}, or less when a page is full
   * @param toMillis that block's time, milliseconds since 1970
   */
  record ChainPage(long to, long toMillis, List<ChainEvent> events) implements FactValue {
    public ChainPage {
      events = List.copyOf(events);
    }
  }

  /** To {@link Fact.TermsOf}: they hold. {@code model} is the blob id of the initial model. */
  record TermsHold(Digest model) implements FactValue {}

  /** To {@link Fact.TermsOf}: they do not; {@code why} is a bounded, deterministic sentence. */
  record TermsRefused(String why) implements FactValue {}

  /**
   * To {@link Fact.RoundModel}.
   *
   * @param model blob id of the averaged model
   * @param lossBits raw bits of the mean training loss (a double, opaque to the market)
   */
  record Averaged(Digest model, long lossBits) implements FactValue {}

  /** To {@link Fact.ResultUnusable}. */
  record Unusable(Flaw flaw) implements FactValue {}

  /** To {@link Fact.BatchOf}: SHA-256 of the batch's ABI encoding. */
  record BatchHash(Digest digest) implements FactValue {}

  /**
   * To {@link Fact.Dispute}.
   *
   * @param root of the training run
   * @param shown blob id of the result, which is stored; of a run that diverged what it shows
   * @param divergedAt the step at which the numbers left the finite ones
   * @param checkpoints blob id of the true state at the step of each checkpoint that the result
   *     rests on, in their order; zero where the run has none
   */
  record Executed(Digest root, Digest shown, Optional<Integer> divergedAt, List<Digest> checkpoints)
      implements FactValue {
    public Executed {
      checkpoints = List.copyOf(checkpoints);
    }

    /** The truth about a result that rests on no checkpoint. */
    public Executed(Digest root, Digest shown, Optional<Integer> divergedAt) {
      this(root, shown, divergedAt, List.of());
    }
  }

  /** To {@link Fact.Checkpoint}: SHA-256 of the state's canonical bytes. */
  record StateDigest(Digest digest) implements FactValue {}

  /** To {@link Fact.Hardware}. */
  record Judged(Verdict verdict) implements FactValue {}

  /** What an opening shows. */
  enum Verdict {
    /** The answer is right where chance looked. */
    RIGHT,
    /** It is not, or the opening is not one. */
    WRONG,
    /** The opening is not in the grid, and the worker's time to put it there is over. */
    MISSING
  }

  /** What may be wrong with a result. */
  enum Flaw {
    /** Not in the grid, though looked for again and again. */
    MISSING,
    /** Not an encoded result of the right shape and size. */
    MALFORMED,
    /** Holds NaN or infinity. */
    NOT_FINITE
  }
}
