package io.shardex.scheduler.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.client.BlobClient;
import io.shardex.protocol.client.BlobProgress;
import io.shardex.protocol.client.ClientFailure;
import io.shardex.protocol.client.Denied;
import io.shardex.protocol.client.InvalidCall;
import io.shardex.protocol.client.Throttled;
import io.shardex.protocol.job.CommandInputs;
import io.shardex.protocol.job.DataDescription;
import io.shardex.protocol.job.OutputIndex;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.wire.BlobsGrpc;
import io.shardex.protocol.wire.Chunk;
import io.shardex.protocol.wire.GetRequest;
import io.shardex.protocol.wire.PutMessage;
import io.shardex.protocol.wire.PutReply;
import io.shardex.protocol.wire.Trailers;
import io.shardex.scheduler.grid.MapGrid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BlobServiceTest {
  private static final long MOST = 64L << 20;
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);

  private final TestDoor door = new TestDoor();
  private final LocalMarket market = door.market;
  private final byte[] images = bytes(1, 16 + 2 * 4);
  private final byte[] labels = bytes(2, 8 + 2);
  private final DataDescription description =
      new DataDescription.Idx(
          Manifest.of(images).id(),
          images.length,
          Manifest.of(labels).id(),
          labels.length,
          2,
          2,
          2,
          2);
  private final byte[] spec = bytes(3, 100);
  private final byte[] model = bytes(4, 1_000);

  @AfterEach
  void close() {
    door.close();
  }

  @Test
  void aBuildersFileComesBackByteForByte(@TempDir Path folder) throws Exception {
    market.deposit(Digest.ZERO);
    byte[] content = bytes(9, 3 * Manifest.CHUNK_BYTES + 17);
    Path file = Files.write(folder.resolve("in"), content);
    BlobClient client = client(market.builder);

    Digest blob = client.put(file, BlobProgress.NONE);

    assertTrue(client.has(blob));
    BlobClient validator = client(market.validator);
    assertArrayEquals(content, validator.get(blob, MOST, BlobProgress.NONE));
    validator.get(blob, folder.resolve("out"), MOST, BlobProgress.NONE);
    assertArrayEquals(content, Files.readAllBytes(folder.resolve("out")));
    int from = Manifest.CHUNK_BYTES - 3;
    assertArrayEquals(
        Arrays.copyOfRange(content, from, from + 10),
        validator.get(blob, from, 10, BlobProgress.NONE));
    assertArrayEquals(
        Arrays.copyOfRange(content, content.length - 5, content.length),
        validator.get(blob, content.length - 5L, 100, BlobProgress.NONE));
  }

  @Test
  void aBrokenDownloadGoesOnBehindItsLastSoundChunk(@TempDir Path folder) throws Exception {
    byte[] content = bytes(9, 18 * Manifest.CHUNK_BYTES + 17);
    Digest blob = door.store(content);
    BlobClient client = client(market.validator);
    Path file = folder.resolve("out");
    Path part = folder.resolve("out.part");

    assertThrows(
        UncheckedIOException.class, () -> client.get(blob, file, MOST, stopAt(17, content)));
    assertFalse(Files.exists(file));
    assertEquals(17L * Manifest.CHUNK_BYTES, Files.size(part));

    // What lies behind a chunk that is not sound is not trusted either.
    flip(part, 15L * Manifest.CHUNK_BYTES + 5);
    List<Long> came = new ArrayList<>();
    client.get(blob, file, MOST, (done, total) -> came.add(done));
    assertArrayEquals(content, Files.readAllBytes(file));
    assertFalse(Files.exists(part));
    assertEquals(List.of(15L << 20, 16L << 20, 17L << 20, 18L << 20, (long) content.length), came);

    // A file that is longer than the blob, or has all of it.
    Files.write(part, Arrays.copyOf(content, content.length + 3 * Manifest.CHUNK_BYTES));
    came.clear();
    client.get(blob, file, MOST, (done, total) -> came.add(done));
    assertArrayEquals(content, Files.readAllBytes(file));
    assertEquals(List.of((long) content.length), came);
  }

  @Test
  void aWholeFileOfWhichAChunkIsNotSoundIsGoneOnWith(@TempDir Path folder) throws Exception {
    byte[] content = bytes(9, 3 * Manifest.CHUNK_BYTES);
    Digest blob = door.store(content);
    Path file = folder.resolve("out");
    Path part = Files.write(folder.resolve("out.part"), content);
    flip(part, Manifest.CHUNK_BYTES + 5L);

    client(market.validator).get(blob, file, MOST, BlobProgress.NONE);

    assertArrayEquals(content, Files.readAllBytes(file));
  }

  @Test
  void aBrokenChunkIsFoundByItsReaderAndRemoved() throws Exception {
    byte[] content = bytes(9, 3 * Manifest.CHUNK_BYTES);
    Digest blob = door.store(content);
    Digest chunk = Manifest.of(content).chunks().get(1);
    door.grid.spoil(chunk);
    BlobClient client = client(market.validator);

    assertThrows(InvalidCall.class, () -> client.get(blob, MOST, BlobProgress.NONE));

    assertEquals(Optional.empty(), door.grid.unverified(chunk));
    door.store(content);
    assertArrayEquals(content, client.get(blob, MOST, BlobProgress.NONE));
  }

  @Test
  void progressIsToldFromTheFirstByteOn() throws Exception {
    market.deposit(Digest.ZERO);
    byte[] content = bytes(9, Manifest.CHUNK_BYTES + 17);
    List<List<Long>> told = new ArrayList<>();
    BlobProgress progress = (done, total) -> told.add(List.of(done, total));
    List<List<Long>> all =
        List.of(
            List.of(0L, (long) content.length),
            List.of((long) Manifest.CHUNK_BYTES, (long) content.length),
            List.of((long) content.length, (long) content.length));

    Digest blob = client(market.builder).put(content, progress);
    assertEquals(all, told);

    told.clear();
    BlobClient validator = client(market.validator);
    validator.get(blob, MOST, progress);
    assertEquals(all, told);

    told.clear();
    validator.get(blob, Manifest.CHUNK_BYTES + 1, 1, progress);
    assertEquals(
        List.of(List.of(0L, (long) content.length), List.of(17L, (long) content.length)), told);
  }

  @Test
  void whatIsReadAheadForClientsThatDoNotReadIsBounded() {
    byte[] content = bytes(9, 4 * Manifest.CHUNK_BYTES);
    Manifest manifest = Manifest.of(content);
    int[] reads = {0};
    Semaphore places = new Semaphore(5);
    List<SlowStream> streams = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      SlowStream stream = new SlowStream(1);
      streams.add(stream);
      download(content, manifest, reads, places, new TokenBucket(1L << 30, CLOCK), stream);
    }

    assertEquals(10 + 5, reads[0]);
    assertEquals(0, places.availablePermits());

    streams.subList(0, 2).forEach(SlowStream::cancel);
    assertEquals(4, places.availablePermits());
    for (SlowStream stream : streams.subList(2, 10)) {
      stream.take(Integer.MAX_VALUE / 2);
      assertArrayEquals(content, stream.content());
      assertTrue(stream.isCompleted());
    }
    assertEquals(5, places.availablePermits());
    assertEquals(1 + 2 + 1 + 2 + 8 * 4, reads[0]);
  }

  @Test
  void aDownloadThatFailsGivesItsPlacesBack() {
    byte[] content = bytes(9, 4 * Manifest.CHUNK_BYTES);
    Manifest manifest = Manifest.of(content);
    Semaphore places = new Semaphore(5);
    SlowStream stream = new SlowStream(9);

    BlobDownload.start(
        digest ->
            Optional.of(manifest.chunks().indexOf(digest))
                .filter(index -> index != 1)
                .map(index -> manifest.slice(content, index)),
        Runnable::run,
        places,
        manifest,
        GetRequest.getDefaultInstance(),
        new TokenBucket(1L << 30, CLOCK),
        stream);

    assertEquals(Status.Code.NOT_FOUND, Status.fromThrowable(stream.failure()).getCode());
    assertEquals(5, places.availablePermits());
  }

  @Test
  void aKeyIsChargedWithWhatIsReadForIt() {
    byte[] content = bytes(9, 4 * Manifest.CHUNK_BYTES);
    TokenBucket bytes = new TokenBucket(3L * Manifest.CHUNK_BYTES, CLOCK);

    download(content, Manifest.of(content), new int[1], new Semaphore(5), bytes, new SlowStream(1));

    assertEquals(Optional.of(Duration.ofMillis(1)), bytes.take(0));
  }

  private static void download(
      byte[] content,
      Manifest manifest,
      int[] reads,
      Semaphore places,
      TokenBucket bytes,
      SlowStream stream) {
    BlobDownload.start(
        digest -> {
          reads[0]++;
          return Optional.of(manifest.slice(content, manifest.chunks().indexOf(digest)));
        },
        Runnable::run,
        places,
        manifest,
        GetRequest.getDefaultInstance(),
        bytes,
        stream);
  }

  @Test
  void aFileIsNotBegunForABlobThatIsTooLong(@TempDir Path folder) throws Exception {
    Digest blob = door.store(bytes(9, 2 * Manifest.CHUNK_BYTES));
    BlobClient client = client(market.validator);
    Path file = folder.resolve("out");

    assertThrows(
        InvalidCall.class,
        () -> client.get(blob, file, 2 * Manifest.CHUNK_BYTES - 1, BlobProgress.NONE));
    assertFalse(Files.exists(file));
    assertEquals(0, Files.size(folder.resolve("out.part")));
  }

  private static BlobProgress stopAt(int chunk, byte[] content) {
    return (done, total) -> {
      assertEquals(content.length, total);
      if (done == (long) chunk * Manifest.CHUNK_BYTES) {
        throw new UncheckedIOException(new IOException("as the test says"));
      }
    };
  }

  private static void flip(Path file, long at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) at] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void onlyMissingChunksAreSent() throws Exception {
    market.deposit(Digest.ZERO);
    byte[] content = bytes(9, 3 * Manifest.CHUNK_BYTES);
    Manifest manifest = Manifest.of(content);
    door.grid.announce("test", manifest);
    door.grid.put(manifest, 1, manifest.slice(content, 1));
    int[] chunks = {0};

    client(market.builder).put(content, (done, total) -> chunks[0]++);

    assertEquals(1 + 2, chunks[0]);
    assertArrayEquals(content, door.grid.load(manifest.id()).orElseThrow());
  }

  @Test
  void chunksArePutSideBySideButNotAllAtOnce() throws Exception {
    market.deposit(Digest.ZERO);
    byte[] content = bytes(9, 8 * Manifest.CHUNK_BYTES);
    CountDownLatch together = new CountDownLatch(BlobUpload.BESIDE);
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    door.grid.beforePut(
        () -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          together.countDown();
          try {
            assertTrue(together.await(5, TimeUnit.SECONDS), "fewer than it may");
            Thread.sleep(100); // for more than it may
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          } finally {
            now.decrementAndGet();
          }
        });

    Digest blob = client(market.builder).put(content, BlobProgress.NONE);

    assertArrayEquals(content, door.grid.load(blob).orElseThrow());
    assertEquals(BlobUpload.BESIDE, most.get());
  }

  @Test
  void anEmptyBlobIsABlob() throws Exception {
    market.deposit(Digest.ZERO);
    Digest blob = client(market.builder).put(new byte[0], BlobProgress.NONE);
    assertEquals(0, client(market.validator).get(blob, MOST, BlobProgress.NONE).length);
  }

  @Test
  void aBlobLongerThanTheCallerTakesIsRefused() throws Exception {
    Digest blob = door.store(bytes(9, 101));
    BlobClient client = client(market.validator);
    assertThrows(InvalidCall.class, () -> client.get(blob, 100, BlobProgress.NONE));
  }

  @Test
  void aCorruptedUploadIsInvalid() throws Exception {
    byte[] content = bytes(9, 100);
    byte[] other = bytes(8, 100);
    market.deposit(Digest.ZERO);
    Status status = put(Manifest.of(content).encoded(), other);
    assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode());
    assertFalse(client(market.builder).has(Manifest.of(content).id()));
  }

  @Test
  void aMalformedManifestIsInvalid() throws Exception {
    market.deposit(Digest.ZERO);
    assertEquals(Status.Code.INVALID_ARGUMENT, put(bytes(1, 50), bytes(1, 50)).getCode());
  }

  @Test
  void aBlobThatIsNotThereIsSaidToBeAbsent() throws Exception {
    BlobClient client = client(market.validator);
    assertThrows(ClientFailure.class, () -> client.get(Digest.ZERO, MOST, BlobProgress.NONE));
  }

  @Test
  void aBuilderGetsItsJobsBlobsAndNoOthers() throws Exception {
    JobId job = job();
    BlobClient client = client(market.builder);

    assertArrayEquals(
        spec,
        client.get(
            market.read(s -> s.job(job)).orElseThrow().deposit().spec(), MOST, BlobProgress.NONE));
    assertArrayEquals(model, client.get(id(model), MOST, BlobProgress.NONE));
    assertArrayEquals(images, client.get(id(images), MOST, BlobProgress.NONE));
    Digest other = door.store(bytes(77, 10));
    assertThrows(Denied.class, () -> client.get(other, MOST, BlobProgress.NONE));
  }

  @Test
  void aBuilderPutsNothingBeyondItsBounds() throws Exception {
    market.deposit(Digest.ZERO);
    BlobClient client = client(market.builder);
    byte[] tooLong = bytes(1, 10 * Manifest.CHUNK_BYTES + 1);
    assertThrows(Denied.class, () -> client.put(tooLong, BlobProgress.NONE));

    client.put(bytes(2, 10 * Manifest.CHUNK_BYTES), BlobProgress.NONE);
    byte[] overQuota = bytes(3, 10 * Manifest.CHUNK_BYTES);
    assertThrows(Throttled.class, () -> client.put(overQuota, BlobProgress.NONE));
  }

  @Test
  void anOwnerWithoutALeaseOrAJobHasNoTicket() throws Exception {
    job();
    market.stake();
    BlobClient client = client(market.owner);
    assertThrows(Denied.class, () -> client.put(bytes(1, 10), BlobProgress.NONE));
    assertThrows(Denied.class, () -> client.get(id(model), MOST, BlobProgress.NONE));
  }

  @Test
  void aLeaseOpensItsJobsBlobsAndRoomForOneResult() throws Exception {
    SigningKey worker = market.worker("w");
    BlobClient client = client(worker);
    job();
    assertThrows(Denied.class, () -> client.get(id(spec), MOST, BlobProgress.NONE));
    assertThrows(Denied.class, () -> client.put(bytes(5, 10), BlobProgress.NONE));

    market.asks(worker);

    assertArrayEquals(spec, client.get(id(spec), MOST, BlobProgress.NONE));
    assertArrayEquals(
        description.encoded(), client.get(description.digest(), MOST, BlobProgress.NONE));
    assertArrayEquals(images, client.get(id(images), MOST, BlobProgress.NONE));
    assertArrayEquals(labels, client.get(id(labels), MOST, BlobProgress.NONE));
    assertArrayEquals(model, client.get(id(model), MOST, BlobProgress.NONE));
    Digest other = door.store(bytes(77, 10));
    assertThrows(Denied.class, () -> client.get(other, MOST, BlobProgress.NONE));
    byte[] tooLong = bytes(6, 2 * Manifest.CHUNK_BYTES + 1);
    assertThrows(Denied.class, () -> client.put(tooLong, BlobProgress.NONE));

    client.put(bytes(5, 10), BlobProgress.NONE);
    client.put(bytes(5, 10), BlobProgress.NONE);
    assertThrows(Denied.class, () -> client.put(bytes(7, 10), BlobProgress.NONE));
  }

  @Test
  void aCommittedResultMayBePutAgainAndNoOther() throws Exception {
    SigningKey worker = market.worker("w");
    market.asks(worker);
    job(1);
    BlobClient client = client(worker);
    byte[] result = bytes(5, 10);
    market.commits(worker, id(result));

    client.put(result, BlobProgress.NONE);

    assertThrows(Denied.class, () -> client.put(bytes(6, 10), BlobProgress.NONE));
    assertThrows(Denied.class, () -> client.get(id(spec), MOST, BlobProgress.NONE));
    assertArrayEquals(result, client(market.builder).get(id(result), MOST, BlobProgress.NONE));
  }

  @Test
  void aCommandsInputsOpenToItsWorkerAndItsOutputsToItsBuilder() throws Exception {
    CommandInputs inputs =
        new CommandInputs(
            new CommandInputs.Blob(door.store(images), images.length),
            List.of(
                new CommandInputs.File(
                    "x", new CommandInputs.Blob(door.store(labels), labels.length))));
    byte[] output = bytes(5, 1_024);
    OutputIndex index =
        new OutputIndex(List.of(new OutputIndex.Output(0, id(output), output.length)));
    door.store(index.encoded());
    SigningKey worker = market.worker("w");
    market.asksForCommands(worker);
    JobId job = market.command(door.store(spec), door.store(inputs.encoded()), id(index.encoded()));

    BlobClient client = client(worker);
    assertArrayEquals(images, client.get(id(images), MOST, BlobProgress.NONE));
    assertArrayEquals(labels, client.get(id(labels), MOST, BlobProgress.NONE));
    client.put(output, BlobProgress.NONE);
    market.commits(worker, id(output));
    while (!market.read(s -> s.job(job)).orElseThrow().phase().ended()) {
      market.sync();
    }

    BlobClient builder = client(market.builder);
    assertArrayEquals(index.encoded(), builder.get(id(index.encoded()), MOST, BlobProgress.NONE));
    assertArrayEquals(output, builder.get(id(output), MOST, BlobProgress.NONE));
    assertThrows(Denied.class, () -> client.get(id(output), MOST, BlobProgress.NONE));
    assertThrows(Denied.class, () -> client.get(id(images), MOST, BlobProgress.NONE));
  }

  @Test
  void aFilesChunksComeFromNodesThatHoldThem(@TempDir Path folder) throws Exception {
    byte[] content = bytes(9, 18 * Manifest.CHUNK_BYTES + 17);
    List<Digest> chunks = Manifest.of(content).chunks();
    MapGrid two = TestDoor.newGrid();
    two.store("test", content);
    Digest blob = door.store(content);
    Gateway other = door.gateway(two);
    BlobClient client =
        new BlobClient(door.nodes(market.validator, door.gateway().address(), other.address()));
    Path file = folder.resolve("out");

    door.grid.holds(chunk -> chunks.indexOf(chunk) % 2 == 0);
    two.holds(chunk -> chunks.indexOf(chunk) % 2 == 1);
    client.get(blob, file, MOST, BlobProgress.NONE);
    assertArrayEquals(content, Files.readAllBytes(file));
    assertEquals(List.of(0, 0), List.of(door.grid.fetched(), two.fetched()));

    // What neither holds comes all the same.
    two.holds(chunk -> false);
    client.get(blob, file, MOST, BlobProgress.NONE);
    assertArrayEquals(content, Files.readAllBytes(file));
    assertEquals(List.of(9, 0), List.of(door.grid.fetched(), two.fetched()));

    // So does what a node holds that is gone.
    two.holds(chunk -> chunks.indexOf(chunk) % 2 == 1);
    other.close();
    client.get(blob, file, MOST, BlobProgress.NONE);
    assertArrayEquals(content, Files.readAllBytes(file));
    assertEquals(18, door.grid.fetched());
  }

  @Test
  void aBrokenChunkThatAHolderSentIsFoundAndRemoved(@TempDir Path folder) throws Exception {
    byte[] content = bytes(9, 18 * Manifest.CHUNK_BYTES);
    Digest blob = door.store(content);
    Digest broken = Manifest.of(content).chunks().get(7);
    door.grid.spoil(broken);
    BlobClient client =
        new BlobClient(
            door.nodes(market.validator, door.gateway().address(), door.gateway().address()));
    Path file = folder.resolve("out");

    assertThrows(InvalidCall.class, () -> client.get(blob, file, MOST, BlobProgress.NONE));

    assertEquals(Optional.empty(), door.grid.unverified(broken));
    door.store(content);
    client.get(blob, file, MOST, BlobProgress.NONE);
    assertArrayEquals(content, Files.readAllBytes(file));
  }

  @Test
  void someChunksOfARangeMayBeNamed() {
    byte[] content = bytes(9, 4 * Manifest.CHUNK_BYTES);
    Manifest manifest = Manifest.of(content);
    GetRequest.Builder request = GetRequest.newBuilder().addOnly(1).addOnly(3);
    byte[] both = Arrays.copyOf(manifest.slice(content, 1), 2 * Manifest.CHUNK_BYTES);
    System.arraycopy(
        manifest.slice(content, 3), 0, both, Manifest.CHUNK_BYTES, Manifest.CHUNK_BYTES);

    assertArrayEquals(both, sent(content, request).content());
    for (GetRequest.Builder wrong :
        List.of(
            GetRequest.newBuilder().addOnly(1).addOnly(1),
            GetRequest.newBuilder().addOnly(3).addOnly(1),
            GetRequest.newBuilder().addOnly(4),
            GetRequest.newBuilder().addOnly(-1),
            GetRequest.newBuilder().setFromChunk(1).addOnly(0),
            GetRequest.newBuilder().setToChunk(2).addOnly(2),
            GetRequest.newBuilder().setHeld(true).setVerified(true))) {
      StatusRuntimeException refused =
          assertThrows(StatusRuntimeException.class, () -> sent(content, wrong));
      assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    }
  }

  @Test
  void whatANodeDoesNotHoldIsLeftOutAndHardlyCharged() {
    byte[] content = bytes(9, 4 * Manifest.CHUNK_BYTES);
    Manifest manifest = Manifest.of(content);
    Semaphore places = new Semaphore(5);
    SlowStream stream = new SlowStream(Integer.MAX_VALUE / 2);
    TokenBucket charged = new TokenBucket(3L * Manifest.CHUNK_BYTES, CLOCK);

    BlobDownload.start(
        digest ->
            Optional.of(manifest.chunks().indexOf(digest))
                .filter(index -> index == 2)
                .map(index -> manifest.slice(content, index)),
        Runnable::run,
        places,
        manifest,
        GetRequest.newBuilder().setHeld(true).build(),
        charged,
        stream);

    assertTrue(stream.isCompleted());
    assertArrayEquals(manifest.slice(content, 2), stream.content());
    assertEquals(5, places.availablePermits());
    assertEquals(
        Optional.empty(), charged.take(2L * Manifest.CHUNK_BYTES - 3L * BlobDownload.LOOK_BYTES));
    assertEquals(Optional.of(Duration.ofMillis(1)), charged.take(0));
  }

  private static SlowStream sent(byte[] content, GetRequest.Builder request) {
    SlowStream stream = new SlowStream(Integer.MAX_VALUE / 2);
    Manifest manifest = Manifest.of(content);
    BlobDownload.start(
        digest -> Optional.of(manifest.slice(content, manifest.chunks().indexOf(digest))),
        Runnable::run,
        new Semaphore(5),
        manifest,
        request.build(),
        new TokenBucket(1L << 30, CLOCK),
        stream);
    return stream;
  }

  @Test
  void aTransferGoesOnAtTheSecondNode() throws Exception {
    Gateway first = door.gateway();
    Gateway second = door.gateway();
    byte[] content = bytes(9, 5 * Manifest.CHUNK_BYTES);
    Digest blob = door.store(content);
    BlobClient client =
        new BlobClient(door.nodes(market.validator, first.address(), second.address()));
    boolean[] closed = {false};

    byte[] got =
        client.get(
            blob,
            MOST,
            (done, total) -> {
              if (!closed[0]) {
                closed[0] = true;
                first.close();
              }
            });

    assertArrayEquals(content, got);
  }

  private JobId job() {
    return job(2);
  }

  /** A job whose blobs are in the grid. */
  private JobId job(int shards) {
    door.store(images);
    door.store(labels);
    door.store(spec);
    door.store(model);
    door.store(description.encoded());
    return market.job(id(spec), description.digest(), id(model), shards);
  }

  private BlobClient client(SigningKey key) throws IOException {
    return new BlobClient(door.nodes(key, door.gateway().address()));
  }

  /** Sends a manifest and one chunk by hand as the builder; the status that comes back. */
  private Status put(byte[] manifest, byte[] chunk) throws Exception {
    Gateway gateway = door.gateway();
    CompletableFuture<PutReply> answer = new CompletableFuture<>();
    Metadata headers = new Metadata();
    headers.put(
        Trailers.AUTHORIZATION, Trailers.BEARER + RawLogin.token(door, gateway, market.builder));
    StreamObserver<PutMessage> upload =
        BlobsGrpc.newStub(door.channel(gateway))
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .put(
                new StreamObserver<>() {
                  @Override
                  public void onNext(PutReply reply) {
                    answer.complete(reply);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    upload.onNext(PutMessage.newBuilder().setManifest(ByteString.copyFrom(manifest)).build());
    upload.onNext(
        PutMessage.newBuilder()
            .setChunk(Chunk.newBuilder().setContent(ByteString.copyFrom(chunk)))
            .build());
    upload.onCompleted();
    ExecutionException failure =
        assertThrows(ExecutionException.class, () -> answer.get(10, TimeUnit.SECONDS));
    return Status.fromThrowable(failure);
  }

  private static Digest id(byte[] content) {
    return Manifest.of(content).id();
  }

  private static byte[] bytes(long seed, int length) {
    byte[] content = new byte[length];
    new Random(seed).nextBytes(content);
    return content;
  }
}
