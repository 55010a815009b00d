package io.shardex.ops.role;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.market.Address;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.StakeAccount;
import io.shardex.protocol.network.NetworkFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code worker init} tells: what it has made or would make, what it warns of, and the
 * commands that come next.
 *
 * @param name the worker's
 * @param network path of its network file
 * @param file what is in that
 * @param conf path of the config file
 * @param resources class of the slots
 * @param reserve the price floor
 * @param warnings of the machine and the gateways
 */
record InitText(
    String name,
    Path network,
    NetworkFile file,
    Path conf,
    InitOwner owner,
    SlotKeys keys,
    InitOffer offer,
    String resources,
    String reserve,
    MarketSight sight,
    List<String> warnings) {
  /** After keys were made, and the config file unless an endorsement is missing. */
  List<String> made(Address whose, List<Address> workers, boolean written) {
    List<String> lines = new ArrayList<>();
    lines.add("worker %s of network %s".formatted(name, file.identity()));
    for (int i = 0; i < workers.size(); i++) {
      lines.add("  worker      %s, its key in %s".formatted(workers.get(i), keys.files().get(i)));
    }
    lines.add("  owner       %s%s".formatted(whose, ownersKey()));
    if (written) {
      lines.add("  config      " + conf);
      lines.add(
          "  offers      %s%s, %s, %d thread%s, from %s an hour"
              .formatted(
                  offer.slots() == 1 ? "" : offer.slots() + " slots, each ",
                  resources,
                  offer.memory(),
                  offer.threads(),
                  offer.threads() == 1 ? "" : "s",
                  reserve));
    }
    warnings(whose, written).forEach(warning -> lines.add("warning: " + warning));
    lines.add(written ? "Next:" : "Next, where the owner's key is:");
    next(whose, workers, written).forEach(command -> lines.add("  " + command));
    return lines;
  }

  /** The same for programs. */
  ObjectNode json(Address whose, List<Address> workers, boolean written) {
    ObjectNode told =
        JsonNodeFactory.instance
            .objectNode()
            .put("name", name)
            .put("network", file.identity().toString())
            .put("owner", whose.toString())
            .put("config", conf.toString())
            .put("written", written)
            .put("class", resources)
            .put("reservePerHour", reserve);
    ArrayNode slots = told.putArray("slots");
    for (int i = 0; i < workers.size(); i++) {
      slots
          .addObject()
          .put("worker", workers.get(i).toString())
          .put("key", keys.files().get(i).toString())
          .put("memoryMiB", offer.memoryMiB())
          .put("threads", offer.threads());
    }
    warnings(whose, written).forEach(told.putArray("warnings")::add);
    next(whose, workers, written).forEach(told.putArray("next")::add);
    return told;
  }

  /** Without having made anything. */
  List<String> dry(String config) {
    List<String> lines = new ArrayList<>();
    lines.add("nothing is written; without --dry-run these are made:");
    if (owner instanceof InitOwner.Made made) {
      lines.add("  %s, the owner's key".formatted(made.keystore()));
    }
    for (Path key : keys.files()) {
      lines.add(
          "  %s, the worker's key%s"
              .formatted(key, Files.exists(key) ? ", which is there already" : ""));
    }
    if (keys.given().isEmpty() && !Files.exists(keys.passphrase())) {
      lines.add("  %s, its passphrase".formatted(keys.passphrase()));
    }
    lines.add("  %s:".formatted(conf));
    lines.add("");
    config.lines().forEach(line -> lines.add(line.isEmpty() ? "" : "    " + line));
    warnings(owner.known().orElse(Address.ZERO), true)
        .forEach(warning -> lines.add("warning: " + warning));
    return lines;
  }

  /** The same for programs. */
  ObjectNode dryJson(String config) {
    ObjectNode told =
        JsonNodeFactory.instance
            .objectNode()
            .put("name", name)
            .put("network", file.identity().toString())
            .put("config", conf.toString())
            .put("written", false)
            .put("text", config);
    ArrayNode made = told.putArray("keys");
    keys.files().forEach(key -> made.add(key.toString()));
    warnings(owner.known().orElse(Address.ZERO), true).forEach(told.putArray("warnings")::add);
    return told;
  }

  private List<String> next(Address whose, List<Address> workers, boolean written) {
    List<String> next = new ArrayList<>();
    if (!written) {
      StringBuilder all = new StringBuilder();
      workers.forEach(worker -> all.append(" --worker ").append(worker));
      next.add(
          "shardex worker endorse --network %s --key OWNER.json%s"
              .formatted(network.getFileName(), all));
      next.add("then here: shardex worker init ... --endorsement 0x...");
      return next;
    }
    Optional<Amount> missing = missingStake(whose);
    missing.ifPresent(
        amount ->
            next.add(
                "shardex wallet stake %s --network %s --key %s"
                    .formatted(amount, network, owner.keystoreText())));
    next.add("shardex worker self-test --config " + conf);
    next.add("%sshardex worker run --config %s".formatted(offer.heap(), conf));
    if (missing.isEmpty()) {
      next.add("shardex worker status --config " + conf);
    }
    return next;
  }

  private List<String> warnings(Address whose, boolean written) {
    List<String> all = new ArrayList<>(warnings);
    if (written) {
      lackingStake(whose).ifPresent(all::add);
    }
    return all;
  }

  private Amount stakeEach() {
    return file.network().rules().money().workerStake();
  }

  /** What is to be staked yet for the new workers; nothing where the stake is not known. */
  private Optional<Amount> missingStake(Address whose) {
    return stake(whose)
        .filter(there -> there.bonded().isLessThan(needed(there)))
        .map(there -> needed(there).minus(there.bonded()));
  }

  /** What the owner's stake lacks for the new workers, of one who has some. */
  private Optional<String> lackingStake(Address whose) {
    if (owner instanceof InitOwner.Made) {
      return Optional.empty();
    }
    return stake(whose)
        .filter(there -> there.bonded().isLessThan(needed(there)))
        .map(
            there ->
                "owner %s has %s bonded for %d workers; %s more needs %s"
                    .formatted(
                        whose.brief(),
                        there.bonded(),
                        there.workers(),
                        offer.slots() == 1 ? "one" : String.valueOf(offer.slots()),
                        needed(there)));
  }

  /** A new owner has none. */
  private Optional<StakeAccount> stake(Address whose) {
    return owner instanceof InitOwner.Made
        ? Optional.of(new StakeAccount(Amount.ZERO, 0))
        : sight.stakes().apply(whose);
  }

  private Amount needed(StakeAccount stake) {
    return Amount.of(stakeEach().units() * (stake.workers() + (long) offer.slots()));
  }

  private String ownersKey() {
    return switch (owner) {
      case InitOwner.Elsewhere elsewhere -> ", whose key is elsewhere";
      case InitOwner.Here here -> ", who has endorsed it";
      case InitOwner.Made made ->
          ", a new key in " + made.keystore() + ": keep a copy off this machine";
    };
  }
}
