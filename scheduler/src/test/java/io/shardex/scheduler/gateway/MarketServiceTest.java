package io.shardex.scheduler.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.Outcome;
import io.shardex.market.Rejection;
import io.shardex.market.RuntimeKind;
import io.shardex.market.Stamp;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.Denied;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeStatus;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Refused;
import io.shardex.protocol.client.Unreachable;
import io.shardex.protocol.client.Watch;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.wire.ChallengeReply;
import io.shardex.protocol.wire.ChallengeRequest;
import io.shardex.protocol.wire.LoginRequest;
import io.shardex.protocol.wire.MarketGrpc;
import io.shardex.protocol.wire.QueryRequest;
import io.shardex.protocol.wire.SubmitRequest;
import io.shardex.protocol.wire.Trailers;
import io.shardex.protocol.wire.WireValues;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MarketServiceTest {
  private static final Digest SPEC = Digest.sha256(new byte[] {1});
  private static final Digest DATA = Digest.sha256(new byte[] {2});
  private static final Digest MODEL = Digest.sha256(new byte[] {3});

  private final TestDoor door = new TestDoor(20);
  private final LocalMarket market = door.market;

  @AfterEach
  void close() {
    door.close();
  }

  @Test
  void aCommandIsAppliedAndItsEventsComeBack() throws Exception {
    SigningKey worker = market.worker("w");
    MarketClient client = client(worker);

    Outcome.Accepted accepted =
        client.require(market.signer(worker).sign(new Command.PlaceAsk(UnitPrice.ZERO)));

    assertTrue(
        accepted
            .events()
            .contains(
                new Event.AskPlaced(
                    worker.address(), UnitPrice.ZERO, Set.of(RuntimeKind.REFERENCE))));
    assertEquals(Optional.of(UnitPrice.ZERO), client.worker(worker.address()).orElseThrow().ask());
  }

  @Test
  void aRejectionComesBackWithItsReason() throws Exception {
    SigningKey worker = market.worker("w");
    MarketClient client = client(worker);

    Refused refused =
        assertThrows(
            Refused.class,
            () -> client.require(market.signer(worker).sign(new Command.WithdrawAsk())));

    assertEquals(Rejection.Reason.NO_ASK, refused.rejection().reason());
  }

  @Test
  void aLostReplyIsMadeGoodByTheSameEnvelopeAtTheNextNode() throws Exception {
    SigningKey worker = market.worker("w");
    LossyPort lossy = new LossyPort(market);
    Gateway first = door.gateway(lossy);
    Gateway second = door.gateway();
    MarketClient client = new MarketClient(door.nodes(worker, first.address(), second.address()));

    client.require(market.signer(worker).sign(new Command.PlaceAsk(UnitPrice.ZERO)));

    assertEquals(1, lossy.lost());
    assertTrue(market.find(worker).orElseThrow().ask().isPresent());
  }

  @Test
  void aNonceThatWasUsedBeforeIsNoAcceptance() throws Exception {
    SigningKey worker = market.worker("w");
    MarketClient client = client(worker);
    Envelope envelope = market.signer(worker).sign(new Command.PlaceAsk(UnitPrice.ZERO));
    client.require(envelope);

    Outcome again = client.submit(envelope).outcome();

    assertEquals(
        Rejection.Reason.NONCE_USED,
        assertInstanceOf(Outcome.Rejected.class, again).rejection().reason());
  }

  @Test
  void aCallGoesToTheSecondNodeWhenTheFirstIsGone() throws Exception {
    SigningKey worker = market.worker("w");
    Gateway first = door.gateway();
    Gateway second = door.gateway();
    Nodes nodes = door.nodes(worker, first.address(), second.address());
    MarketClient client = new MarketClient(nodes);
    assertEquals(first.address(), client.status().address());

    first.close();

    NodeStatus status = client.status();
    assertEquals(second.address(), status.address());
    assertEquals(1, client.statuses().size());
  }

  @Test
  void aClosedClientSaysWhichNodesItAsked() throws Exception {
    SigningKey worker = market.worker("w");
    Gateway gateway = door.gateway();
    Nodes nodes = door.nodes(worker, gateway.address());
    nodes.close();

    Unreachable failure = assertThrows(Unreachable.class, () -> new MarketClient(nodes).status());

    assertTrue(failure.toString().contains(gateway.address().toString()));
  }

  @Test
  void aCommandNeedsASession() throws Exception {
    SigningKey worker = market.worker("w");
    assertEquals(
        Status.Code.UNAUTHENTICATED,
        statusOf(raw(door.gateway()), market.signer(worker).sign(new Command.Alive())));
  }

  @Test
  void aForgottenTokenIsRefused() throws Exception {
    assertEquals(
        Status.Code.UNAUTHENTICATED,
        assertThrows(
                StatusRuntimeException.class,
                () ->
                    withToken(raw(door.gateway()), "no-such-token")
                        .query(QueryRequest.getDefaultInstance()))
            .getStatus()
            .getCode());
  }

  @Test
  void anUnknownKeyIsToldWhatToDo() throws Exception {
    SigningKey stranger = SigningKey.fromSeed(1, "stranger");
    MarketClient client = client(stranger);

    Denied denied =
        assertThrows(
            Denied.class, () -> client.submit(market.signer(stranger).sign(new Command.Alive())));

    assertEquals(Rejection.Reason.UNKNOWN_KEY.nextStep(), denied.nextStep());
  }

  @Test
  void aChallengeIsGoodOnce() throws Exception {
    SigningKey worker = market.worker("w");
    MarketGrpc.MarketBlockingStub stub = raw(door.gateway());
    ChallengeReply challenge = stub.challenge(ChallengeRequest.getDefaultInstance());
    LoginRequest login = login(worker, worker, challenge);
    assertFalse(stub.login(login).getToken().isEmpty());

    assertEquals(
        Status.Code.UNAUTHENTICATED,
        assertThrows(StatusRuntimeException.class, () -> stub.login(login)).getStatus().getCode());
  }

  @Test
  void nobodyLogsInWithAnothersKey() throws Exception {
    SigningKey worker = market.worker("w");
    MarketGrpc.MarketBlockingStub stub = raw(door.gateway());
    ChallengeReply challenge = stub.challenge(ChallengeRequest.getDefaultInstance());
    LoginRequest login = login(worker, SigningKey.fromSeed(1, "thief"), challenge);

    assertEquals(
        Status.Code.PERMISSION_DENIED,
        assertThrows(StatusRuntimeException.class, () -> stub.login(login)).getStatus().getCode());
  }

  @Test
  void aNewWorkerRegistersWithoutASessionOnItsOwnersWord() throws Exception {
    market.stake();
    SigningKey fresh = SigningKey.fromSeed(1, "fresh");

    client(fresh).require(market.registration(fresh));

    assertTrue(market.find(fresh).isPresent());
  }

  @Test
  void aWorkerOfAnUnknownOwnerReachesNoLog() throws Exception {
    SigningKey fresh = SigningKey.fromSeed(1, "fresh");
    long before = market.index();

    Outcome outcome = client(fresh).submit(market.registration(fresh)).outcome();

    assertEquals(
        Rejection.Reason.UNKNOWN_KEY,
        assertInstanceOf(Outcome.Rejected.class, outcome).rejection().reason());
    assertEquals(before, market.index());
  }

  @Test
  void aForgedCommandReachesNoLog() throws Exception {
    SigningKey worker = market.worker("w");
    Envelope signed = market.signer(worker).sign(new Command.PlaceAsk(UnitPrice.ZERO));
    Envelope forged =
        new Envelope(
            new Command.PlaceAsk(new UnitPrice(7)),
            signed.nonce(),
            signed.expiryMillis(),
            signed.signature(),
            Optional.empty());
    long before = market.index();

    // The signature fits some other key, which the market does not know.
    Outcome outcome = client(worker).submit(forged).outcome();

    assertEquals(
        Rejection.Reason.UNKNOWN_KEY,
        assertInstanceOf(Outcome.Rejected.class, outcome).rejection().reason());
    assertEquals(before, market.index());
  }

  @Test
  void malformedAndOversizedCommandsAreInvalid() throws Exception {
    MarketGrpc.MarketBlockingStub stub = raw(door.gateway());

    assertEquals(Status.Code.INVALID_ARGUMENT, statusOf(stub, ByteString.copyFromUtf8("hello")));
    assertEquals(
        Status.Code.INVALID_ARGUMENT, statusOf(stub, ByteString.copyFrom(new byte[2 << 20])));
  }

  @Test
  void onlyAnAttestationMayBeLongerThan64KiB() throws Exception {
    SigningKey worker = market.worker("w");
    List<Address> many = Collections.nCopies(4_000, worker.address());

    Status.Code code =
        statusOf(raw(door.gateway()), market.signer(worker).sign(new Command.ReportSilent(many)));

    assertEquals(Status.Code.INVALID_ARGUMENT, code);
  }

  @Test
  void aWorkersBeatReachesNoLog() throws Exception {
    SigningKey worker = market.worker("w");
    long before = market.index();

    Outcome outcome =
        client(worker)
            .submit(
                market
                    .signer(worker)
                    .sign(new Command.Beat(1, 2, 3, 4, Digest.ZERO, Optional.empty())))
            .outcome();

    assertEquals(
        Rejection.Reason.NOT_A_VALIDATOR,
        assertInstanceOf(Outcome.Rejected.class, outcome).rejection().reason());
    assertEquals(before, market.index());
  }

  @Test
  void aTakenPortIsNamed() throws Exception {
    Gateway gateway = door.gateway();
    GatewayPortInUse failure =
        assertThrows(GatewayPortInUse.class, () -> door.gateway(gateway.address().port()));
    assertEquals(gateway.address().port(), failure.port());
  }

  @Test
  void tooManyCommandsAreToldWhenToComeBack() throws Exception {
    SigningKey worker = market.worker("w");
    MarketGrpc.MarketBlockingStub stub = raw(door.gateway());
    ChallengeReply challenge = stub.challenge(ChallengeRequest.getDefaultInstance());
    MarketGrpc.MarketBlockingStub session =
        withToken(stub, stub.login(login(worker, worker, challenge)).getToken());
    SubmitRequest request = request(market.signer(worker).sign(new Command.WithdrawAsk()));
    for (int i = 0; i < TestDoor.SUBMITS; i++) {
      assertTrue(session.submit(request).hasRejected());
    }

    StatusRuntimeException refused =
        assertThrows(StatusRuntimeException.class, () -> session.submit(request));

    assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
    assertTrue(Trailers.retryAfter(refused.getTrailers()).isPresent());
  }

  @Test
  void aNodeThatIsNotReadyTakesNoCommand() throws Exception {
    market.stake();
    market.ready = false;
    assertEquals(
        Status.Code.UNAVAILABLE,
        statusOf(raw(door.gateway()), market.registration(SigningKey.fromSeed(1, "fresh"))));
  }

  @Test
  void queriesNeedNoSession() throws Exception {
    SigningKey worker = market.worker("w");
    JobId job = market.job(SPEC, DATA, MODEL, 2);
    MarketClient client = client(SigningKey.fromSeed(1, "stranger"));

    assertEquals(2, client.job(job).orElseThrow().tasks().size());
    assertEquals(1, client.jobs(Optional.of(market.builder.address())).size());
    assertEquals(0, client.jobs(Optional.of(worker.address())).size());
    assertEquals(market.network, client.network());
    assertEquals(SPEC, client.deposit(job).orElseThrow().deposit().spec());
    assertEquals(1, client.stake(market.owner.address()).workers());
    assertEquals(1, client.workers(Optional.empty()).size());
    assertEquals(1, client.prices().size());
    assertTrue(client.job(new JobId(SPEC)).isEmpty());
  }

  @Test
  void aWatchTellsOfAJobOnlyAndGoesOnAtAnotherNode() throws Exception {
    Gateway first = door.gateway();
    Gateway second = door.gateway();
    Recorder seen = new Recorder();
    MarketClient client =
        new MarketClient(door.nodes(market.builder, first.address(), second.address()));
    JobId job = market.deposit(SPEC);
    Watch watch = client.watch(market.index(), Optional.of(job), seen);
    try {
      market.job(SPEC, DATA, MODEL, 1);
      seen.await(Event.RoundOpened.class);
      first.close();

      SigningKey worker = market.worker("w");
      market.asks(worker);

      seen.await(Event.LeaseGranted.class);
      assertTrue(
          seen.all.stream().noneMatch(event -> event instanceof Event.BeatReceived),
          "other events are left out");
      assertEquals(
          1, seen.all.stream().filter(event -> event instanceof Event.RoundOpened).count());
    } finally {
      watch.close();
    }
  }

  @Test
  void aWatchFromBeforeWhatIsKeptIsResynced() throws Exception {
    for (int i = 0; i < 30; i++) {
      market.sync();
    }
    Recorder seen = new Recorder();
    long now = market.index();

    Watch watch = client(market.builder).watch(0, Optional.empty(), seen);
    try {
      assertEquals(now, seen.resyncs.poll(10, TimeUnit.SECONDS));
      market.sync();
      seen.await(Event.SlotOpened.class);
    } finally {
      watch.close();
    }
  }

  @Test
  void aWatchThatGoesOnAtANodeThatLagsMissesNothing() throws Exception {
    Recorder seen = new Recorder();
    // Farther than the market comes before the watch is there.
    long ahead = market.index() + 30;

    Watch watch = client(market.builder).watch(ahead, Optional.empty(), seen);
    try {
      while (seen.events.isEmpty()) {
        market.sync();
        Thread.sleep(50);
      }
      assertTrue(seen.first >= ahead, "what was read before is not told again: " + seen.first);
      assertTrue(seen.resyncs.isEmpty(), "nothing was left out, but " + seen.resyncs);
    } finally {
      watch.close();
    }
  }

  private static final class Recorder implements Watch.Reader {
    final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    final BlockingQueue<Event> all = new LinkedBlockingQueue<>();
    final BlockingQueue<Long> resyncs = new LinkedBlockingQueue<>();
    volatile long first = -1;

    @Override
    public void committed(Stamp at, List<Event> happened) {
      first = first < 0 ? at.index() : first;
      all.addAll(happened);
      events.addAll(happened);
    }

    @Override
    public void resync(long index) {
      resyncs.add(index);
    }

    void await(Class<? extends Event> kind) throws InterruptedException {
      Event event;
      do {
        event = events.poll(10, TimeUnit.SECONDS);
        assertTrue(event != null, "no " + kind.getSimpleName() + " came, but " + resyncs + all);
      } while (!kind.isInstance(event));
    }
  }

  private MarketClient client(SigningKey key) throws IOException {
    return new MarketClient(door.nodes(key, door.gateway().address()));
  }

  private MarketGrpc.MarketBlockingStub raw(Gateway gateway) {
    return MarketGrpc.newBlockingStub(door.channel(gateway));
  }

  private static MarketGrpc.MarketBlockingStub withToken(
      MarketGrpc.MarketBlockingStub stub, String token) {
    Metadata headers = new Metadata();
    headers.put(Trailers.AUTHORIZATION, Trailers.BEARER + token);
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private LoginRequest login(SigningKey claimed, SigningKey signer, ChallengeReply challenge) {
    return RawLogin.request(door, claimed, signer, challenge);
  }

  private static SubmitRequest request(Envelope envelope) {
    return SubmitRequest.newBuilder()
        .setEnvelope(WireValues.bytes(CommandCodecs.ENVELOPE, envelope))
        .build();
  }

  private static Status.Code statusOf(MarketGrpc.MarketBlockingStub stub, Envelope envelope) {
    return statusOf(stub, WireValues.bytes(CommandCodecs.ENVELOPE, envelope));
  }

  private static Status.Code statusOf(MarketGrpc.MarketBlockingStub stub, ByteString envelope) {
    return assertThrows(
            StatusRuntimeException.class,
            () -> stub.submit(SubmitRequest.newBuilder().setEnvelope(envelope).build()))
        .getStatus()
        .getCode();
  }
}
