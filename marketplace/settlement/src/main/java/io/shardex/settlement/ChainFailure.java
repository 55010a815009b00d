package io.shardex.settlement;

import io.shardex.market.Address;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Why the chain did not answer, or did not do, what was asked of it. */
public abstract sealed class ChainFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  private ChainFailure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** No endpoint answered within the patience of the client. Asking again later may help. */
  public static final class Unavailable extends ChainFailure {
    private static final long serialVersionUID = 1;

    Unavailable(String what, List<URI> endpoints, @Nullable Throwable last) {
      super("%s: none of %s answered; the last said: %s".formatted(what, endpoints, last), last);
    }
  }

  /** An endpoint serves another chain than the network's. Only another configuration helps. */
  public static final class WrongChain extends ChainFailure {
    private static final long serialVersionUID = 1;

    WrongChain(URI endpoint, long expected, long found) {
      super(
          "expected chain %d at %s, but it is chain %d".formatted(expected, endpoint, found), null);
    }
  }

  /** The node answered with an error of its own. */
  public static final class NodeRefused extends ChainFailure {
    private static final long serialVersionUID = 1;

    NodeRefused(String what, String error) {
      super(what + ": the node refused: " + error, null);
    }
  }

  /** A contract refused; {@link #reason} is its error with the arguments. */
  public static final class Reverted extends ChainFailure {
    private static final long serialVersionUID = 1;
    private final String reason;

    Reverted(String what, String reason) {
      super(what + ": the contract refused: " + reason, null);
      this.reason = reason;
    }

    /** For example {@code TooEarlyToReclaim(0x.., 1700000000)}. */
    public String reason() {
      return reason;
    }
  }

  /** Another transaction of the same account took the nonce: the key is in use elsewhere. */
  public static final class Displaced extends ChainFailure {
    private static final long serialVersionUID = 1;

    Displaced(String what, long nonce) {
      super("%s: another transaction took nonce %d of this account".formatted(what, nonce), null);
    }
  }

  /**
   * The account has sent something since its nonce was planned with; contracts would come to be
   * elsewhere.
   */
  public static final class NonceMoved extends ChainFailure {
    private static final long serialVersionUID = 1;

    NonceMoved(Address account, long planned, long found) {
      super(
          "expected the next nonce of %s to be %d, as planned, but it is %d"
              .formatted(account, planned, found),
          null);
    }
  }

  /** The transaction is in no block within the sender's patience. It may still get into one. */
  public static final class Stuck extends ChainFailure {
    private static final long serialVersionUID = 1;

    Stuck(String what, String hash, long seconds) {
      super("%s: transaction %s is in no block after %d s".formatted(what, hash, seconds), null);
    }
  }

  /** The chain holds an amount above 2^63-1 base units, which the market cannot count. */
  public static final class AmountTooLarge extends ChainFailure {
    private static final long serialVersionUID = 1;

    AmountTooLarge(String what, String units) {
      super("%s is %s base units, more than the market can count".formatted(what, units), null);
    }
  }

  /** What a node answered cannot be of our contracts or is inconsistent in itself. */
  public static final class BadAnswer extends ChainFailure {
    private static final long serialVersionUID = 1;

    BadAnswer(String message) {
      super(message, null);
    }
  }

  /** The calling thread was interrupted; its flag is set again. */
  public static final class Interrupted extends ChainFailure {
    private static final long serialVersionUID = 1;

    Interrupted(String what, InterruptedException cause) {
      super(what + ": interrupted", cause);
    }
  }
}
