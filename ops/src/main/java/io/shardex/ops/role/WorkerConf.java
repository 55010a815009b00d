package io.shardex.ops.role;

import com.typesafe.config.ConfigUtil;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The text of a new {@code worker.conf}.
 *
 * @param network path of the network file, relative to the file or absolute
 * @param nodes gateways to dial in place of the network file's
 * @param passphrase path of the passphrase of the slots' keys
 * @param owner its address
 * @param slots one or several
 * @param resources class of the slots
 * @param reserve tokens a slot-hour, after the fee
 * @param state path of the agent's folder
 */
record WorkerConf(
    String name,
    String network,
    Optional<String> nodes,
    String passphrase,
    String owner,
    List<Slot> slots,
    String resources,
    InitOffer offer,
    String reserve,
    String state) {
  /**
   * What a slot has of its own.
   *
   * @param key path of its keystore
   * @param endorsement the owner's signature over the key's address, in hex
   */
  record Slot(String name, String key, String endorsement) {}

  String text() {
    return """
        # A worker's agent; docs/operating.md lists all keys. Paths are relative to this file.

        network = %s
        %s

        # In logs and metrics.
        name = %s

        # Whose stake stands behind the worker and who is paid.
        owner = "%s"

        %s

        # What is offered: the least net price a slot-hour, in tokens, and a slot of what.
        reserve-per-hour = %s
        class = %s
        memory = %s
        threads = %d

        # Its processors, such as 0-3, and its GPU, by its id or number, or a part of it in percent.
        # cpus = 0-3
        # gpu = 0
        # gpu-share = 50

        # Journal, logs and cache, and the most that the cache may take on disk.
        state = %s
        cache = %s

        # The most it moves of blobs in a second, in and out together, such as 20 MiB.
        # bandwidth = off

        # runc or runsc: run strangers' commands in a sandbox, which needs root.
        commands = %s

        # on: commands whose jobs need it have the internet, but not this host and its LAN.
        commands-network = %s

        # A folder that 'worker install-torch' made: train strangers' TorchScript modules.
        %s

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
            owner,
            keys(),
            quoted(reserve),
            quoted(resources),
            offer.memory(),
            offer.threads(),
            quoted(state),
            offer.cache(),
            offer.commands(),
            offer.online() ? "on" : "off",
            offer
                .torch()
                .map(Path::toAbsolutePath)
                .map(folder -> "torch = " + quoted(folder.normalize().toString()))
                .orElse("# torch = off"));
  }

  private String keys() {
    return slots.size() == 1 ? oneKey(slots.getFirst()) : slotList();
  }

  private String oneKey(Slot slot) {
    return """
        # The worker's own key, which signs what this agent does and holds no money; the owner has
        # signed its address with the endorsement.
        key = %s
        passphrase-file = %s
        endorsement = "%s\""""
        .formatted(quoted(slot.key()), quoted(passphrase), slot.endorsement());
  }

  private String slotList() {
    return """
        # Leases side by side, each of a worker with a key of its own, which holds no money; the owner
        # has signed its address with the endorsement. A slot may have of its own what stands below:
        # class, memory, reserve-per-hour, threads, cpus, gpu, gpu-share.
        passphrase-file = %s
        slots = [
        %s
        ]"""
        .formatted(
            quoted(passphrase),
            slots.stream()
                .map(
                    slot ->
                        "  { name = %s, key = %s, endorsement = \"%s\" }"
                            .formatted(quoted(slot.name()), quoted(slot.key()), slot.endorsement()))
                .collect(Collectors.joining("\n")));
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
