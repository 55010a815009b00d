package io.shardex.worker.runtime.torch;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/** The libtorch of this machine; without one a test is skipped and says so. */
final class InstalledTorch {
  private InstalledTorch() {}

  static TorchInstall here() {
    Path folder =
        Path.of(
            Objects.requireNonNullElse(
                System.getenv("SHARDEX_TORCH"),
                Path.of(System.getProperty("user.home"), ".shardex", "torch").toString()));
    try {
      return TorchInstall.at(folder);
    } catch (IOException e) {
      System.out.println("SKIPPED: no libtorch here: " + e.getMessage());
      assumeTrue(false, e.getMessage());
      throw new AssertionError(e);
    }
  }

  static TorchLimits limits(Duration step) {
    return new TorchLimits(1_024, 1, Duration.ofSeconds(90), step);
  }
}
