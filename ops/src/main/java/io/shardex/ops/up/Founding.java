package io.shardex.ops.up;

import io.shardex.market.Network;
import io.shardex.market.Rules;
import io.shardex.ops.ca.CertificateAuthority;
import io.shardex.ops.localnet.LocalChain;
import io.shardex.ops.localnet.LocalTerms;
import io.shardex.ops.localnet.Owner;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.KeyFile.Strength;
import io.shardex.protocol.key.KeyFileException;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.protocol.tls.TrustRoots;
import io.shardex.worker.runtime.sandbox.OciRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Makes a network in a folder: keys, a development chain with the contracts, stakes, the network
 * file and a config file for each node and worker. After it nothing of it is special: each role
 * starts from its file as it would on a host of its own.
 */
final class Founding {
  private static final String HOST = "127.0.0.1";
  private static final int THRESHOLD = 2;

  /** Of a worker that trains modules: libtorch itself takes most of a usual worker's. */
  static final String TORCH_MEMORY = "1536MiB";

  private static final List<String> OWNERS = List.of("ada", "bela", "chen");
  private static final List<String> RESERVES = List.of("0.12", "0.18", "0.24");

  private final UpFolder folder;
  private final UpPorts.Assigned ports;
  private final int workers;
  private final boolean tls;
  private final Optional<OciRuntime.Kind> commands;
  private final Optional<Path> torch;
  private final Rules rules;
  private final SecureRandom chance = new SecureRandom();

  Founding(
      UpFolder folder,
      UpPorts.Assigned ports,
      int workers,
      boolean tls,
      Optional<OciRuntime.Kind> commands,
      Optional<Path> torch,
      Rules rules) {
    this.folder = folder;
    this.ports = ports;
    this.workers = workers;
    this.tls = tls;
    this.commands = commands;
    this.torch = torch;
    this.rules = rules;
  }

  /** Founds the network and leaves nothing running. */
  void run(Path anvil) throws IOException, InterruptedException, KeyFileException {
    folder.clear();
    char[] passphrase = Passphrase.toNewFile(folder.passphrase(), chance);
    try {
      found(anvil, passphrase);
    } finally {
      Arrays.fill(passphrase, '\0');
    }
    folder.markFounded();
  }

  private void found(Path anvil, char[] passphrase)
      throws IOException, InterruptedException, KeyFileException {
    List<SigningKey> validators = new ArrayList<>();
    for (String id : nodes()) {
      validators.add(newKey(id, passphrase));
    }
    List<Owner> owners = new ArrayList<>();
    for (int i = 0; i < Math.min(OWNERS.size(), workers); i++) {
      owners.add(owner(i, newKey(OWNERS.get(i), passphrase)));
    }
    LocalChain.Accounts accounts =
        new LocalChain.Accounts(
            newKey("deployer", passphrase), validators, newKey("builder", passphrase), owners);
    Network network;
    String rpc;
    try (LocalChain chain =
        LocalChain.start(anvil, ports.chain(), folder.chain(), accounts, THRESHOLD)) {
      network =
          LocalTerms.network(
              chain.contracts(), accounts.deployer().address(), validators, THRESHOLD, rules);
      rpc = chain.url().toString();
    }
    Optional<TrustRoots> ca = tls ? Optional.of(certificates()) : Optional.empty();
    Files.write(folder.network(), new NetworkFile(network, entries(), List.of(rpc), ca).toJson());
    for (String id : nodes()) {
      write(id, nodeConf(id));
    }
    TypedData typed = TypedData.of(network);
    for (int i = 0; i < workers; i++) {
      Owner owner = owners.get(i % owners.size());
      SigningKey hot = newKey(worker(i), passphrase);
      byte[] endorsement =
          owner.key().sign(typed.workerKey(owner.address(), hot.address())).bytes();
      write(worker(i), workerConf(i, owner, HexFormat.of().formatHex(endorsement)));
    }
  }

  static List<String> nodes() {
    List<String> ids = new ArrayList<>();
    for (int i = 1; i <= LocalChain.NODES; i++) {
      ids.add("node-" + i);
    }
    return ids;
  }

  static String worker(int index) {
    return "worker-" + (index + 1);
  }

  private Owner owner(int index, SigningKey key) {
    List<String> names = new ArrayList<>();
    for (int i = index; i < workers; i += OWNERS.size()) {
      names.add(worker(i));
    }
    return new Owner(
        OWNERS.get(index),
        key,
        UnitPrice.ZERO,
        Amount.of(Owner.STAKE_EACH * names.size()),
        names,
        true);
  }

  private SigningKey newKey(String name, char[] passphrase) throws KeyFileException {
    SigningKey key = SigningKey.random(chance);
    KeyFile.write(folder.key(name), key, passphrase, Strength.LIGHT);
    return key;
  }

  private List<NodeEntry> entries() {
    List<NodeEntry> entries = new ArrayList<>();
    for (int i = 0; i < LocalChain.NODES; i++) {
      entries.add(
          new NodeEntry(
              nodes().get(i),
              new Endpoint(HOST, ports.gateways().get(i)),
              new Endpoint(HOST, ports.rafts().get(i)),
              new Endpoint(HOST, ports.grids().get(i)),
              ports.operators().get(i)));
    }
    return entries;
  }

  /** A CA of the network's own, and a certificate for each node. */
  private TrustRoots certificates() throws IOException, KeyFileException {
    CertificateAuthority ca =
        CertificateAuthority.init(
            folder.path().resolve("ca"),
            "shardex up",
            CertificateAuthority.CA_DAYS,
            InstantSource.system());
    for (String id : nodes()) {
      Files.writeString(
          folder.certificate(id),
          ca.issue(
              folder.certificateKey(id),
              id,
              List.of(HOST, "localhost"),
              CertificateAuthority.CA_DAYS));
    }
    return ca.roots();
  }

  private Map<String, String> nodeConf(String id) {
    Map<String, String> values = new TreeMap<>();
    values.put("network", "../network.json");
    values.put("id", id);
    values.put("key", "../keys/" + id + ".json");
    values.put("passphrase-file", "../keys/passphrase");
    values.put("state", "../" + id);
    if (tls) {
      values.put("tls.certificate", "../keys/" + folder.certificate(id).getFileName());
      values.put("tls.key", "../keys/" + folder.certificateKey(id).getFileName());
    }
    return values;
  }

  private Map<String, String> workerConf(int index, Owner owner, String endorsement) {
    String name = worker(index);
    Map<String, String> values = new HashMap<>();
    commands.ifPresent(runtime -> values.put("commands", runtime.toString()));
    torch.ifPresent(
        libtorch -> {
          values.put("torch", libtorch.toString());
          values.put("memory", TORCH_MEMORY);
        });
    values.putAll(
        Map.of(
            "network",
            "../network.json",
            "name",
            name,
            "key",
            "../keys/" + name + ".json",
            "passphrase-file",
            "../keys/passphrase",
            "owner",
            owner.address().toString(),
            "endorsement",
            "0x" + endorsement,
            "reserve-per-hour",
            RESERVES.get(index % RESERVES.size()),
            "state",
            "../" + name,
            "operator-port",
            Integer.toString(ports.workers().get(index)),
            "on-stop",
            "pause"));
    return values;
  }

  private void write(String name, Map<String, String> values) throws IOException {
    StringBuilder text = new StringBuilder("# Paths are relative to this file.\n");
    values.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            entry ->
                text.append(
                    String.format(Locale.ROOT, "%s = \"%s\"%n", entry.getKey(), entry.getValue())));
    Files.writeString(folder.conf(name), text);
  }
}
