package io.shardex.ops.localnet;

import java.nio.file.Path;

/**
 * What a network on this machine is like.
 *
 * @param dir its state folder: chain, logs, keys, network.json
 * @param seed of all keys; for development only
 * @param ports where it listens
 */
public record LocalnetOptions(Path dir, long seed, Ports ports) {

  /**
   * Ports on loopback; 0 takes any free one.
   *
   * @param chain JSON-RPC of the chain ({@code --chain-port})
   * @param gateway of the first node; the others take the next ({@code --gateway-port})
   * @param operator metrics and health ({@code --operator-port})
   */
  public record Ports(int chain, int gateway, int operator) {
    public static final Ports ANY = new Ports(0, 0, 0);
  }
}
