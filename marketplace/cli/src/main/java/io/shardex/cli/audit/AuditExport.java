package io.shardex.cli.audit;

import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.log.ArchiveWriter;
import io.shardex.protocol.log.LogEntry;
import io.shardex.protocol.network.NetworkFile;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code audit export}: the log from the nodes' archives into a file. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = "Write the log's entries from the nodes' archives to a file (shardex.archive/1).",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the file is complete",
      "1:no node holds the entries, or the file cannot be written",
      "2:usage",
      "3:no node answered"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex audit export --out log.shardex",
      "  shardex audit export --out part.shardex --from 1000 --to 2000"
    })
public final class AuditExport implements Callable<Integer> {
  private static final int EVERY = 10_000;

  @Mixin private AuditTarget target = new AuditTarget();

  @Option(names = "--out", paramLabel = "FILE", required = true, description = "Must not exist.")
  private Path out = Path.of("");

  @Option(
      names = "--from",
      paramLabel = "INDEX",
      defaultValue = "0",
      description = "First log index. Default: 0.")
  private long from;

  @Option(
      names = "--to",
      paramLabel = "INDEX",
      defaultValue = "0",
      description = "Last log index. Default: the last there is.")
  private long to;

  private long entries;
  private long last = -1;

  @Override
  public Integer call() {
    boolean json = target.json();
    return target.run(
        () -> {
          NetworkFile file = target.network();
          requireSense();
          long bytes = export(file);
          target
              .out()
              .println(
                  json
                      ? new JsonLine()
                          .put("file", out.toString())
                          .put("entries", entries)
                          .put("lastIndex", last)
                          .put("bytes", bytes)
                          .toString()
                      : "%s: %,d entries up to log index %d, %,d bytes"
                          .formatted(out, entries, last, bytes));
          target.out().flush();
          return AuditTarget.EQUAL;
        });
  }

  private void requireSense() {
    if (from < 0 || to < 0 || (to > 0 && to < from)) {
      throw new ParameterException(
          target.spec().commandLine(), "no range goes from %d to %d".formatted(from, to));
    }
    if (Files.exists(out)) {
      throw new ParameterException(target.spec().commandLine(), out + " exists already");
    }
  }

  /** To a file beside it first, so that what has the name is whole. */
  private long export(NetworkFile file) throws IOException {
    Path partial = out.resolveSibling(out.getFileName() + ".part");
    try (Nodes nodes = AuditTarget.nodes(file)) {
      if (AuditTarget.statuses(nodes).isEmpty()) {
        throw new AuditTarget.NoNode(nodes.addresses());
      }
      return export(file, partial, nodes);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private long export(NetworkFile file, Path partial, Nodes nodes) throws IOException {
    long bytes;
    try (FileOutputStream disk = new FileOutputStream(partial.toFile());
        OutputStream buffered = new BufferedOutputStream(disk, 1 << 16)) {
      ArchiveWriter writer = ArchiveWriter.begin(buffered, file.identity());
      new MarketClient(nodes).archive(from, to, entry -> write(writer, entry));
      buffered.flush();
      disk.getFD().sync();
      bytes = writer.bytes();
    }
    Files.move(partial, out, StandardCopyOption.ATOMIC_MOVE);
    return bytes;
  }

  private void write(ArchiveWriter writer, LogEntry entry) {
    if (last >= 0 && entry.previous() != last) {
      throw Difference.at(
          entry.index(),
          "a node says that the entry follows on %d, but another sent %d before it"
              .formatted(entry.previous(), last));
    }
    try {
      writer.write(entry);
    } catch (IOException e) {
      throw new UncheckedIOException(out + " cannot be written: " + e.getMessage(), e);
    }
    last = entry.index();
    if (++entries % EVERY == 0) {
      target.err().printf("exported %,d entries, up to log index %d%n", entries, last);
      target.err().flush();
    }
  }
}
