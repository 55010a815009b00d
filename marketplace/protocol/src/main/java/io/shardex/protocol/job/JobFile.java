package io.shardex.protocol.job;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A job file: its exact bytes, by which the chain and the market name the job's spec, and what they
 * say. UTF-8 YAML of at most 256 KiB without anchors, aliases and tags.
 */
public final class JobFile {
  /** The longest job file. */
  public static final int MAX_BYTES = 256 * 1024;

  private final byte[] bytes;
  private final JobSpec spec;

  private JobFile(byte[] bytes, JobSpec spec) {
    this.bytes = bytes;
    this.spec = spec;
  }

  /** Reads a file; a {@link JobRefused} lists all that is wrong with it, with lines. */
  public static JobFile read(Path file) throws IOException, JobRefused {
    try (InputStream in = Files.newInputStream(file)) {
      return parse(in.readNBytes(MAX_BYTES + 1));
    }
  }

  /** Reads a file's bytes. */
  public static JobFile parse(byte[] bytes) throws JobRefused {
    if (bytes.length > MAX_BYTES) {
      throw new JobRefused("", "expected at most " + MAX_BYTES + " bytes, but there are more");
    }
    Yaml.Mapping root = YamlReader.read(bytes);
    List<Problem> problems = ShapeCheck.problems(JobFields.ROOT, root);
    if (!problems.isEmpty()) {
      throw new JobRefused(problems);
    }
    return new JobFile(bytes.clone(), JobSpecReader.read(root));
  }

  public JobSpec spec() {
    return spec;
  }

  /** A copy of the exact bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The spec's digest: the blob id of the exact bytes. */
  public Digest digest() {
    return Manifest.of(bytes).id();
  }
}
