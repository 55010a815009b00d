package io.shardex.worker.link;

import io.shardex.market.TaskId;

/** The agent's stream to the market, kept up until it is closed. */
public interface Line extends AutoCloseable {
  /**
   * Says how far training is; the next heartbeat carries the latest word.
   *
   * @param step steps done, 0 to {@code steps}
   */
  void progress(TaskId task, long fence, int step, int steps, double loss);

  @Override
  void close();
}
