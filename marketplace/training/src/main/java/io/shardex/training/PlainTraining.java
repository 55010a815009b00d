package io.shardex.training;

import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.arithmetic.LocalTraining;
import io.shardex.training.data.Samples;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.ShardResult;
import io.shardex.training.spec.TrainingSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole job in one thread, without market, commitments or blobs: what the same training costs by
 * itself. Its model equals the marketplace's bit for bit.
 */
public final class PlainTraining {
  private PlainTraining() {}

  /** Hears of each round. */
  @FunctionalInterface
  public interface Progress {
    /**
     * A round is done.
     *
     * @param round rounds done so far
     * @param meanLoss mean training loss a label in this round
     * @param model the model after it
     */
    void roundDone(int round, double meanLoss, RoundModel model);
  }

  /** A shard went to NaN or infinity. */
  public static final class Diverged extends Exception {
    private static final long serialVersionUID = 1;

    Diverged(int round, int shard, int step) {
      super("round %d, shard %d diverged at step %d".formatted(round, shard, step));
    }
  }

  /**
   * Runs all rounds.
   *
   * @param train at least the spec's {@code trainImages} samples; the first so many are used
   */
  public static RoundModel run(TrainingSpec spec, Samples train, Progress progress)
      throws Diverged {
    try (Lanes lanes = Lanes.of(1)) {
      RoundModel model = InitialModel.of(spec.model());
      while (model.round() < spec.rounds()) {
        List<ShardResult> results = new ArrayList<>();
        for (int shard = 0; shard < spec.shards(); shard++) {
          results.add(train(spec, model, shard, train.slice(spec.range(shard)), lanes));
        }
        model = Aggregation.next(spec, model, results);
        progress.roundDone(model.round(), meanLoss(spec, results), model);
      }
      return model;
    }
  }

  private static ShardResult train(
      TrainingSpec spec, RoundModel base, int shard, Samples samples, Lanes lanes) throws Diverged {
    LocalTraining training = new LocalTraining(base, spec.local(), shard, samples, lanes);
    while (training.step() < training.steps()) {
      if (!training.advance()) {
        throw new Diverged(base.round(), shard, training.step());
      }
    }
    if (!training.finite()) {
      throw new Diverged(base.round(), shard, training.step());
    }
    return new ShardResult(
        spec.model(),
        base.round(),
        shard,
        samples.count(),
        training.step(),
        training.lossSum(),
        training.parameters());
  }

  private static double meanLoss(TrainingSpec spec, List<ShardResult> results) {
    double sum = results.stream().mapToDouble(ShardResult::lossSum).reduce(0, Double::sum);
    double visits = (double) spec.trainImages() * spec.local().epochs();
    return sum / (visits * spec.model().labels());
  }
}
