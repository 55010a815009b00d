package io.shardex.protocol.job;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a command job is made from, as the market names it: its root file system and its input files
 * by blob id. Its own blob id is {@code JobTerms.data}.
 *
 * <p>Canonical bytes, big-endian: {@code "SXC1"}, the image's blob id (32 bytes) and size (long),
 * the number of files (int), and for each its name's length (int), its name in ASCII, blob id and
 * size.
 *
 * @param image the root file system, packed as the job file says
 * @param files in the order of the job file, at most 32
 */
public record CommandInputs(Blob image, List<File> files) {
  /** A blob and its length, 1 to {@link Manifest#MAX_BYTES}. */
  public record Blob(Digest id, long bytes) {
    public Blob {
      if (bytes < 1 || bytes > Manifest.MAX_BYTES) {
        throw new IllegalArgumentException(
            "expected 1 to %d bytes, but it is %d".formatted(Manifest.MAX_BYTES, bytes));
      }
    }
  }

  /** A file under its name in the command's input folder. */
  public record File(String name, Blob blob) {
    public File {
      if (!name.matches(CommandFields.INPUT_NAME)) {
        throw new IllegalArgumentException("expected a file name, but it is '" + name + "'");
      }
    }
  }

  private static final int MAGIC = 'S' << 24 | 'X' << 16 | 'C' << 8 | '1';
  private static final int BLOB_BYTES = Digest.BYTES + Long.BYTES;

  /** The longest canonical bytes. */
  public static final int MAX_BYTES =
      2 * Integer.BYTES
          + BLOB_BYTES
          + CommandFields.MAX_INPUTS * (Integer.BYTES + CommandFields.MAX_INPUT_NAME + BLOB_BYTES);

  public CommandInputs {
    files = List.copyOf(files);
    long names = files.stream().map(File::name).distinct().count();
    if (files.size() > CommandFields.MAX_INPUTS || names < files.size()) {
      throw new IllegalArgumentException(
          "expected at most %d files of different names, but there are %d with %d names"
              .formatted(CommandFields.MAX_INPUTS, files.size(), names));
    }
  }

  /** Every blob it lists, the image first. */
  public List<Blob> blobs() {
    List<Blob> all = new ArrayList<>();
    all.add(image);
    files.forEach(file -> all.add(file.blob()));
    return all;
  }

  /** The canonical bytes. */
  public byte[] encoded() {
    ByteBuffer out = ByteBuffer.allocate(MAX_BYTES).putInt(MAGIC);
    put(out, image);
    out.putInt(files.size());
    for (File file : files) {
      out.putInt(file.name().length()).put(file.name().getBytes(US_ASCII));
      put(out, file.blob());
    }
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  private static void put(ByteBuffer out, Blob blob) {
    out.put(blob.id().bytes()).putLong(blob.bytes());
  }

  /** Reads canonical bytes; throws {@link IllegalArgumentException} for anything else. */
  public static CommandInputs decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      if (bytes.length > MAX_BYTES || in.getInt() != MAGIC) {
        throw new IllegalArgumentException("these bytes are no description of a command's inputs");
      }
      Blob image = blob(in);
      int count = bounded(in.getInt(), CommandFields.MAX_INPUTS);
      List<File> files = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        byte[] name = new byte[bounded(in.getInt(), CommandFields.MAX_INPUT_NAME)];
        in.get(name);
        files.add(new File(new String(name, US_ASCII), blob(in)));
      }
      if (in.hasRemaining()) {
        throw new IllegalArgumentException(in.remaining() + " bytes are left over");
      }
      return new CommandInputs(image, files);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("the description of a command's inputs is cut short", e);
    }
  }

  private static Blob blob(ByteBuffer in) {
    byte[] id = new byte[Digest.BYTES];
    in.get(id);
    return new Blob(Digest.of(id), in.getLong());
  }

  private static int bounded(int count, int most) {
    if (count < 0 || count > most) {
      throw new IllegalArgumentException(
          "expected a count of 0 to %d, but it is %d".formatted(most, count));
    }
    return count;
  }

  /** What the market calls it: the blob id of the canonical bytes. */
  public Digest digest() {
    return Manifest.of(encoded()).id();
  }

  /** Why these are not the inputs that a job file names; empty if they are. */
  public Optional<String> refusal(CommandSpec spec) {
    List<CommandSpec.Input> named = spec.inputs();
    if (!named.stream()
        .map(CommandSpec.Input::name)
        .toList()
        .equals(files.stream().map(File::name).toList())) {
      return Optional.of("the description does not list the job file's inputs in its order");
    }
    Optional<String> refusal = refusal("image", spec.image().source(), image);
    for (int i = 0; refusal.isEmpty() && i < named.size(); i++) {
      refusal = refusal(named.get(i).name(), named.get(i).source(), files.get(i).blob());
    }
    return refusal;
  }

  private static Optional<String> refusal(String what, CommandSpec.Source source, Blob found) {
    return switch (source) {
      case CommandSpec.Source.File file -> Optional.empty();
      case CommandSpec.Source.Blob blob ->
          blob.id().equals(found.id()) && blob.bytes() == found.bytes()
              ? Optional.empty()
              : Optional.of(
                  "the description has another blob for %s than the job file".formatted(what));
    };
  }
}
