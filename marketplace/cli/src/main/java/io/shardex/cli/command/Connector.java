package io.shardex.cli.command;

import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkFile;
import java.util.Optional;

/** Opens the ways to a network. */
@FunctionalInterface
public interface Connector {
  /**
   * Dials nobody yet.
   *
   * @param key whose session and transactions; empty to read only
   */
  Connections open(NetworkFile network, Optional<SigningKey> key);
}
