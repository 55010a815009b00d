package io.shardex.worker.device;

import java.util.List;
import java.util.Optional;

/** Runs a program of a GPU's driver. */
public interface Tool {
  /**
   * What the program prints.
   *
   * @param command the program's name and its arguments
   * @return empty if this machine has no such program
   * @throws ToolFault if it fails, hangs, or says too much
   */
  Optional<String> run(List<String> command) throws ToolFault;
}
