package io.shardex.scheduler.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.wire.AgentGrpc;
import io.shardex.protocol.wire.BlobsGrpc;
import io.shardex.protocol.wire.MarketGrpc;
import io.shardex.protocol.wire.Nothing;
import io.shardex.protocol.wire.QueryRequest;
import io.shardex.protocol.wire.Trailers;
import io.shardex.protocol.wire.WireLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every method of the gateway under calls that no honest client makes. */
final class HostileCallsTest {
  private final TestDoor door = new TestDoor();
  private Gateway gateway;
  private ManagedChannel channel;
  private String token;

  @BeforeEach
  void logIn() throws IOException {
    SigningKey worker = door.market.worker("w");
    gateway = door.gateway();
    channel = door.channel(gateway);
    token = RawLogin.token(door, gateway, worker);
  }

  @AfterEach
  void close() {
    door.close();
  }

  static Stream<MethodDescriptor<?, ?>> methods() {
    return Stream.of(
            MarketGrpc.getServiceDescriptor(),
            AgentGrpc.getServiceDescriptor(),
            BlobsGrpc.getServiceDescriptor())
        .flatMap(service -> service.getMethods().stream());
  }

  @ParameterizedTest
  @MethodSource("methods")
  void bytesThatAreNoMessageAreInvalid(MethodDescriptor<?, ?> method) throws Exception {
    byte[] garbage = {(byte) 0xff, (byte) 0xff, (byte) 0xff};

    Ended ended = call(method, garbage).ended();

    assertEquals(Status.Code.INVALID_ARGUMENT, ended.status().getCode(), ended::toString);
    stillAnswers();
  }

  @ParameterizedTest
  @MethodSource("methods")
  void aMessageBeyondTheBoundIsRefusedUnread(MethodDescriptor<?, ?> method) throws Exception {
    Ended ended = call(method, new byte[WireLimits.MESSAGE_BYTES + 1]).ended();

    assertEquals(Status.Code.RESOURCE_EXHAUSTED, ended.status().getCode(), ended::toString);
    stillAnswers();
  }

  @ParameterizedTest
  @MethodSource("methods")
  void aFloodIsToldWhenToComeBackAndDisturbsNobodyElse(MethodDescriptor<?, ?> method)
      throws Exception {
    byte[] garbage = {(byte) 0xff};
    Ended ended = call(method, garbage).ended();
    for (int i = 0; i < TestDoor.CALLS && ended.retryAfter().isEmpty(); i++) {
      ended = call(method, garbage).ended();
    }

    assertEquals(Status.Code.RESOURCE_EXHAUSTED, ended.status().getCode(), ended::toString);
    assertTrue(ended.retryAfter().isPresent(), ended::toString);
    fromAnotherHost();
  }

  @Test
  void whoHasTooManyCallsUnderWayWaitsForOneToEnd() throws Exception {
    List<Call> watches = new ArrayList<>();
    Ended refused = call(MarketGrpc.getQueryMethod(), status()).ended();
    while (refused.status().isOk() && watches.size() <= 3 * TestDoor.CALLS_AT_ONCE) {
      watches.add(call(MarketGrpc.getWatchMethod(), new byte[0]));
      refused = call(MarketGrpc.getQueryMethod(), status()).ended();
    }
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.status().getCode(), refused::toString);
    assertTrue(refused.retryAfter().isPresent(), refused::toString);
    fromAnotherHost();

    watches.forEach(Call::cancel);
    Ended next = refused;
    // A call counts until the node has heard of its end.
    for (int i = 0; i < 100 && !next.status().isOk(); i++) {
      Thread.sleep(20);
      next = call(MarketGrpc.getQueryMethod(), status()).ended();
    }
    assertTrue(next.status().isOk(), next::toString);
  }

  private void stillAnswers() throws Exception {
    Ended ended = call(MarketGrpc.getQueryMethod(), status()).ended();
    assertTrue(ended.status().isOk(), ended::toString);
  }

  /** The whole of 127.0.0.0/8 is this machine, so any of its addresses may call. */
  private void fromAnotherHost() throws Exception {
    ManagedChannel other =
        NettyChannelBuilder.forAddress(gateway.address().host(), gateway.address().port())
            .localSocketPicker(
                new NettyChannelBuilder.LocalSocketPicker() {
                  @Override
                  public InetSocketAddress createSocketAddress(
                      SocketAddress remote, Attributes attributes) {
                    return new InetSocketAddress("127.0.0.2", 0);
                  }
                })
            .usePlaintext()
            .build();
    try {
      Ended ended = new Call(other, MarketGrpc.getQueryMethod(), "", status()).ended();
      assertTrue(ended.status().isOk(), ended::toString);
    } finally {
      other.shutdownNow();
    }
  }

  private static byte[] status() {
    return QueryRequest.newBuilder().setStatus(Nothing.getDefaultInstance()).build().toByteArray();
  }

  /** Without a session where none is needed, as a stranger calls. */
  private Call call(MethodDescriptor<?, ?> method, byte[] message) {
    boolean open = method.getServiceName().endsWith("Market");
    return new Call(channel, method, open ? "" : token, message);
  }

  /** How a call ended. */
  private record Ended(Status status, Metadata trailers) {
    Optional<Duration> retryAfter() {
      return Trailers.retryAfter(trailers);
    }

    @Override
    public String toString() {
      return status + " " + trailers;
    }
  }

  /** One call of raw bytes. */
  private static final class Call extends ClientCall.Listener<byte[]> {
    private final CompletableFuture<Ended> ended = new CompletableFuture<>();
    private final ClientCall<byte[], byte[]> call;

    Call(ManagedChannel channel, MethodDescriptor<?, ?> method, String token, byte[] message) {
      MethodDescriptor<byte[], byte[]> raw = method.toBuilder(new Raw(), new Raw()).build();
      call = channel.newCall(raw, CallOptions.DEFAULT);
      Metadata headers = new Metadata();
      if (!token.isEmpty()) {
        headers.put(Trailers.AUTHORIZATION, Trailers.BEARER + token);
      }
      call.start(this, headers);
      call.request(1_000);
      call.sendMessage(message);
      call.halfClose();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      ended.complete(new Ended(status, trailers));
    }

    Ended ended() throws Exception {
      return ended.get(20, TimeUnit.SECONDS);
    }

    void cancel() {
      call.cancel("enough", null);
    }
  }

  private static final class Raw implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
