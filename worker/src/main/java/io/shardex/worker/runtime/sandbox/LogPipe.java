package io.shardex.worker.runtime.sandbox;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Reads what a command says to its end, line by line, and keeps a bounded part of it. */
public final class LogPipe {
  private static final int LONGEST_LINE = 8 << 10;

  private final Consumer<String> lines;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long left;
  private boolean told;

  /** A pipe that hands on lines until {@code most} bytes have come. */
  public LogPipe(Consumer<String> lines, long most) {
    this.lines = lines;
    this.left = most;
  }

  /** Reads until the other side closes; a command that says too much is not held up. */
  public void drain(InputStream said) throws IOException {
    byte[] block = new byte[8 << 10];
    int count;
    while ((count = said.read(block)) >= 0) {
      for (int i = 0; i < count; i++) {
        take(block[i]);
      }
    }
    end();
  }

  private void take(byte next) {
    if (left == 0) {
      if (!told) {
        end();
        told = true;
        lines.accept("... the rest is dropped");
      }
      return;
    }
    left--;
    if (next == '\n' || line.size() == LONGEST_LINE) {
      end();
    }
    if (next != '\n') {
      line.write(next);
    }
  }

  private void end() {
    if (line.size() > 0) {
      // What could move a terminal's cursor or forge another line is shown as a question mark.
      lines.accept(line.toString(StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?"));
      line.reset();
    }
  }
}
