package io.shardex.cli.command;

import io.shardex.cli.InputRefused;
import io.shardex.cli.Unprepared;
import io.shardex.cli.check.Checklist;
import io.shardex.cli.check.Here;
import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.pricing.Amount;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.settlement.ChainBlock;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code shardex doctor}. */
@Command(
    name = "doctor",
    description = "Checks all that a command needs, a line each: ok, or what is wrong and its fix.",
    footer = {
      "  shardex doctor",
      "  shardex doctor --network net/network.json --key builder.json",
    })
final class Doctor extends NetworkCommand {
  /** A chain for one machine has a block a second, a public one each twelve or so. */
  private static final Duration BLOCK_AGE = Duration.ofMinutes(2);

  Doctor(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    Checklist checks = new Checklist(screen::line, failure -> Optional.empty());
    checks.check("jdk", Here::jdk);
    NetworkFile file =
        checks.check("network file", () -> "of " + session.file().identity())
            ? session.file()
            : null;
    // Before anything is dialled: a session opens its key first.
    boolean opened = checks.check("key", () -> key(session));
    if (file != null) {
      for (NodeEntry node : file.nodes()) {
        checks.check(
            "node " + node.id(),
            () -> session.connections().gateway(node.gateway()).serving(file.identity()));
      }
      checks.check(
          "clock",
          () -> Here.clock(session.around().clock(), session.connections().board().status()));
      if (checks.check("chain", () -> chain(session, file))) {
        checks.check("contracts", () -> contracts(session, file.network()));
        if (opened) {
          checks.check("account", () -> account(session));
        }
      }
    }
    screen.object(checks.result());
    checks.end();
  }

  private static String key(Session session) throws InputRefused, Unprepared {
    SigningKey key = session.key();
    return session.wallet().file() + " opens, " + key.address();
  }

  private static String chain(Session session, NetworkFile file) throws Exception {
    ChainBlock newest = session.chain().newestBlock();
    long age = session.around().clock().millis() - newest.timeMillis();
    if (age > BLOCK_AGE.toMillis()) {
      throw new Unprepared(
          "the newest block, %d, is %s old".formatted(newest.number(), Figures.span(age)),
          "See whether the chain at %s still makes blocks".formatted(file.rpc()));
    }
    return "chain %d at block %d, %d s old"
        .formatted(file.network().chainId(), newest.number(), Math.max(0, age) / 1_000);
  }

  private static String contracts(Session session, Network network) throws Exception {
    Map<String, Address> contracts = new LinkedHashMap<>();
    contracts.put("token", network.token());
    contracts.put("escrow", network.escrow());
    contracts.put("stake vault", network.stakeVault());
    contracts.put("settlement", network.settlement());
    List<String> missing = new ArrayList<>();
    TokenChain chain = session.chain();
    contracts.forEach(
        (name, address) -> {
          if (!chain.hasCode(address)) {
            missing.add(name + " " + address);
          }
        });
    if (!missing.isEmpty()) {
      throw new Unprepared(
          "the chain has no contract at " + String.join(", ", missing),
          "Is it another chain with the same id? Check rpc in the network file");
    }
    return contracts.size() + " have code";
  }

  private static String account(Session session) throws Exception {
    Address who = session.wallet().address();
    BigInteger gas = session.chain().gas(who);
    Amount tokens = session.chain().tokens(who);
    if (gas.signum() == 0 || tokens.isZero()) {
      throw new Unprepared(
          "%s has %s tokens and %s gas money".formatted(who, tokens, Figures.coins(gas)),
          "Send it both; on a development chain: shardex wallet faucet");
    }
    return tokens + " tokens, " + Figures.coins(gas) + " gas money";
  }
}
