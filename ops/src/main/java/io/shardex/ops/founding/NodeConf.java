package io.shardex.ops.founding;

import io.shardex.protocol.founding.NetworkPlan;

/**
 * The text of a new {@code node.conf}.
 *
 * @param key path of the validator's keystore, relative to the file or absolute
 * @param passphrase path of its passphrase
 * @param state path of the folder of log and blobs
 */
record NodeConf(NetworkPlan plan, String id, String key, String passphrase, String state) {
  String text() {
    return """
        # A scheduler node of network %s; docs/operating.md lists all keys.
        # Paths are relative to this file.

        # From the coordinator; where this node listens stands in it.
        network = "network.json"
        id = "%s"

        # The validator's keystore. %s.voted beside it says that the node has voted:
        # it belongs to the key and stays when the state is lost.
        key = "%s"
        passphrase-file = "%s"

        # Log, snapshots, archive and blobs.
        state = "%s"
        %s
        # An endpoint of your own; others need not know it.
        # chain.rpc = "http://127.0.0.1:8545"
        # Blocks until one counts: more on a public chain.
        # chain.depth = 3
        # Memory for blobs, and the most that all blobs of the network may take.
        # grid.region = 256 MiB
        # grid.quota = 4 GiB
        """
        .formatted(plan.name(), id, id, key, passphrase, state, tls());
  }

  private String tls() {
    return plan.ca().isEmpty()
        ? ""
        : """

        # As whom the node appears in TLS; the certificate comes from the coordinator.
        tls.certificate = "%s.pem"
        tls.key = "%s.key"
        """
            .formatted(id, id);
  }
}
