package io.shardex.worker.runtime.torch;

import java.io.DataInputStream;
import java.io.IOException;

/**
 * What a child says once libtorch is loaded.
 *
 * @param protocol that it speaks
 * @param version of libtorch
 * @param device it computes on: {@code cpu}, {@code gpu}
 */
record TorchReady(int protocol, String version, String device) {
  static TorchReady of(Frame frame) throws IOException {
    DataInputStream in = frame.as(Frame.Kind.READY).in();
    return new TorchReady(in.readInt(), Words.bounded(in.readUTF()), Words.bounded(in.readUTF()));
  }

  boolean isOnProcessors() {
    return device.equals(TorchInstall.PROCESSORS);
  }

  /** Throws what says of which protocol it is. */
  void requireProtocol() throws Frame.Malformed {
    if (protocol != Frame.VERSION) {
      throw new Frame.Malformed(
          "expected a child of protocol %d, but it is of %d".formatted(Frame.VERSION, protocol));
    }
  }
}
