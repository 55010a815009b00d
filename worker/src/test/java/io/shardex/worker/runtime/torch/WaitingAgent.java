package io.shardex.worker.runtime.torch;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A process that trains a toy, and then waits for another with the child that it keeps. */
final class WaitingAgent {
  static final String WAITS = "waits";

  private WaitingAgent() {}

  public static void main(String[] args) throws InterruptedException {
    TorchTrainer trainer =
        new TorchTrainer(InstalledTorch.here(), InstalledTorch.limits(Duration.ofSeconds(30)));
    TorchOutcome outcome =
        trainer.train(
            Toys.JOB,
            Toys.shard(Toys.TOY, Toys.floats("toy.f32"), Toys.SGD),
            Path.of(args[0]),
            Toys.samples(),
            Optional.empty(),
            (step, steps, mean) -> {},
            () -> false);
    System.out.println(outcome instanceof TorchOutcome.Trained ? WAITS : outcome.toString());
    Thread.sleep(Long.MAX_VALUE);
  }
}
