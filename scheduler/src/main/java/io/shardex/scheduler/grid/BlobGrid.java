package io.shardex.scheduler.grid;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.MalformedBlob;
import io.shardex.protocol.blob.Manifest;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Blobs by content, shared by all nodes of the grid.
 *
 * <p>An upload announces its manifest first, which claims its bytes from the uploader's quota, then
 * puts the chunks it was told are missing, in any order, any number of times. All calls block on
 * the network; besides what they name, all may throw {@link GridUnavailable}.
 */
public interface BlobGrid extends AutoCloseable {
  /**
   * Claims room for a blob and stores its manifest. The first to announce a blob pays for it; to
   * announce it again is free and starts its time to live anew, unless nine tenths of it are left.
   *
   * @param uploader whose quota pays, at most {@value Claim#MAX_UPLOADER_CHARS} characters
   * @return the indices of the chunks that are not there yet, ascending
   * @throws QuotaExceeded if the blob does not fit; nothing is stored then
   */
  List<Integer> announce(String uploader, Manifest manifest);

  /**
   * Stores chunk {@code index} of an announced blob.
   *
   * @throws BlobUnknown if the blob is not announced
   * @throws MalformedBlob if the bytes are not that chunk
   */
  void put(Manifest manifest, int index, byte[] chunk);

  /**
   * The manifest of an announced blob, or nothing.
   *
   * @throws ChunkCorrupted if its stored bytes do not match; they are removed
   */
  Optional<Manifest> manifest(Digest blob);

  /**
   * The chunk of that digest, or nothing.
   *
   * @throws ChunkCorrupted if the stored bytes do not match; they are removed
   */
  Optional<byte[]> chunk(Digest digest);

  /**
   * What is stored under that digest, or nothing: for a reader that verifies it, and has a broken
   * one removed by {@link #chunk}.
   */
  Optional<byte[]> unverified(Digest digest);

  /**
   * The same of the copies that are on this node, or nothing: asks no other node, which has what is
   * not here.
   */
  Optional<byte[]> held(Digest digest);

  /** How much of a blob is there. Looks at names only; reads verify. */
  BlobStat stat(Digest blob);

  /**
   * Gives up the claim on a blob; its chunks leave with the next sweep unless another blob has
   * them.
   *
   * @return whether there was a claim
   */
  boolean delete(Digest blob);

  /**
   * Gives up this uploader's claim on a blob, if it is the one that pays for it.
   *
   * @return whether it was
   */
  boolean release(Digest blob, String uploader);

  /**
   * Removes every blob that is not live and was announced longer ago than the time to live, and
   * every chunk of no remaining blob. Any node may sweep at any time, several at once too.
   *
   * @param live the blobs the market's state refers to
   */
  Swept sweep(Set<Digest> live);

  /** The grid as this node sees it; waits for no other node and never throws. */
  GridStatus status();

  /** Announces and puts a whole blob that fits in memory; returns its name. */
  default Digest store(String uploader, byte[] content) {
    Manifest manifest = Manifest.of(content);
    for (int index : announce(uploader, manifest)) {
      put(manifest, index, manifest.slice(content, index));
    }
    return manifest.id();
  }

  /**
   * The whole content of a blob that fits in memory, or nothing if the blob or a chunk is absent.
   *
   * @throws ChunkCorrupted if stored bytes do not match; they are removed
   */
  default Optional<byte[]> load(Digest blob) {
    return manifest(blob).flatMap(this::content);
  }

  /**
   * The whole content of a blob that fits in memory, or nothing if a chunk is absent.
   *
   * @throws ChunkCorrupted if stored bytes do not match; they are removed
   */
  default Optional<byte[]> content(Manifest manifest) {
    byte[] content = new byte[Math.toIntExact(manifest.totalBytes())];
    for (int i = 0; i < manifest.chunks().size(); i++) {
      Optional<byte[]> chunk = chunk(manifest.chunks().get(i));
      if (chunk.isEmpty()) {
        return Optional.empty();
      }
      int start = (int) manifest.chunkOffset(i);
      System.arraycopy(chunk.get(), 0, content, start, manifest.chunkBytes(i));
    }
    return Optional.of(content);
  }

  @Override
  void close();
}
