package io.shardex.market;

import java.util.Comparator;

/**
 * A question about the world outside the log. It counts as answered only when k of n validators
 * attest the same value in the same view.
 */
public sealed interface Fact extends Comparable<Fact> {
  /** What happened on the chain from block {@code from} on, up to {@code to} at most. */
  record ChainRange(long from, long to) implements Fact {}

  /** Whether the submitted terms follow from the spec, and its blobs are there. */
  record TermsOf(JobId job) implements Fact {}

  /**
   * The model that a round's results average to.
   *
   * @param fences twice the sum of the fences of the round's shards, and one more for each result
   *     that the validators replaced: it grows with every change of the set of results, so that a
   *     vote on one that has since changed is no vote on the new one
   */
  record RoundModel(JobId job, int round, long fences) implements Fact {}

  /** That the result committed under this fence cannot be used. */
  record ResultUnusable(TaskId task, long fence) implements Fact {}

  /** What a batch of payments hashes to; the attestations are the chain's signatures. */
  record BatchOf(long batch) implements Fact {}

  /**
   * What the shard's training gives, found by executing it.
   *
   * @param audit id of the audit whose parties differ, or that nobody could make
   */
  record Dispute(TaskId audit) implements Fact {}

  /** What the whole state hashes to after the log entry {@code index}. */
  record Checkpoint(long index) implements Fact {}

  /**
   * Whether a worker's opening shows that its answer is right.
   *
   * @param challenge its seed
   */
  record Hardware(Address worker, Digest challenge) implements Fact {}

  /** The number of the kind in signed attestations; never reused. */
  default int kind() {
    return switch (this) {
      case ChainRange range -> 1;
      case TermsOf terms -> 2;
      case RoundModel model -> 3;
      case ResultUnusable unusable -> 4;
      case BatchOf batch -> 5;
      case Dispute dispute -> 6;
      case Checkpoint checkpoint -> 7;
      case Hardware hardware -> 8;
    };
  }

  @Override
  default int compareTo(Fact other) {
    return switch (this) {
      case ChainRange a when other instanceof ChainRange b ->
          Comparator.comparingLong(ChainRange::from)
              .thenComparingLong(ChainRange::to)
              .compare(a, b);
      case TermsOf a when other instanceof TermsOf b -> a.job.compareTo(b.job);
      case RoundModel a when other instanceof RoundModel b ->
          Comparator.comparing(RoundModel::job)
              .thenComparingInt(RoundModel::round)
              .thenComparingLong(RoundModel::fences)
              .compare(a, b);
      case ResultUnusable a when other instanceof ResultUnusable b ->
          Comparator.comparing(ResultUnusable::task)
              .thenComparingLong(ResultUnusable::fence)
              .compare(a, b);
      case BatchOf a when other instanceof BatchOf b -> Long.compare(a.batch, b.batch);
      case Dispute a when other instanceof Dispute b -> a.audit.compareTo(b.audit);
      case Checkpoint a when other instanceof Checkpoint b -> Long.compare(a.index, b.index);
      case Hardware a when other instanceof Hardware b ->
          Comparator.comparing(Hardware::worker).thenComparing(Hardware::challenge).compare(a, b);
      case Fact mixed -> Integer.compare(kind(), other.kind());
    };
  }
}
