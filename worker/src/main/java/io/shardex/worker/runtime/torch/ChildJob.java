package io.shardex.worker.runtime.torch;

import java.io.DataOutputStream;
import java.io.IOException;

/** What a child is to do. */
sealed interface ChildJob permits ChainJob, TorchJob {
  void write(DataOutputStream out) throws IOException;

  /** Reads what follows its first frame. */
  static ChildJob read(Frame first, Frame.Source frames) throws IOException, InterruptedException {
    return first.kind() == Frame.Kind.CHAIN
        ? ChainJob.read(first, frames)
        : TorchJob.read(first, frames);
  }
}
