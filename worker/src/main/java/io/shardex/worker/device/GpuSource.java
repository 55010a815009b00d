package io.shardex.worker.device;

import java.util.Optional;

/** One way to ask for the GPUs of this machine. */
interface GpuSource {
  /**
   * Asks now; takes up to some seconds.
   *
   * @return the GPUs in their driver's order, and what it says of those that it cannot tell of;
   *     empty if the machine lacks the program that is asked
   * @throws ToolFault with the program's own words, if it is there and does not tell of any
   */
  Optional<Gpus> read() throws ToolFault;
}
