package io.shardex.cli;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Network;
import io.shardex.protocol.network.NetworkId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Submissions under way, a small file each, so that one that was interrupted goes on and pays no
 * second time. A file is there from just before the deposit until the market has the job.
 */
final class SubmissionJournal {
  private static final String FORMAT = "shardex.submission/1";

  private final Path folder;
  private final Network network;
  private final Address builder;

  SubmissionJournal(Path folder, Network network, Address builder) {
    this.folder = folder;
    this.network = network;
    this.builder = builder;
  }

  /** The file of a job file's submission: one for each network, builder and exact job file. */
  Path file(Digest spec) {
    byte[] whose =
        (NetworkId.of(network) + " " + builder + " " + spec).getBytes(StandardCharsets.UTF_8);
    return folder.resolve("submission-" + Digest.sha256(whose).brief() + ".txt");
  }

  /** The submission under way; {@link InputRefused} when its file cannot be understood. */
  Optional<Submission> find(Digest spec) throws IOException, InputRefused {
    Path file = file(spec);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Map<String, String> fields = new TreeMap<>();
    for (String line : Files.readAllLines(file)) {
      int equals = line.indexOf('=');
      fields.put(line.substring(0, Math.max(0, equals)), line.substring(equals + 1));
    }
    try {
      if (!FORMAT.equals(fields.get("format"))) {
        throw new IllegalArgumentException("it is not of format " + FORMAT);
      }
      return Optional.of(
          new Submission(
              Instant.parse(fields.getOrDefault("submitted", "")),
              Long.parseLong(fields.getOrDefault("nonce", "")),
              Long.parseLong(fields.getOrDefault("refundAt", "")),
              Boolean.parseBoolean(fields.getOrDefault("paying", "true"))));
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new InputRefused(
          "the note of an unfinished submission, " + file + ", cannot be read: " + e.getMessage(),
          "Delete it if no deposit was made; else wait for the deposit's refund date and reclaim it");
    }
  }

  /** Remembers the submission, over a crash of the machine too. */
  void remember(Digest spec, Submission submission) throws IOException {
    Files.createDirectories(folder);
    String text =
        """
        format=%s
        submitted=%s
        nonce=%d
        refundAt=%d
        paying=%s
        """
            .formatted(
                FORMAT,
                submission.submitted(),
                submission.nonce(),
                submission.refundAt(),
                submission.paying());
    Path file = file(spec);
    Path partial = file.resolveSibling(file.getFileName() + ".part");
    try (FileChannel channel =
        FileChannel.open(
            partial,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        int written = channel.write(bytes);
        assert written >= 0;
      }
      channel.force(true);
    }
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The market has the job: a further submission of the same file is another job. */
  void forget(Digest spec) throws IOException {
    Files.deleteIfExists(file(spec));
  }
}
