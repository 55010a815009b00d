package io.shardex.ops.localnet;

import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import java.nio.file.Path;

/**
 * What a network on this machine is like.
 *
 * @param anvil the chain's program
 * @param dir its state folder: chain, logs, keys, network.json
 * @param seed of all keys; for development only
 * @param ports where it listens
 * @param liar whether a fourth owner takes part whose worker lies
 */
public record LocalnetOptions(Path anvil, Path dir, long seed, Ports ports, boolean liar) {

  /**
   * Ports on loopback; 0 takes any free one. What the nodes say among each other (Raft, grid) is
   * nobody else's business: it always takes free ones, and others when somebody is faster.
   *
   * @param chain JSON-RPC of the chain ({@code --chain-port})
   * @param gateway of the first node; the others take the next ({@code --gateway-port})
   * @param operator metrics and health ({@code --operator-port})
   */
  public record Ports(int chain, int gateway, int operator) {
    public static final Ports ANY = new Ports(0, 0, 0);
    private static final int LAST = 65_535;

    /** Throws {@link Trouble} for what is no port. */
    public Ports {
      requirePort("--chain-port", chain, LAST);
      requirePort("--gateway-port", gateway, LAST - LocalChain.NODES + 1);
      requirePort("--operator-port", operator, LAST);
    }

    private static void requirePort(String flag, int port, int last) {
      if (port < 0 || port > last) {
        throw new Trouble(
            ExitCode.USAGE,
            "%s: expected 0 to %d, but got %d".formatted(flag, last, port),
            "Choose another port, or 0 for any free one");
      }
    }

    /** The gateway's port of a node counted from 0, or 0 for any. */
    int gatewayOf(int node) {
      return gateway == 0 ? 0 : gateway + node;
    }

    /** Says now what would otherwise be said after seconds of starting. */
    void requireFree() {
      requireFree(chain, "the chain", "--chain-port");
      for (int node = 0; node < LocalChain.NODES; node++) {
        requireFree(gatewayOf(node), "a gateway", "--gateway-port");
      }
      requireFree(operator, "/metrics", "--operator-port");
    }

    private static void requireFree(int port, String who, String flag) {
      if (port != 0 && !LoopbackPort.isFree(port)) {
        throw inUse(port, who, flag);
      }
    }

    static Trouble inUse(int port, String who, String flag) {
      return Trouble.environment(
          "port " + port + " is in use, and " + who + " needs it",
          "Stop what listens there, or choose another port with " + flag);
    }
  }
}
