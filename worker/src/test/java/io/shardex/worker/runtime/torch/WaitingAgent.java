package io.shardex.worker.runtime.torch;

import io.shardex.training.ShardProgress;
import java.nio.file.Path;
import java.time.Duration;

/** A process that trains a toy, and then waits for another with a child that waits, too. */
final class WaitingAgent {
  static final String WAITS = "waits";

  private WaitingAgent() {}

  public static void main(String[] args) throws InterruptedException {
    TorchTrainer trainer =
        TorchTrainer.sparing(InstalledTorch.here(), InstalledTorch.limits(Duration.ofSeconds(30)));
    TorchOutcome outcome =
        trainer.train(
            Toys.shard(Toys.TOY, Toys.floats("toy.f32"), Toys.SGD),
            Path.of(args[0]),
            Toys.samples(),
            ShardProgress.NONE,
            () -> false);
    System.out.println(outcome instanceof TorchOutcome.Trained ? WAITS : outcome.toString());
    Thread.sleep(Long.MAX_VALUE);
  }
}
