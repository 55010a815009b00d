package io.shardex.protocol.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.protocol.blob.MalformedBlob;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.wire.BlobsGrpc;
import io.shardex.protocol.wire.Chunk;
import io.shardex.protocol.wire.GetMessage;
import io.shardex.protocol.wire.GetRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DownloadTest {
  private static final int CHUNK = Manifest.CHUNK_BYTES;
  private static final byte[] CONTENT = content(CHUNK + 1_000);
  private static final Manifest MANIFEST = Manifest.of(CONTENT);

  private final BlobTarget.Whole target = new BlobTarget.Whole(CONTENT.length);
  private final Download download =
      new Download(MANIFEST.id(), 0, 0, Integer.MAX_VALUE, target, BlobProgress.NONE);
  private final Script script = new Script();
  private Server node;
  private ManagedChannel channel;

  // The method below starts both before each test.
  @SuppressWarnings("NullAway.Init")
  DownloadTest() {}

  @BeforeEach
  void startNode() throws IOException {
    node =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(script)
            .build()
            .start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", node.getPort()).usePlaintext().build();
  }

  @AfterEach
  void stopNode() {
    channel.shutdownNow();
    node.shutdownNow();
  }

  @Test
  void aChunkMayComeWholeOrInPieces() {
    says(manifest(), piece(0, 0, 10), piece(0, 10, CHUNK - 10), piece(1, CHUNK, 1_000));

    assertTrue(download.isDone());
    assertArrayEquals(CONTENT, target.content());
  }

  @Test
  void aChunkThatBrokeOffIsAskedForFromItsBeginning() {
    script.breaks = true;
    assertThrows(StatusRuntimeException.class, () -> says(manifest(), piece(0, 0, 10)));
    assertFalse(download.isDone());

    script.breaks = false;
    says(manifest(), piece(0, 0, CHUNK), piece(1, CHUNK, 1_000));

    assertArrayEquals(CONTENT, target.content());
  }

  @Test
  void morePiecesThanTheChunkHasAreRefused() {
    refuses(MalformedBytes.class, manifest(), piece(0, 0, CHUNK - 10), piece(0, CHUNK - 10, 11));
    refuses(MalformedBytes.class, manifest(), piece(0, 0, CHUNK + 1));
  }

  @Test
  void aPieceOfNothingIsRefused() {
    refuses(MalformedBytes.class, manifest(), piece(0, 0, 0));
  }

  @Test
  void aPieceOfAnotherChunkIsRefused() {
    refuses(MalformedBytes.class, manifest(), piece(0, 0, 10), piece(1, CHUNK, 10));
  }

  @Test
  void aPieceBeforeTheManifestIsRefused() {
    refuses(MalformedBytes.class, piece(0, 0, 10));
  }

  @Test
  void aChunkOfOtherBytesIsRefused() {
    refuses(MalformedBlob.class, manifest(), piece(0, 1, CHUNK));
    assertFalse(download.isDone());
  }

  @Test
  void aChunkThatIsBrokenIsAskedForOnceMoreVerified() {
    says(manifest(), piece(0, 0, CHUNK), piece(1, CHUNK - 1, 1_000));
    assertFalse(script.request.getVerified());
    assertFalse(download.isDone());

    says(manifest(), piece(1, CHUNK, 1_000));

    assertTrue(script.request.getVerified());
    assertEquals(1, script.request.getFromChunk());
    assertArrayEquals(CONTENT, target.content());
  }

  @Test
  void whatANodeDoesNotHoldIsAskedForFromAnother() {
    holds(manifest(), piece(1, CHUNK, 1_000));
    assertTrue(script.request.getHeld());
    assertFalse(download.isDone());
    assertEquals(0, download.first());
    assertEquals(1, download.missing());

    holds(manifest());
    says(manifest(), piece(0, 0, CHUNK));

    assertFalse(script.request.getHeld());
    assertTrue(download.isDone());
    assertArrayEquals(CONTENT, target.content());
  }

  @Test
  void onlyWhatIsMissingIsAskedFor() {
    byte[] content = content(4 * CHUNK);
    Manifest manifest = Manifest.of(content);
    BlobTarget.Whole whole = new BlobTarget.Whole(content.length);
    Download four = new Download(manifest.id(), 0, 0, 4, whole, BlobProgress.NONE);
    GetMessage head =
        GetMessage.newBuilder().setManifest(ByteString.copyFrom(manifest.encoded())).build();
    script.messages = List.of(head, chunk(content, 1), chunk(content, 3));
    four.held(stub());
    assertEquals(List.of(), script.request.getOnlyList());

    script.messages = List.of(head, chunk(content, 0), chunk(content, 2));
    four.window(stub(), Download.WINDOW);

    assertEquals(List.of(0, 2), script.request.getOnlyList());
    assertArrayEquals(content, whole.content());
  }

  @Test
  void aChunkThatWasNotAskedForIsRefused() {
    holds(manifest(), piece(1, CHUNK, 1_000));
    refuses(MalformedBytes.class, manifest(), piece(1, CHUNK, 1_000));
  }

  @Test
  void whoMustSendAllMayLeaveNothingOut() {
    refuses(MalformedBytes.class, manifest(), piece(1, CHUNK, 1_000));
  }

  @Test
  void aNodeThatSendsNothingIsRefused() {
    assertThrows(MalformedBytes.class, this::says);
    says(manifest());
    assertThrows(MalformedBytes.class, () -> says(manifest()));
  }

  private static GetMessage chunk(byte[] content, int index) {
    return GetMessage.newBuilder()
        .setChunk(
            Chunk.newBuilder()
                .setIndex(index)
                .setContent(ByteString.copyFrom(content, index * CHUNK, CHUNK)))
        .build();
  }

  private void holds(GetMessage... messages) {
    script.messages = List.of(messages);
    download.held(stub());
  }

  private BlobsGrpc.BlobsBlockingStub stub() {
    return BlobsGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  /** If not at once, then when it was asked to verify what it sends. */
  private void refuses(Class<? extends RuntimeException> failure, GetMessage... messages) {
    if (!script.request.getVerified()) {
      says(messages);
    }
    assertThrows(failure, () -> says(messages));
    assertTrue(script.request.getVerified());
  }

  private void says(GetMessage... messages) {
    script.messages = List.of(messages);
    download.window(stub(), Download.WINDOW);
  }

  private static GetMessage manifest() {
    return GetMessage.newBuilder().setManifest(ByteString.copyFrom(MANIFEST.encoded())).build();
  }

  private static GetMessage piece(int index, int at, int length) {
    return GetMessage.newBuilder()
        .setChunk(
            Chunk.newBuilder().setIndex(index).setContent(ByteString.copyFrom(CONTENT, at, length)))
        .build();
  }

  private static byte[] content(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  /** Answers each call with the messages given, and then ends or breaks it. */
  private static final class Script extends BlobsGrpc.BlobsImplBase {
    private volatile List<GetMessage> messages = List.of();
    private volatile boolean breaks;
    private volatile GetRequest request = GetRequest.getDefaultInstance();

    @Override
    public void get(GetRequest request, StreamObserver<GetMessage> reply) {
      this.request = request;
      messages.forEach(reply::onNext);
      if (breaks) {
        reply.onError(Status.UNAVAILABLE.asRuntimeException());
      } else {
        reply.onCompleted();
      }
    }
  }
}
