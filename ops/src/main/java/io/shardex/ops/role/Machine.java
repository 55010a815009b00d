package io.shardex.ops.role;

import io.shardex.worker.device.Gpus;
import io.shardex.worker.device.Hardware;
import io.shardex.worker.device.Host;
import java.nio.file.Path;

/**
 * What an agent would run on.
 *
 * @param host what the process may use
 * @param hardware what there is
 * @param gpus what the drivers tell of
 * @param torch where libtorch is, if it is installed
 */
record Machine(Host host, Hardware hardware, Gpus gpus, Path torch) {
  /** Looks; takes some seconds where a driver sleeps. */
  static Machine here() {
    return new Machine(Host.here(), Hardware.here(), Gpus.here(), TorchFolder.standard());
  }
}
