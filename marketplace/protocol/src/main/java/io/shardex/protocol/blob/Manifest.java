package io.shardex.protocol.blob;

import io.shardex.market.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a blob is made of: its length and the digests of its chunks, each {@link #CHUNK_BYTES} long
 * but the last. The blob's name is the digest of the manifest's canonical bytes; with one chunk
 * size for all, equal content has an equal name everywhere.
 *
 * <p>Canonical bytes, big-endian: {@code "SXB1"}, chunk size (int), total size (long), then 32
 * bytes a chunk. The number of chunks follows from the total size.
 *
 * @param totalBytes length of the content, 0 to {@link #MAX_BYTES}
 * @param chunks digests of the chunks in order, ceil(totalBytes / CHUNK_BYTES) of them
 */
public record Manifest(long totalBytes, List<Digest> chunks) {
  /** The length of every chunk but the last: 1 MiB. */
  public static final int CHUNK_BYTES = 1 << 20;

  /** The most chunks a blob may have: 16,384, so that a manifest fits in one chunk (512 KiB). */
  public static final int MAX_CHUNKS = 1 << 14;

  /** The longest blob: 16 GiB. */
  public static final long MAX_BYTES = (long) MAX_CHUNKS * CHUNK_BYTES;

  private static final int MAGIC = 'S' << 24 | 'X' << 16 | 'B' << 8 | '1';
  private static final int HEADER_BYTES = Integer.BYTES + Integer.BYTES + Long.BYTES;

  /** Refuses a length out of range or a wrong number of chunks with {@link MalformedBlob}. */
  public Manifest {
    if (totalBytes < 0 || totalBytes > MAX_BYTES) {
      throw new MalformedBlob(
          "a blob has 0 to " + MAX_BYTES + " bytes, but this one claims " + totalBytes);
    }
    chunks = List.copyOf(chunks);
    if (chunks.size() != chunkCount(totalBytes)) {
      throw new MalformedBlob(
          "a blob of %d bytes has %d chunks, but its manifest lists %d"
              .formatted(totalBytes, chunkCount(totalBytes), chunks.size()));
    }
  }

  /** The manifest of {@code content}. */
  public static Manifest of(byte[] content) {
    List<Digest> digests = new ArrayList<>(chunkCount(content.length));
    for (int start = 0; start < content.length; start += CHUNK_BYTES) {
      digests.add(Digest.sha256(content, start, Math.min(CHUNK_BYTES, content.length - start)));
    }
    return new Manifest(content.length, digests);
  }

  /**
   * The manifest of all that comes, read chunk by chunk; the caller closes the stream.
   *
   * @throws MalformedBlob if more comes than a blob may have
   */
  public static Manifest of(InputStream content) throws IOException {
    List<Digest> digests = new ArrayList<>();
    long totalBytes = 0;
    byte[] chunk = content.readNBytes(CHUNK_BYTES);
    while (chunk.length > 0) {
      totalBytes += chunk.length;
      if (totalBytes > MAX_BYTES) {
        throw new MalformedBlob("a blob has at most " + MAX_BYTES + " bytes, but more came");
      }
      digests.add(Digest.sha256(chunk));
      chunk = content.readNBytes(CHUNK_BYTES);
    }
    return new Manifest(totalBytes, digests);
  }

  /**
   * Reads canonical bytes.
   *
   * @throws MalformedBlob if they are not exactly what {@link #encoded} writes for some manifest
   */
  public static Manifest decode(byte[] bytes) {
    if (bytes.length < HEADER_BYTES) {
      throw new MalformedBlob(
          "a manifest has at least " + HEADER_BYTES + " bytes, but this one has " + bytes.length);
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.getInt() != MAGIC) {
      throw new MalformedBlob("a manifest starts with SXB1, but these bytes do not");
    }
    int chunkBytes = in.getInt();
    if (chunkBytes != CHUNK_BYTES) {
      throw new MalformedBlob(
          "chunks have " + CHUNK_BYTES + " bytes, but this manifest says " + chunkBytes);
    }
    long totalBytes = in.getLong();
    if (totalBytes < 0 || totalBytes > MAX_BYTES) {
      throw new MalformedBlob(
          "a blob has 0 to " + MAX_BYTES + " bytes, but this one claims " + totalBytes);
    }
    int count = chunkCount(totalBytes);
    if (in.remaining() != count * Digest.BYTES) {
      throw new MalformedBlob(
          "a manifest of %d chunks has %d bytes, but this one has %d"
              .formatted(count, encodedBytes(count), bytes.length));
    }
    return new Manifest(totalBytes, readDigests(in, count));
  }

  /** The canonical bytes. */
  public byte[] encoded() {
    ByteBuffer out = ByteBuffer.allocate(encodedBytes(chunks.size()));
    out.putInt(MAGIC).putInt(CHUNK_BYTES).putLong(totalBytes);
    chunks.forEach(chunk -> out.put(chunk.bytes()));
    return out.array();
  }

  /** The blob's name: the digest of the canonical bytes. */
  public Digest id() {
    return Digest.sha256(encoded());
  }

  /** The length of chunk {@code index}: {@link #CHUNK_BYTES}, or what is left for the last. */
  public int chunkBytes(int index) {
    return (int) Math.min(CHUNK_BYTES, totalBytes - chunkOffset(index));
  }

  /** Where chunk {@code index} starts in the content. */
  public long chunkOffset(int index) {
    if (index < 0 || index >= chunks.size()) {
      throw new MalformedBlob("the blob has " + chunks.size() + " chunks; there is no " + index);
    }
    return (long) index * CHUNK_BYTES;
  }

  /**
   * A copy of chunk {@code index} out of the whole content.
   *
   * @throws MalformedBlob if the content is not as long as this manifest says
   */
  public byte[] slice(byte[] content, int index) {
    if (content.length != totalBytes) {
      throw new MalformedBlob(
          "the manifest is of %d bytes, the content has %d".formatted(totalBytes, content.length));
    }
    int start = (int) chunkOffset(index);
    return Arrays.copyOfRange(content, start, start + chunkBytes(index));
  }

  /**
   * Checks that {@code bytes} are chunk {@code index}.
   *
   * @throws MalformedBlob if there is no such chunk, or length or digest differ
   */
  public void verifyChunk(int index, byte[] bytes) {
    int expected = chunkBytes(index);
    if (bytes.length != expected) {
      throw new MalformedBlob(
          "chunk %d has %d bytes, but %d came".formatted(index, expected, bytes.length));
    }
    Digest digest = Digest.sha256(bytes);
    if (!digest.equals(chunks.get(index))) {
      throw new MalformedBlob(
          "chunk %d has digest %s, but bytes of digest %s came"
              .formatted(index, chunks.get(index), digest));
    }
  }

  private static int chunkCount(long totalBytes) {
    return (int) ((totalBytes + CHUNK_BYTES - 1) / CHUNK_BYTES);
  }

  private static int encodedBytes(int chunkCount) {
    return HEADER_BYTES + chunkCount * Digest.BYTES;
  }

  private static List<Digest> readDigests(ByteBuffer in, int count) {
    List<Digest> digests = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      byte[] digest = new byte[Digest.BYTES];
      in.get(digest);
      digests.add(Digest.of(digest));
    }
    return digests;
  }
}
