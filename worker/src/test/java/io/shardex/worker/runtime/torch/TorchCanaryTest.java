package io.shardex.worker.runtime.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.shardex.training.model.Parameters;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Whether the canary can refuse, and what the real libtorch says to it. */
class TorchCanaryTest {
  private final AtomicInteger runs = new AtomicInteger();

  @Test
  void aTrainerThatRepeatsIsSaidToRepeat() throws IOException, InterruptedException {
    assertEquals(
        new TorchCanary.Repeats(3), TorchCanary.sing((shard, module, samples) -> trained(shard)));
  }

  @Test
  void oneBitInOneParameterIsADifference() throws IOException, InterruptedException {
    assertEquals(
        new TorchCanary.Differs(3),
        TorchCanary.sing(
            (shard, module, samples) ->
                runs.incrementAndGet() < 3 ? trained(shard) : nudged(shard)));
  }

  @Test
  void aZeroOfAnotherSignIsADifference() throws IOException, InterruptedException {
    assertEquals(
        new TorchCanary.Differs(2),
        TorchCanary.sing(
            (shard, module, samples) ->
                new TorchOutcome.Trained(
                    Parameters.of(new float[] {runs.incrementAndGet() == 2 ? -0f : 0f}), 1, 0)));
  }

  @Test
  void whatCannotBeTrainedFails() throws IOException, InterruptedException {
    assertEquals(
        new TorchCanary.Fails("no library"),
        TorchCanary.sing(
            (shard, module, samples) ->
                new TorchOutcome.Failed(TorchOutcome.Fault.HOST, "no library")));
    assertEquals(
        new TorchCanary.Fails("it diverged at step 3"),
        TorchCanary.sing((shard, module, samples) -> new TorchOutcome.Diverged(3)));
  }

  @Test
  void theRealLibtorchTrainsTheToy() throws IOException, InterruptedException {
    TorchTrainer trainer =
        new TorchTrainer(InstalledTorch.here(), InstalledTorch.limits(Duration.ofMinutes(1)));

    TorchCanary.Verdict verdict = TorchCanary.sing(trainer);

    // Whether it repeats is what it is asked for, and no promise.
    System.out.println("the canary says: " + verdict);
    assertFalse(verdict instanceof TorchCanary.Fails, verdict.toString());
  }

  private static TorchOutcome trained(TorchShard shard) {
    return new TorchOutcome.Trained(shard.base(), 40, 1);
  }

  private static TorchOutcome nudged(TorchShard shard) {
    float[] values = new float[shard.base().count()];
    shard.base().copyTo(0, values);
    values[77] = Math.nextUp(values[77]);
    return new TorchOutcome.Trained(Parameters.of(values), 40, 1);
  }
}
