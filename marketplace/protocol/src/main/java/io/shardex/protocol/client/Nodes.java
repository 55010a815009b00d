package io.shardex.protocol.client;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.protocol.blob.MalformedBlob;
import io.shardex.protocol.wire.Trailers;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler nodes as one: a call goes to the node that answered last, and on trouble to the
 * next one, round after round with growing jittered pauses, until the caller's patience ends.
 * {@link MarketClient}, {@link BlobClient} and {@link AgentStream} share it. Safe for many threads.
 */
public final class Nodes implements AutoCloseable {
  private final NodeAddresses addresses;
  private final @Nullable Identity identity;
  private final Patience patience;
  private final Pause pause;
  private final List<NodeLink> links;
  private volatile int preferred;
  private volatile boolean closed;

  Nodes(NodeAddresses addresses, @Nullable Identity identity, Patience patience, Pause pause) {
    this.addresses = addresses;
    this.identity = identity;
    this.patience = patience;
    this.pause = pause;
    this.links =
        addresses.nodes().stream().map(node -> new NodeLink(node, addresses.ca())).toList();
  }

  /** Nodes to which this key logs in when a call needs a session. Dials nobody yet. */
  public static Nodes open(NodeAddresses addresses, Identity identity, Patience patience) {
    return new Nodes(addresses, identity, patience, Thread::sleep);
  }

  /** Nodes to read public data from, without a key. */
  public static Nodes openPublic(NodeAddresses addresses, Patience patience) {
    return new Nodes(addresses, null, patience, Thread::sleep);
  }

  public NodeAddresses addresses() {
    return addresses;
  }

  public Patience patience() {
    return patience;
  }

  /** Ends every call under way; its caller gets {@link Unreachable}. */
  @Override
  public void close() {
    closed = true;
    links.forEach(NodeLink::close);
  }

  /** One try of a call on one node; may throw what gRPC throws. */
  interface Attempt<T> {
    T on(NodeLink link) throws InterruptedException;
  }

  List<NodeLink> links() {
    return links;
  }

  /** The node that answered last. */
  NodeLink preferred() {
    return links.get(preferred);
  }

  /** Says that a node is in trouble: the next calls go to the one after it. */
  void avoid(NodeLink link) {
    int index = links.indexOf(link);
    if (index == preferred) {
      preferred = (index + 1) % links.size();
    }
  }

  /** The stub with the session there; {@link Denied} without a key. */
  <S extends AbstractStub<S>> S authorized(S stub, NodeLink link) {
    if (identity == null) {
      throw new Denied("this call needs a session, and no key was given", "log in with a key");
    }
    return link.authorized(stub, identity, patience.call());
  }

  /**
   * Makes the call on one node after the other until one answers.
   *
   * @param what a noun phrase for messages
   */
  <T> T call(String what, Attempt<T> attempt) {
    long deadline = System.nanoTime() + patience.total().toNanos();
    Backoff backoff = new Backoff(RandomGenerator.getDefault());
    for (int tries = 1; ; tries++) {
      NodeLink link = preferred();
      Trouble trouble;
      try {
        return attempt.on(link);
      } catch (StatusRuntimeException e) {
        trouble = trouble(what, link, e);
      } catch (MalformedBytes | MalformedBlob e) {
        // Who asks again asks another node.
        avoid(link);
        throw new BadAnswer(what + ": " + link.address() + " answered: " + e.getMessage(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CallInterrupted(what);
      }
      Duration wait = trouble.pause().orElse(Duration.ZERO);
      if (wait.isZero() && trouble.elsewhere() && tries % links.size() == 0) {
        wait = backoff.next();
      }
      if (closed || System.nanoTime() + wait.toNanos() > deadline) {
        throw trouble.last(what, addresses);
      }
      waitFor(what, wait);
    }
  }

  private void waitFor(String what, Duration wait) {
    if (!wait.isZero()) {
      try {
        pause.of(wait);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CallInterrupted(what);
      }
    }
  }

  /** What may be tried again, and when; anything else is thrown. */
  private Trouble trouble(String what, NodeLink link, StatusRuntimeException e) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CallInterrupted(what);
    }
    Status status = e.getStatus();
    Metadata trailers = Optional.ofNullable(e.getTrailers()).orElseGet(Metadata::new);
    String said =
        tlsRefusal(status.getCause())
            .orElseGet(
                () ->
                    status.getDescription() == null
                        ? status.getCode().name()
                        : status.getDescription());
    return switch (status.getCode()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED, CANCELLED -> {
        avoid(link);
        yield new Trouble(link.address() + ": " + said, Optional.empty(), true, e);
      }
      case UNAUTHENTICATED -> {
        link.forgetSession();
        yield new Trouble(link.address() + ": " + said, Optional.empty(), true, e);
      }
      case RESOURCE_EXHAUSTED -> {
        Optional<Duration> wait = Trailers.retryAfter(trailers);
        if (wait.isEmpty()) {
          throw new Throttled(what + ": " + said, Duration.ZERO);
        }
        yield new Trouble(said, wait, false, e);
      }
      case PERMISSION_DENIED -> throw new Denied(said, Trailers.nextStep(trailers));
      case INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, OUT_OF_RANGE, ALREADY_EXISTS ->
          throw new InvalidCall(what + ": " + said, e);
      case OK, UNKNOWN, UNIMPLEMENTED, INTERNAL, DATA_LOSS -> {
        avoid(link);
        yield new Trouble(link.address() + ": " + said, Optional.empty(), true, e);
      }
    };
  }

  /** What TLS found wrong with the node, which gRPC keeps in a cause. */
  private static Optional<String> tlsRefusal(@Nullable Throwable failure) {
    String found = null;
    for (Throwable at = failure; at != null; at = at.getCause()) {
      found =
          switch (at) {
            case CertPathBuilderException foreign ->
                "its certificate is not of the network's CA: " + foreign.getMessage();
            case CertificateException refused -> "its certificate: " + refused.getMessage();
            case SSLException refused -> "TLS: " + refused.getMessage();
            default -> found;
          };
    }
    return Optional.ofNullable(found);
  }

  /**
   * Why a try brought nothing.
   *
   * @param pause what the node asked for
   * @param elsewhere whether another node may do better
   */
  private record Trouble(
      String said, Optional<Duration> pause, boolean elsewhere, StatusRuntimeException cause) {
    ClientFailure last(String what, NodeAddresses addresses) {
      return elsewhere
          ? new Unreachable(what, addresses, said, cause)
          : new Throttled(what + ": " + said, pause.orElse(Duration.ZERO));
    }
  }
}
