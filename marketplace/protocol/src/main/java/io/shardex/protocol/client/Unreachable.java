package io.shardex.protocol.client;

import org.jspecify.annotations.Nullable;

/** No node answered within the caller's patience; names the addresses and the last trouble. */
public final class Unreachable extends ClientFailure {
  private static final long serialVersionUID = 1;

  Unreachable(String what, NodeAddresses addresses, String trouble, @Nullable Throwable cause) {
    super(
        "%s: none of %s answered in time; the last said: %s".formatted(what, addresses, trouble),
        cause);
  }
}
