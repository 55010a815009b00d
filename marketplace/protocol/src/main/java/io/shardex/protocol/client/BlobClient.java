package io.shardex.protocol.client;

import io.grpc.StatusRuntimeException;
import io.shardex.market.Digest;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.wire.BlobState;
import io.shardex.protocol.wire.BlobsGrpc;
import io.shardex.protocol.wire.PutReply;
import io.shardex.protocol.wire.StatRequest;
import io.shardex.protocol.wire.WireValues;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs over the wire. What a key may put and get follows from the market's state; anything else
 * throws {@link Denied}. Every chunk is verified against the blob's id before a caller sees it.
 * Every call may throw another {@link ClientFailure}. Safe for many threads.
 */
public final class BlobClient {
  /** A transfer that is slower than this, in bytes a second, misses its deadline. */
  public static final long SLOWEST = 128 << 10;

  /** Added to a transfer's deadline for each chunk. */
  private static final Duration PER_CHUNK = Duration.ofSeconds(Manifest.CHUNK_BYTES / SLOWEST);

  /** So many chunks come from one node, whoever holds them. */
  private static final int FEW = 4;

  private static final Logger LOG = LoggerFactory.getLogger(BlobClient.class);

  private final Nodes nodes;

  public BlobClient(Nodes nodes) {
    this.nodes = nodes;
  }

  /** Uploads what the grid does not have of the content; returns the blob's id. */
  public Digest put(byte[] content, BlobProgress progress) {
    try (BlobSource source = BlobSource.of(content)) {
      return put(source, progress);
    }
  }

  /**
   * Uploads what the grid does not have of the file, with one chunk of memory.
   *
   * @throws UncheckedIOException if it cannot be read or changes meanwhile
   */
  public Digest put(Path file, BlobProgress progress) {
    try (BlobSource source = BlobSource.of(file)) {
      return put(source, progress);
    }
  }

  /** Whether all of the blob is in the grid. */
  public boolean has(Digest blob) {
    return nodes.call(
        "blob " + blob.brief(),
        link -> {
          BlobState state = stat(link, blob);
          return state.getAnnounced() && state.getMissingCount() == 0;
        });
  }

  /**
   * The whole content.
   *
   * @param maxBytes the most the caller takes into memory; a longer blob is {@link InvalidCall}
   */
  public byte[] get(Digest blob, long maxBytes, BlobProgress progress) {
    BlobTarget.Whole target = new BlobTarget.Whole(maxBytes);
    fetch(new Download(blob, 0, 0, Integer.MAX_VALUE, target, progress));
    return target.content();
  }

  /**
   * Part of the content.
   *
   * @param offset of the first byte
   * @param length in bytes; what lies beyond the blob's end is left out
   * @param progress counts whole chunks, from the one that has the first byte
   */
  public byte[] get(Digest blob, long offset, int length, BlobProgress progress) {
    if (offset < 0 || length < 1) {
      throw new IllegalArgumentException("no range starts at " + offset + " with " + length);
    }
    BlobTarget.Range target = new BlobTarget.Range(offset, length);
    int from = Math.toIntExact(offset / Manifest.CHUNK_BYTES);
    int to = Math.toIntExact((offset + length - 1) / Manifest.CHUNK_BYTES + 1);
    fetch(new Download(blob, from, 0, to, target, progress));
    return target.content();
  }

  /**
   * Writes the whole content to a file: to {@code NAME.part} beside it, which takes its place when
   * it is complete. What an earlier call left there, of this process or another, is verified and
   * gone on with. Needs three chunks of memory. Nothing is forced to the disk, so after a crash of
   * the machine the file's digest tells what it is worth. One call at a time for a file.
   *
   * @param maxBytes the most the caller takes; a longer blob is {@link InvalidCall}
   * @throws UncheckedIOException if it cannot be written
   */
  public void get(Digest blob, Path file, long maxBytes, BlobProgress progress) {
    Path partial = file.resolveSibling(file.getFileName() + ".part");
    try {
      try (BlobTarget.ToFile target = BlobTarget.ToFile.open(partial, maxBytes)) {
        fetchFromHolders(new Download(blob, 0, target.held(), Integer.MAX_VALUE, target, progress));
      }
      Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private Digest put(BlobSource source, BlobProgress progress) {
    Manifest manifest = source.manifest();
    Digest id = manifest.id();
    return nodes.call(
        "the upload of " + id,
        link -> {
          BlobState state = stat(link, id);
          if (state.getAnnounced() && state.getMissingCount() == 0) {
            progress.at(manifest.totalBytes(), manifest.totalBytes());
            return id;
          }
          List<Integer> missing =
              state.getAnnounced()
                  ? state.getMissingList()
                  : IntStream.range(0, manifest.chunks().size()).boxed().toList();
          PutReply reply =
              Upload.send(
                  nodes.authorized(
                      BlobsGrpc.newStub(link.channel())
                          .withDeadlineAfter(millisFor(missing.size()), TimeUnit.MILLISECONDS),
                      link),
                  source,
                  missing,
                  progress);
          if (!WireValues.digest(reply.getBlob()).equals(id) || !reply.getStored()) {
            throw new BadAnswer(
                link.address() + " took all chunks of " + id + " but does not have the blob", null);
          }
          return id;
        });
  }

  /** Fetches chunks in order; after a node's failure goes on at the next where it stopped. */
  private void fetch(Download download) {
    while (!download.isDone()) {
      fetch(download, Download.WINDOW);
    }
  }

  private void fetch(Download download, int most) {
    nodes.call(
        "blob " + download.blob().brief(),
        link -> {
          download.window(nodes.authorized(blobs(link, most), link), most);
          return download;
        });
  }

  /**
   * Fetches chunks from nodes that have a copy of them, by turns, so that a chunk comes from one
   * node to another first only if there are few, or no node says that it has it. A node that fails
   * is not asked so again.
   */
  private void fetchFromHolders(Download download) {
    // Who may not have the blob, or asks for one that is not there, is told so here.
    fetch(download, 1);
    Deque<NodeLink> holders = new ArrayDeque<>(nodes.links());
    int inVain = 0;
    while (!download.isDone()) {
      int first = download.first();
      boolean spread = download.missing() > FEW && !download.isVerified() && holders.size() > 1;
      if (spread && inVain < holders.size()) {
        fetchHeld(download, holders);
        inVain = download.first() == first ? inVain + 1 : 0;
      } else {
        fetch(download, Download.WINDOW);
        inVain = 0;
      }
    }
  }

  /** From the first of the nodes, which is the last then, or none of them if it fails. */
  private void fetchHeld(Download download, Deque<NodeLink> holders) {
    NodeLink link = holders.remove();
    try {
      download.held(nodes.authorized(blobs(link, Download.WINDOW), link));
      holders.add(link);
    } catch (StatusRuntimeException e) {
      LOG.debug("{} does not send what it holds of {}", link.address(), download.blob(), e);
    }
  }

  private BlobState stat(NodeLink link, Digest id) {
    List<BlobState> states =
        nodes
            .authorized(blobs(link, 0), link)
            .stat(StatRequest.newBuilder().addBlobs(WireValues.bytes(id)).build())
            .getBlobsList();
    if (states.size() != 1) {
      throw new MalformedBytes("one blob's state was asked for, " + states.size() + " came");
    }
    return states.getFirst();
  }

  private BlobsGrpc.BlobsBlockingStub blobs(NodeLink link, int chunks) {
    return BlobsGrpc.newBlockingStub(link.channel())
        .withDeadlineAfter(millisFor(chunks), TimeUnit.MILLISECONDS);
  }

  private long millisFor(int chunks) {
    return nodes.patience().call().plus(PER_CHUNK.multipliedBy(chunks)).toMillis();
  }
}
