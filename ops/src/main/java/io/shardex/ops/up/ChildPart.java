package io.shardex.ops.up;

import io.shardex.ops.localnet.LogTail;
import io.shardex.ops.localnet.TetheredProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * A part in a process of its own, tethered to this one.
 *
 * @param output what it prints is appended here
 */
record ChildPart(String name, List<String> command, Path output) implements Part {
  private static final int SIGNALS = 128;

  ChildPart {
    command = List.copyOf(command);
  }

  @Override
  public Running start() throws IOException {
    TetheredProcess process = TetheredProcess.start(command, output);
    return new Running() {
      @Override
      public CompletableFuture<String> ended() {
        return process.exit().thenApply(ChildPart.this::said);
      }

      @Override
      public OptionalLong pid() {
        return OptionalLong.of(process.pid());
      }

      @Override
      public void close() {
        process.close();
      }
    };
  }

  private String said(int status) {
    return status > SIGNALS
        ? "was killed by signal " + (status - SIGNALS)
        : "ended with status "
            + status
            + ", and its last words were "
            + LogTail.of(output, "shardex: ");
  }
}
