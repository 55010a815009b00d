package io.shardex.worker.runtime.torch;

import io.shardex.training.proof.Challenge;
import io.shardex.training.proof.MatrixChain;
import io.shardex.training.proof.ProofFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A challenge's chain on the device that libtorch has, such as a slot's GPU, in a child process of
 * its own that ends with it. Which bits come out does not depend on the device.
 */
public final class TorchChain implements MatrixChain {
  /** What the child has in its heap: a few matrices of 4 MiB, as bytes and as floats. */
  private static final int HEAP_MIB = 128;

  private final TorchLimits limits;
  private final StartedChild.Maker maker;

  /** By this installation. */
  public TorchChain(TorchInstall install, TorchLimits limits) {
    this(limits, install::child);
  }

  TorchChain(TorchLimits limits, StartedChild.Maker maker) {
    this.limits = limits;
    this.maker = maker;
  }

  @Override
  public void run(Challenge challenge, Consumer each) throws ProofFailure, InterruptedException {
    ChainJob job = ChainJob.of(challenge);
    try (StartedChild child = StartedChild.start(maker, limits, HEAP_MIB)) {
      TorchProcess process = child.process();
      Frame ready = next(process, limits.start());
      TorchReady.of(ready).requireProtocol();
      process.send(job);
      for (int link = 0; link < job.size().links(); link++) {
        each.accept(Frame.readData(() -> next(process, limits.step()), job.cells()));
      }
    } catch (IOException e) {
      throw new ProofFailure(
          "the chain broke off: " + Words.bounded(String.valueOf(e.getMessage())));
    }
  }

  private static Frame next(TorchProcess child, Duration atMost)
      throws IOException, InterruptedException {
    try {
      Optional<Frame> frame = child.next(atMost);
      if (frame.isEmpty()) {
        throw new IOException("libtorch was silent for %d s".formatted(atMost.toSeconds()));
      }
      return frame.get();
    } catch (TorchProcess.Ended e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
