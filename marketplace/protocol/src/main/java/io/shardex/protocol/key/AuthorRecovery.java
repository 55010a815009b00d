package io.shardex.protocol.key;

import io.shardex.market.Address;
import io.shardex.market.Author;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Finds the authors of a log entry's commands before the entry is applied. A pure function of the
 * envelopes, spread over threads because a recovery costs about 50 microseconds.
 */
public final class AuthorRecovery {
  private final TypedData typedData;
  private final Executor executor;
  private final int parallelism;

  /**
   * @param executor runs parts of long lists; must not be the thread that calls {@link #authors}
   * @param parallelism parts a long list is cut into, at least 1
   */
  public AuthorRecovery(TypedData typedData, Executor executor, int parallelism) {
    if (parallelism < 1) {
      throw new IllegalArgumentException("the parallelism must be at least 1: " + parallelism);
    }
    this.typedData = typedData;
    this.executor = executor;
    this.parallelism = parallelism;
  }

  /**
   * The author of each envelope, in order. A bad signature gives an empty signer, a bad endorsement
   * an empty endorser; Genesis is nobody's.
   */
  public List<Author> authors(List<Envelope> envelopes) {
    int part = Math.max(1, Math.ceilDiv(envelopes.size(), parallelism));
    List<CompletableFuture<List<Author>>> rest = new ArrayList<>();
    for (int from = part; from < envelopes.size(); from += part) {
      List<Envelope> some = envelopes.subList(from, Math.min(from + part, envelopes.size()));
      rest.add(CompletableFuture.supplyAsync(() -> inOrder(some), executor));
    }
    // The caller works on the first part itself, so a list of one costs no hand-over.
    List<Author> authors = new ArrayList<>(envelopes.size());
    authors.addAll(inOrder(envelopes.subList(0, Math.min(part, envelopes.size()))));
    rest.forEach(some -> authors.addAll(some.join()));
    return authors;
  }

  /** The author of one envelope. */
  public Author author(Envelope envelope) {
    if (envelope.command() instanceof Command.Genesis) {
      return Author.NOBODY;
    }
    Optional<Address> signer = signer(envelope);
    return new Author(signer, signer.flatMap(worker -> endorser(envelope, worker)));
  }

  private Optional<Address> signer(Envelope envelope) {
    Digest signed;
    try {
      signed = typedData.command(envelope.command(), envelope.nonce(), envelope.expiryMillis());
    } catch (ArithmeticException e) {
      // Terms whose budget no amount can hold: there is nothing that anyone could have signed.
      return Optional.empty();
    }
    return Signatures.recover(signed, envelope.signature());
  }

  private Optional<Address> endorser(Envelope envelope, Address worker) {
    return envelope.command() instanceof Command.RegisterWorker register
        ? envelope.endorsement().flatMap(signature -> endorser(register, worker, signature))
        : Optional.empty();
  }

  private Optional<Address> endorser(
      Command.RegisterWorker register, Address worker, Signature endorsement) {
    return Signatures.recover(typedData.workerKey(register.owner(), worker), endorsement);
  }

  private List<Author> inOrder(List<Envelope> envelopes) {
    return envelopes.stream().map(this::author).toList();
  }
}
