package io.shardex.ops.founding;

import io.shardex.ops.ca.TlsRequest;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Keystores;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.founding.NetworkPlan;
import io.shardex.protocol.founding.NodeCard;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.KeyFile.Strength;
import io.shardex.protocol.key.KeyFileException;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NodeEntry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code shardex node init}. */
@Command(
    name = "init",
    description = {
      "As operator: makes a node's keys, its config file and its card.",
      "",
      "The card goes to the coordinator; all else stays on this host. Run again, for another plan"
          + " or other ports, it keeps the keys and makes a new card."
    },
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex node init --plan plan.json --id node-1 --host a.example.org --dir /etc/shardex"
          + " --state /var/lib/shardex",
    })
public final class NodeInit implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--plan",
      required = true,
      paramLabel = "FILE",
      description = "The plan, from the coordinator.")
  private Path planFile;

  @Option(
      names = "--id",
      required = true,
      paramLabel = "NAME",
      description = "The node's name in the network: letters, digits, dashes.")
  private String id;

  @Option(
      names = "--host",
      required = true,
      paramLabel = "HOST",
      description = "Name or address under which the others reach this host.")
  private String host;

  @Option(
      names = "--gateway-port",
      paramLabel = "PORT",
      defaultValue = "7411",
      description = "For workers and builders (${DEFAULT-VALUE}).")
  private int gatewayPort;

  @Option(
      names = "--raft-port",
      paramLabel = "PORT",
      defaultValue = "7421",
      description = "For the other nodes' logs (${DEFAULT-VALUE}).")
  private int raftPort;

  @Option(
      names = "--grid-port",
      paramLabel = "PORT",
      defaultValue = "7431",
      description = "For the other nodes' grids, with the next one (${DEFAULT-VALUE}).")
  private int gridPort;

  @Option(
      names = "--operator-port",
      paramLabel = "PORT",
      defaultValue = "9464",
      description = "Metrics and health (${DEFAULT-VALUE}).")
  private int operatorPort;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where keys, card and node.conf go (the current folder).")
  private Path dir;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "Where log and blobs will be (a folder named as the node, in --dir).")
  private @Nullable Path state;

  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description =
          "Holds the passphrase of the validator's keystore, which the node needs at each start;"
              + " without it a random one is made in DIR/passphrase.")
  private @Nullable Path passphraseFile;

  // picocli fills the options in before anything runs.
  @SuppressWarnings("NullAway.Init")
  NodeInit() {}

  @Override
  public Integer call() throws Exception {
    NetworkPlan plan = PlanFile.read(planFile);
    NodeEntry node = node();
    if (plan.ca().isEmpty()) {
      requireLoopback();
    }
    Files.createDirectories(dir);
    NodeCard card;
    try {
      String request = plan.ca().isEmpty() ? "" : request();
      card = NodeCard.sign(plan, validator(), node, request);
    } catch (KeyFileException e) {
      throw Keystores.told(e);
    }
    Path cardFile = dir.resolve(id + ".card.json");
    Files.write(cardFile, card.toJson());
    boolean wroteConf = writeConf(plan);
    tell(plan, card, cardFile, wroteConf);
    return ExitCode.OK.number();
  }

  private NodeEntry node() {
    try {
      return new NodeEntry(
          id,
          new Endpoint(host, gatewayPort),
          new Endpoint(host, raftPort),
          new Endpoint(host, gridPort),
          operatorPort);
    } catch (IllegalArgumentException e) {
      throw new Trouble(ExitCode.USAGE, String.valueOf(e.getMessage()), "Mend the command line", e);
    }
  }

  private void requireLoopback() {
    if (!Endpoint.isLoopback(host)) {
      throw new Trouble(
          ExitCode.USAGE,
          "the plan has no CA, so its nodes are on loopback only, but --host is " + host,
          "Let the coordinator plan with a CA: 'shardex ca init', then 'network plan --ca DIR'");
    }
  }

  /** The validator's key, made unless it is there. */
  private SigningKey validator() throws KeyFileException {
    Path file = keyFile();
    Path secret = passphrase();
    boolean given = passphraseFile != null;
    char[] passphrase =
        given || Files.exists(secret)
            ? Passphrase.fromFile(secret)
            : Passphrase.toNewFile(secret, new SecureRandom());
    try {
      if (passphrase.length == 0) {
        throw new Trouble(
            ExitCode.USAGE, "the passphrase in " + secret + " is empty", "Write one into it");
      }
      if (Files.exists(file)) {
        return KeyFile.read(file, passphrase);
      }
      SigningKey key = SigningKey.random(new SecureRandom());
      // Nobody guesses 128 random bits, however cheap a guess is.
      KeyFile.write(file, key, passphrase, given ? Strength.STANDARD : Strength.LIGHT);
      return key;
    } finally {
      Arrays.fill(passphrase, '\0');
    }
  }

  /** The request for the node's certificate; an earlier one for this host is taken again. */
  private String request() throws IOException, KeyFileException {
    Path key = tlsKey();
    Path file = dir.resolve(id + ".csr");
    if (!Files.exists(key)) {
      String request = TlsRequest.create(key, id, List.of(host)).pem();
      Files.writeString(file, request);
      return request;
    }
    try {
      String request = Files.readString(file);
      if (TlsRequest.parse(request).hosts().equals(List.of(host))) {
        return request;
      }
    } catch (IOException | IllegalArgumentException e) {
      // Then the key is of another request.
    }
    throw new Trouble(
        ExitCode.USAGE,
        "%s is there already, but %s asks for no certificate of it for %s"
            .formatted(key, file, host),
        "Remove both, if no certificate of that key is in use, and start again");
  }

  private boolean writeConf(NetworkPlan plan) throws IOException {
    Path file = dir.resolve("node.conf");
    if (Files.exists(file)) {
      return false;
    }
    Path kept = state;
    Files.writeString(
        file,
        new NodeConf(
                plan,
                id,
                relative(keyFile()),
                relative(passphrase()),
                kept == null ? id : kept.toAbsolutePath().toString())
            .text());
    return true;
  }

  private void tell(NetworkPlan plan, NodeCard card, Path cardFile, boolean wroteConf) {
    PrintWriter screen = spec.commandLine().getOut();
    screen.printf("%s of network %s, %s%n", id, plan.name(), plan.identity());
    screen.printf("  plan        %s%n", card.plan());
    screen.printf("  validator   %s, its key in %s%n", card.validator(), keyFile());
    screen.printf("  passphrase  in %s%n", passphrase());
    screen.printf("  config      %s%s%n", dir.resolve("node.conf"), wroteConf ? "" : ", as it was");
    screen.printf("  card        %s%n", cardFile);
    screen.println("Next:");
    screen.println("  ask the coordinator, by another way, whether the plan has this digest;");
    screen.println("  send the card to the coordinator: there is no secret in it;");
    screen.printf(
        "  put network.json%s, which come back, into %s;%n",
        plan.ca().isEmpty() ? "" : " and " + id + ".pem", dir);
    screen.printf("  shardex node run --config %s%n", dir.resolve("node.conf"));
    screen.flush();
  }

  private Path keyFile() {
    return dir.resolve(id + ".json");
  }

  private Path tlsKey() {
    return dir.resolve(id + ".key");
  }

  private Path passphrase() {
    Path named = passphraseFile;
    return named == null ? dir.resolve("passphrase") : named;
  }

  /** As node.conf names it: relative if it lies beside it. */
  private String relative(Path file) {
    Path folder = dir.toAbsolutePath().normalize();
    Path full = file.toAbsolutePath().normalize();
    return full.startsWith(folder) ? folder.relativize(full).toString() : full.toString();
  }
}
