package io.shardex.worker.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.shardex.market.Digest;
import io.shardex.market.Divergence;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.training.ShardOutcome;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.ModelSpec;
import io.shardex.worker.FakeNetwork;
import io.shardex.worker.TestJob;
import io.shardex.worker.runtime.ReferenceTrainer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Market and training say the same of a run that left the finite numbers. */
class DivergenceTest {
  @TempDir Path home = Path.of("set by JUnit");
  private final FakeNetwork network = new FakeNetwork();

  @Test
  void whatADivergedRunShowsIsWhatTheMarketMakesOfItsStep() throws Exception {
    TreeSet<Integer> steps = new TreeSet<>();
    for (float weight : new float[] {Float.MAX_VALUE, 1e19f, 1e15f}) {
      ShardOutcome.Diverged diverged =
          assertInstanceOf(ShardOutcome.Diverged.class, trained(weight));

      assertEquals(Divergence.shown(diverged.step()), Digest.of(diverged.resultDigest().bytes()));
      steps.add(diverged.step());
    }
    assertEquals(Set.of(1, 2), steps);
  }

  /** A shard trained at the highest rate from a model whose weights are all this. */
  private ShardOutcome trained(float weight) throws Exception {
    TestJob job = TestJob.of(network, TestJob.file("[784, 8, 10]", "1000", "{accelerator: any}"));
    ModelSpec model = job.training().model();
    float[] weights = new float[model.parameterCount()];
    Arrays.fill(weights, weight);
    Digest base = network.store(new RoundModel(model, 0, Parameters.of(weights)).encode());
    LeaseOffer offer =
        new LeaseOffer(job.task(0), 1, 60_000, 0, job.terms(), job.spec(), job.data(), base, false);
    try (LeaseFolder folder =
        LeaseFolder.open(
            home.resolve("w" + weight),
            network,
            TestJob.NETWORK,
            CacheFolder.open(home.resolve("cache"), 1L << 30, InstantSource.system()),
            256)) {
      StagedShard shard = folder.staging().stage(offer, new Patience(() -> false, time -> {}));
      return new ReferenceTrainer(1)
          .train(
              shard.task(),
              shard.samples(),
              Optional.empty(),
              (step, all, loss) -> {},
              () -> false);
    }
  }
}
