package io.shardex.worker.runtime.torch;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;

/**
 * One message between agent and child: its length (4 bytes, big-endian), its kind (1 byte), its
 * bytes. Version 3 of the protocol:
 *
 * <pre>
 * child          READY (version, libtorch's version, its device)
 * agent          JOB (what to train, and from which step), then DATA: parameters, behind the
 *                first step the state to go on from, features, labels
 * child          STEP (step, steps, mean loss) after each step
 * agent          SAVE, when it wants the state after the step under way; one at a time, and one
 *                that comes behind the last step is not answered
 * child          STATE (step, loss sum), then DATA: parameters and slots; behind the STEP it is of
 * child          TRAINED (steps, loss sum), then DATA: parameters
 *             or DIVERGED (step)
 *             or FAILED (whose fault, reason)
 *
 * agent          CHAIN (side, links), then DATA: factor, first matrix
 * child          DATA: the matrix after each link
 * </pre>
 *
 * Jobs follow each other. Either side closes its end to be done.
 */
final class Frame {
  static final int VERSION = 3;

  /** The longest body. */
  static final int LONGEST = 1 << 20;

  private final Kind kind;
  private final byte[] body;

  private Frame(Kind kind, byte[] body) {
    this.kind = kind;
    this.body = body;
  }

  /** What a frame says; each has a number of its own for ever. */
  enum Kind {
    READY(1),
    JOB(2),
    DATA(3),
    STEP(4),
    TRAINED(5),
    DIVERGED(6),
    FAILED(7),
    SAVE(8),
    STATE(9),
    CHAIN(10);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    static Kind of(int number) throws Malformed {
      for (Kind kind : values()) {
        if (kind.number == number) {
          return kind;
        }
      }
      throw new Malformed("no frame is of kind " + number);
    }
  }

  /** What came is no frame, or none that may come now. */
  static final class Malformed extends IOException {
    private static final long serialVersionUID = 1;

    Malformed(String message) {
      super(message);
    }
  }

  /** Writes a frame's body. */
  interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  static Frame of(Kind kind, Body body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    body.write(new DataOutputStream(bytes));
    if (bytes.size() > LONGEST) {
      throw new Malformed("a frame of " + bytes.size() + " bytes");
    }
    return new Frame(kind, bytes.toByteArray());
  }

  void write(DataOutputStream out) throws IOException {
    out.writeInt(body.length);
    out.writeByte(kind.number);
    out.write(body);
  }

  /** The next frame; nothing where the stream ends in order. */
  static Optional<Frame> read(DataInputStream in) throws IOException {
    int first = in.read();
    if (first < 0) {
      return Optional.empty();
    }
    int length = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
    Kind kind = Kind.of(in.readUnsignedByte());
    if (length < 0 || length > LONGEST) {
      throw new Malformed("%d bytes of %s are no frame".formatted(length, kind));
    }
    byte[] body = new byte[length];
    in.readFully(body);
    return Optional.of(new Frame(kind, body));
  }

  /** This frame, which must be of this kind. */
  Frame as(Kind expected) throws Malformed {
    if (kind != expected) {
      throw new Malformed("expected %s, but got %s".formatted(expected, kind));
    }
    return this;
  }

  Kind kind() {
    return kind;
  }

  DataInputStream in() {
    return new DataInputStream(new ByteArrayInputStream(body));
  }

  /** Writes bytes as frames of data. */
  static void writeData(DataOutputStream out, byte[] bytes) throws IOException {
    for (int at = 0; at < bytes.length; at += LONGEST) {
      int count = Math.min(LONGEST, bytes.length - at);
      out.writeInt(count);
      out.writeByte(Kind.DATA.number);
      out.write(bytes, at, count);
    }
  }

  /** Where the frames come from, one after another. */
  interface Source {
    Frame next() throws IOException, InterruptedException;
  }

  /** Reads exactly so many bytes out of frames of data. */
  static byte[] readData(Source frames, int count) throws IOException, InterruptedException {
    byte[] bytes = new byte[count];
    int at = 0;
    while (at < count) {
      byte[] body = frames.next().as(Kind.DATA).body;
      if (body.length == 0 || body.length > count - at) {
        throw new Malformed(
            "%d bytes of data where %d are left".formatted(body.length, count - at));
      }
      System.arraycopy(body, 0, bytes, at, body.length);
      at += body.length;
    }
    return bytes;
  }
}
