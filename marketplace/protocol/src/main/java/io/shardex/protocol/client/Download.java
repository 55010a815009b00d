package io.shardex.protocol.client;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.shardex.market.Digest;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.protocol.blob.MalformedBlob;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.wire.BlobsGrpc;
import io.shardex.protocol.wire.Chunk;
import io.shardex.protocol.wire.GetMessage;
import io.shardex.protocol.wire.GetRequest;
import io.shardex.protocol.wire.WireLimits;
import io.shardex.protocol.wire.WireValues;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A blob on its way here, some chunks a call. What has arrived is verified and is not asked for
 * again, whichever node the next call goes to.
 */
final class Download {
  /** Chunks a call: few enough for a short deadline, many enough to keep the line full. */
  static final int WINDOW = 256;

  /** Where the pieces of the chunk under way are put together. */
  private byte[] chunk = {};

  private final Digest blob;
  private final int from;
  private final int to;
  private final BlobTarget target;
  private final BlobProgress progress;
  private final BitSet arrived = new BitSet();
  private @Nullable Manifest manifest;
  private boolean verified;

  /** The chunks asked for that may still come, ascending. */
  private Queue<Integer> asked = new ArrayDeque<>();

  /** Whether the node leaves out what it does not hold. */
  private boolean leavesOut;

  private int filledBytes;
  private long doneBytes;

  /** Whether the call brought anything, so that the next one is another. */
  private boolean moved;

  /**
   * @param from the first chunk
   * @param held how many of the first ones the target may have already
   * @param to after the last chunk
   */
  Download(Digest blob, int from, int held, int to, BlobTarget target, BlobProgress progress) {
    this.blob = blob;
    this.from = from;
    this.to = to;
    arrived.set(from, from + held);
    this.target = target;
    this.progress = progress;
  }

  Digest blob() {
    return blob;
  }

  boolean isDone() {
    return manifest != null && first() >= end();
  }

  /** The first chunk that is missing. */
  int first() {
    return arrived.nextClearBit(from);
  }

  /** How many are missing, if the blob's length is known; the most there may be, otherwise. */
  int missing() {
    return end() - from - arrived.get(from, end()).cardinality();
  }

  /** Whether nodes are asked to verify what they send, as something broken came. */
  boolean isVerified() {
    return verified;
  }

  private int end() {
    return Math.min(to, manifest == null ? Manifest.MAX_CHUNKS : manifest.chunks().size());
  }

  /**
   * Asks one node for the first chunks that are missing.
   *
   * @param most how many chunks, those between them that are here included
   */
  void window(BlobsGrpc.BlobsBlockingStub stub, int most) {
    leavesOut = false;
    moved = false;
    read(stub, request(most).setVerified(verified).build());
    if (!isDone() && !moved) {
      throw new MalformedBytes("no chunk of " + blob + " came");
    }
  }

  /** Asks for those of them that the node has a copy of itself, which may be none. */
  void held(BlobsGrpc.BlobsBlockingStub stub) {
    leavesOut = true;
    read(stub, request(WINDOW).setHeld(true).build());
  }

  private void read(BlobsGrpc.BlobsBlockingStub stub, GetRequest request) {
    Context.CancellableContext context = Context.current().withCancellation();
    Context before = context.attach();
    try {
      filledBytes = 0;
      Iterator<GetMessage> messages = stub.get(request);
      while (messages.hasNext()) {
        GetMessage message = messages.next();
        switch (message.getWhatCase()) {
          case MANIFEST -> begin(message);
          case CHUNK -> take(message.getChunk());
          case WHAT_NOT_SET -> throw new MalformedBytes("an empty message came for " + blob);
        }
      }
    } catch (MalformedBytes | MalformedBlob e) {
      if (verified) {
        throw e;
      }
      // Its copy may be broken; then it finds that out when it must verify.
      verified = true;
      moved = true;
    } finally {
      context.detach(before);
      // Ends the stream if its messages were not all read.
      context.cancel(null);
    }
  }

  private GetRequest.Builder request(int most) {
    int first = first();
    int last = Math.min(end(), first + most);
    List<Integer> missing =
        IntStream.range(first, last).filter(index -> !arrived.get(index)).boxed().toList();
    asked = new ArrayDeque<>(missing);
    GetRequest.Builder request =
        GetRequest.newBuilder()
            .setBlob(WireValues.bytes(blob))
            .setFromChunk(first)
            .setToChunk(last);
    return missing.size() == last - first ? request : request.addAllOnly(missing);
  }

  private void begin(GetMessage message) {
    if (manifest != null) {
      return;
    }
    byte[] bytes = message.getManifest().toByteArray();
    if (bytes.length > WireLimits.MANIFEST_BYTES || !Digest.sha256(bytes).equals(blob)) {
      throw new MalformedBytes("the manifest that came is not the one of " + blob);
    }
    Manifest verified = Manifest.decode(bytes);
    // Fewer chunks than thought may be there; then a later call asks for what is needed.
    int sound = target.begin(verified, first());
    arrived.clear(sound, Math.max(sound, first()));
    doneBytes = Math.min((long) (sound - from) * Manifest.CHUNK_BYTES, verified.totalBytes());
    manifest = verified;
    moved = true;
    progress.at(doneBytes, verified.totalBytes());
  }

  private void take(Chunk piece) {
    Manifest verified = manifest;
    int index = piece.getIndex();
    while (leavesOut && filledBytes == 0 && !asked.isEmpty() && asked.element() < index) {
      asked.remove();
    }
    if (verified == null || asked.isEmpty() || asked.element() != index) {
      throw new MalformedBytes("expected chunk %s, but %d came".formatted(asked.peek(), index));
    }
    int bytes = verified.chunkBytes(index);
    ByteString content = piece.getContent();
    if (content.isEmpty() || content.size() > bytes - filledBytes) {
      throw new MalformedBytes(
          "expected 1 to %d bytes of chunk %d, but %d came"
              .formatted(bytes - filledBytes, index, content.size()));
    }
    if (chunk.length < bytes) {
      chunk = new byte[bytes];
    }
    content.copyTo(chunk, filledBytes);
    filledBytes += content.size();
    if (filledBytes == bytes) {
      filledBytes = 0;
      asked.remove();
      whole(verified, index, bytes == chunk.length ? chunk : Arrays.copyOf(chunk, bytes));
    }
  }

  private void whole(Manifest verified, int index, byte[] bytes) {
    verified.verifyChunk(index, bytes);
    target.take(verified, index, bytes);
    arrived.set(index);
    moved = true;
    doneBytes += bytes.length;
    progress.at(doneBytes, verified.totalBytes());
  }
}
