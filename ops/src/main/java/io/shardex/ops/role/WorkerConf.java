package io.shardex.ops.role;

import com.typesafe.config.ConfigUtil;
import io.shardex.market.Address;
import java.util.Optional;

/**
 * The text of a new {@code worker.conf}.
 *
 * @param network path of the network file, relative to the file or absolute
 * @param nodes gateways to dial in place of the network file's
 * @param key path of the worker's keystore
 * @param passphrase path of its passphrase
 * @param endorsement the owner's signature over the worker's address, in hex
 * @param resources class of the slot
 * @param memory such as {@code 512 MiB}
 * @param reserve tokens a slot-hour, after the fee
 * @param cache such as {@code 1 GiB}
 * @param commands {@code off}, {@code runc} or {@code runsc}
 * @param state path of the agent's folder
 */
record WorkerConf(
    String name,
    String network,
    Optional<String> nodes,
    String key,
    String passphrase,
    Address owner,
    String endorsement,
    String resources,
    String memory,
    String reserve,
    int threads,
    String cache,
    String commands,
    String state) {
  String text() {
    return """
        # A worker's agent; docs/operating.md lists all keys. Paths are relative to this file.

        network = %s
        %s

        # In logs and metrics.
        name = %s

        # The worker's own key, which signs what this agent does. It holds no money.
        key = %s
        passphrase-file = %s

        # Whose stake stands behind the worker and who is paid; the owner has signed the worker's
        # address with the endorsement.
        owner = "%s"
        endorsement = "%s"

        # What is offered: the least net price a slot-hour, in tokens, and a slot of what.
        reserve-per-hour = %s
        class = %s
        memory = %s
        threads = %d

        # Journal, logs and cache, and the most that the cache may take on disk.
        state = %s
        cache = %s

        # runc or runsc: run strangers' commands in a sandbox, which needs root.
        commands = %s

        # A folder that 'worker install-torch' made: train strangers' TorchScript modules.
        # torch = off

        # What SIGTERM and Ctrl-C do: drain (finish the lease), leave or pause; how long to drain.
        # on-stop = drain
        # drain-timeout = 10 minutes

        # Metrics, health and status on 127.0.0.1; 0 is any free port.
        # operator-port = 0
        """
        .formatted(
            quoted(network),
            nodesLine(),
            quoted(name),
            quoted(key),
            quoted(passphrase),
            owner,
            endorsement,
            quoted(reserve),
            quoted(resources),
            memory,
            threads,
            quoted(state),
            cache,
            commands);
  }

  private String nodesLine() {
    return nodes
        .map(text -> "nodes = " + quoted(text))
        .orElse("# nodes = \"HOST:PORT,HOST:PORT\"  # in place of the network file's gateways");
  }

  private static String quoted(String text) {
    return ConfigUtil.quoteString(text);
  }
}
