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
import java.util.Arrays;
import java.util.Iterator;
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
  private @Nullable Manifest manifest;
  private int next;
  private boolean verified;
  private int filledBytes;
  private long doneBytes;

  /**
   * @param from the first chunk
   * @param held how many of the first ones the target may have already
   * @param to after the last chunk
   */
  Download(Digest blob, int from, int held, int to, BlobTarget target, BlobProgress progress) {
    this.blob = blob;
    this.from = from;
    this.next = from + held;
    this.to = to;
    this.target = target;
    this.progress = progress;
  }

  Digest blob() {
    return blob;
  }

  boolean isDone() {
    return manifest != null && next >= Math.min(to, manifest.chunks().size());
  }

  /** Asks one node for the next chunks. */
  void window(BlobsGrpc.BlobsBlockingStub stub) {
    Context.CancellableContext context = Context.current().withCancellation();
    Context before = context.attach();
    try {
      int asked = next;
      filledBytes = 0;
      Iterator<GetMessage> messages = stub.get(nextRequest());
      while (next >= asked && messages.hasNext()) {
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
    } finally {
      context.detach(before);
      // Ends the stream if its messages were not all read.
      context.cancel(null);
    }
  }

  private GetRequest nextRequest() {
    return GetRequest.newBuilder()
        .setBlob(WireValues.bytes(blob))
        .setFromChunk(next)
        .setToChunk(Math.min(to, next + WINDOW))
        .setVerified(verified)
        .build();
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
    // Fewer chunks than thought may be there; then the next call asks for what is needed.
    next = target.begin(verified, next);
    doneBytes = Math.min((long) (next - from) * Manifest.CHUNK_BYTES, verified.totalBytes());
    manifest = verified;
    progress.at(doneBytes, verified.totalBytes());
  }

  private void take(Chunk piece) {
    Manifest verified = manifest;
    if (verified == null || piece.getIndex() != next) {
      throw new MalformedBytes("expected chunk %d, but %d came".formatted(next, piece.getIndex()));
    }
    int bytes = verified.chunkBytes(next);
    ByteString content = piece.getContent();
    if (content.isEmpty() || content.size() > bytes - filledBytes) {
      throw new MalformedBytes(
          "expected 1 to %d bytes of chunk %d, but %d came"
              .formatted(bytes - filledBytes, next, content.size()));
    }
    if (chunk.length < bytes) {
      chunk = new byte[bytes];
    }
    content.copyTo(chunk, filledBytes);
    filledBytes += content.size();
    if (filledBytes == bytes) {
      filledBytes = 0;
      whole(verified, bytes == chunk.length ? chunk : Arrays.copyOf(chunk, bytes));
    }
  }

  private void whole(Manifest verified, byte[] bytes) {
    verified.verifyChunk(next, bytes);
    target.take(verified, next, bytes);
    next++;
    doneBytes += bytes.length;
    progress.at(doneBytes, verified.totalBytes());
  }
}
