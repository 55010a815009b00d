package io.shardex.worker.runtime.torch;

import io.shardex.training.proof.Challenge;
import io.shardex.training.proof.ChallengeSize;
import io.shardex.training.proof.MatrixChain;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * A challenge's chain of products, as it goes through the pipe.
 *
 * @param size of the chain; a table is not the child's
 * @param factor row by row, -56 to 56
 * @param start the first matrix, in the same way
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
record ChainJob(ChallengeSize size, byte[] factor, byte[] start) implements ChildJob {
  static ChainJob of(Challenge challenge) {
    return new ChainJob(
        challenge.size(), MatrixChain.factor(challenge), MatrixChain.start(challenge));
  }

  /** Numbers of a matrix. */
  int cells() {
    return cells(size);
  }

  private static int cells(ChallengeSize size) {
    return size.side() * size.side();
  }

  @Override
  public void write(DataOutputStream out) throws IOException {
    Frame.of(
            Frame.Kind.CHAIN,
            body -> {
              body.writeInt(size.side());
              body.writeInt(size.links());
            })
        .write(out);
    Frame.writeData(out, factor);
    Frame.writeData(out, start);
    out.flush();
  }

  /** Reads what follows its first frame. */
  static ChainJob read(Frame first, Frame.Source frames) throws IOException, InterruptedException {
    DataInputStream in = first.as(Frame.Kind.CHAIN).in();
    ChallengeSize size = new ChallengeSize(in.readInt(), in.readInt(), 0, 0);
    int cells = cells(size);
    byte[] factor = Frame.readData(frames, cells);
    return new ChainJob(size, factor, Frame.readData(frames, cells));
  }
}
