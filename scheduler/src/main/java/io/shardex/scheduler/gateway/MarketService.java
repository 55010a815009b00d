package io.shardex.scheduler.gateway;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.shardex.market.Address;
import io.shardex.market.Author;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Network;
import io.shardex.market.Rejection;
import io.shardex.market.Signature;
import io.shardex.market.Stamp;
import io.shardex.protocol.key.Signatures;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.wire.ArchiveReply;
import io.shardex.protocol.wire.ArchiveRequest;
import io.shardex.protocol.wire.ChallengeReply;
import io.shardex.protocol.wire.ChallengeRequest;
import io.shardex.protocol.wire.LoginReply;
import io.shardex.protocol.wire.LoginRequest;
import io.shardex.protocol.wire.MarketGrpc;
import io.shardex.protocol.wire.QueryReply;
import io.shardex.protocol.wire.QueryRequest;
import io.shardex.protocol.wire.SubmitReply;
import io.shardex.protocol.wire.SubmitRequest;
import io.shardex.protocol.wire.WatchReply;
import io.shardex.protocol.wire.WatchRequest;
import io.shardex.protocol.wire.WireOutcome;
import io.shardex.protocol.wire.WireValues;
import io.shardex.scheduler.gateway.Challenges.Challenge;
import io.shardex.scheduler.gateway.Sessions.Session;
import java.util.Optional;
import java.util.function.Supplier;

/** Logins, commands, queries, watches and the archive. */
final class MarketService extends MarketGrpc.MarketImplBase {
  private final MarketPort market;
  private final Challenges challenges;
  private final Sessions sessions;
  private final Throttle<Address> submits;
  private final Queries queries;
  private final ArchiveSessions archives;
  private final GatewayMetrics metrics;

  MarketService(
      MarketPort market,
      Challenges challenges,
      Sessions sessions,
      Throttle<Address> submits,
      Queries queries,
      ArchiveSessions archives,
      GatewayMetrics metrics) {
    this.market = market;
    this.challenges = challenges;
    this.sessions = sessions;
    this.submits = submits;
    this.queries = queries;
    this.archives = archives;
    this.metrics = metrics;
  }

  @Override
  public void challenge(ChallengeRequest request, StreamObserver<ChallengeReply> reply) {
    answer(
        reply,
        () -> {
          Challenge given = challenges.give();
          return ChallengeReply.newBuilder()
              .setChallenge(WireValues.bytes(given.number()))
              .setExpiryMillis(given.expiryMillis())
              .build();
        });
  }

  @Override
  public void login(LoginRequest request, StreamObserver<LoginReply> reply) {
    answer(reply, () -> login(request));
  }

  @Override
  public void submit(SubmitRequest request, StreamObserver<SubmitReply> reply) {
    try {
      submitOrThrow(request, reply);
    } catch (RuntimeException e) {
      reply.onError(Refusals.of(e));
    }
  }

  @Override
  public void query(QueryRequest request, StreamObserver<QueryReply> reply) {
    answer(reply, () -> queries.answer(request));
  }

  @Override
  public void watch(WatchRequest request, StreamObserver<WatchReply> reply) {
    try {
      WatchSession.open(market, request, metrics, observed(reply));
    } catch (RuntimeException e) {
      reply.onError(Refusals.of(e));
    }
  }

  @Override
  public void archive(ArchiveRequest request, StreamObserver<ArchiveReply> reply) {
    try {
      archives.open(market.history().log(), request, observed(reply));
    } catch (RuntimeException e) {
      reply.onError(Refusals.of(e));
    }
  }

  private LoginReply login(LoginRequest request) {
    requireReady();
    Digest number = WireValues.digest(request.getChallenge());
    Address key = WireValues.address(request.getKey());
    long expiry =
        challenges
            .redeem(number)
            .orElseThrow(() -> Refusals.noSession("the challenge is not open here any more"));
    Network network = market.read(state -> state.network());
    Optional<Address> signer =
        signature(request)
            .flatMap(
                signature ->
                    Signatures.recover(
                        TypedData.of(network).login(number, key, expiry), signature));
    if (!signer.equals(Optional.of(key))) {
      throw Refusals.denied(
          "the challenge is not signed by " + key,
          "sign with the key that logs in, in this network");
    }
    if (!market.read(state -> state.knows(key))) {
      throw Refusals.denied(
          "the market knows no deposit, stake, worker or validator of " + key,
          Rejection.Reason.UNKNOWN_KEY.nextStep());
    }
    Session session = sessions.open(key);
    return LoginReply.newBuilder()
        .setToken(session.token())
        .setExpiryMillis(session.expiryMillis())
        .build();
  }

  private static Optional<Signature> signature(LoginRequest request) {
    return request.getSignature().size() == Signature.BYTES
        ? Optional.of(Signature.of(request.getSignature().toByteArray()))
        : Optional.empty();
  }

  private void submitOrThrow(SubmitRequest request, StreamObserver<SubmitReply> reply) {
    Envelope envelope = SignedCommands.decode(request.getEnvelope());
    if (!(envelope.command() instanceof Command.RegisterWorker)) {
      submits.take(Sessions.requireCaller(), 1, "commands");
    }
    requireReady();
    Author author = SignedCommands.author(market.read(state -> state.network()), envelope);
    Optional<Rejection> refusal =
        market.read(state -> SignedCommands.refusal(state, envelope, author));
    if (refusal.isPresent()) {
      reply.onNext(WireOutcome.of(refusal.get()));
      reply.onCompleted();
      return;
    }
    if (envelope.command() instanceof Command.RegisterWorker) {
      author.endorser().ifPresent(owner -> submits.take(owner, 1, "registrations"));
    }
    // The caller may hang up first: then nobody is left to tell.
    observed(reply).setOnCancelHandler(() -> {});
    market
        .submit(envelope)
        .whenComplete(
            (written, failure) -> {
              if (failure != null) {
                reply.onError(Refusals.of(failure));
              } else {
                reply.onNext(
                    WireOutcome.of(
                        new Stamp(written.index(), written.offset()), written.outcome()));
                reply.onCompleted();
              }
            });
  }

  private void requireReady() {
    if (!market.ready()) {
      throw Refusals.notReady();
    }
  }

  private static <T> ServerCallStreamObserver<T> observed(StreamObserver<T> reply) {
    // What grpc-java hands to every service method.
    return (ServerCallStreamObserver<T>) reply;
  }

  private static <T> void answer(StreamObserver<T> reply, Supplier<T> call) {
    T value;
    try {
      value = call.get();
    } catch (RuntimeException e) {
      reply.onError(Refusals.of(e));
      return;
    }
    reply.onNext(value);
    reply.onCompleted();
  }
}
