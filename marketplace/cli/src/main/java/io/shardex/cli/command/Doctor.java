package io.shardex.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.cli.InputRefused;
import io.shardex.cli.Unprepared;
import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.ClientFailure;
import io.shardex.protocol.client.PlaintextRefused;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NetworkId;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.settlement.ChainBlock;
import io.shardex.settlement.ChainFailure;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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
  private static final int LEAST_JDK = 21;

  /** Far less than the life of a signed command, far more than a beat. */
  private static final Duration SKEW = Duration.ofSeconds(30);

  /** A chain for one machine has a block a second, a public one each twelve or so. */
  private static final Duration BLOCK_AGE = Duration.ofMinutes(2);

  Doctor(Surroundings around) {
    super(around);
  }

  /** Found wrong, and what mends it. */
  private static final class Wrong extends Exception {
    private static final long serialVersionUID = 1;
    private final String fix;

    Wrong(String what, String fix) {
      super(what);
      this.fix = fix;
    }
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    Report report = new Report(screen);
    report.check("jdk", Doctor::jdk);
    NetworkFile file = report.check("network file", session::file) ? session.file() : null;
    // Before anything is dialled: a session opens its key first.
    boolean opened = report.check("key", () -> key(session));
    if (file != null) {
      for (NodeEntry node : file.nodes()) {
        report.check("node " + node.id(), () -> gateway(session, file, node));
      }
      report.check("clock", () -> clock(session));
      if (report.check("chain", () -> chain(session, file))) {
        report.check("contracts", () -> contracts(session, file.network()));
        if (opened) {
          report.check("account", () -> account(session));
        }
      }
    }
    report.end();
  }

  private static String jdk() throws Wrong {
    int feature = Runtime.version().feature();
    if (feature < LEAST_JDK) {
      throw new Wrong(
          "this is JDK " + feature, "Install JDK 21 or later, and set SHARDEX_JAVA_HOME to it");
    }
    return "JDK " + System.getProperty("java.version");
  }

  private static String key(Session session) throws InputRefused, Unprepared {
    SigningKey key = session.key();
    return session.wallet().file() + " opens, " + key.address();
  }

  private static String gateway(Session session, NetworkFile file, NodeEntry node)
      throws Exception {
    Connections.Gateway gateway = session.connections().gateway(node.gateway());
    NetworkId there = NetworkId.of(gateway.network());
    if (!there.equals(file.identity())) {
      throw new Wrong(
          "%s is of network %s, not of %s".formatted(node.gateway(), there, file.identity()),
          "Use the network file of these nodes: --network FILE");
    }
    if (!gateway.status().ready()) {
      throw new Wrong(
          node.gateway() + " answers, but takes no commands yet",
          "Wait until it has caught up; its operator sees why in /readyz");
    }
    return "%s ready at index %d, block %d"
        .formatted(node.gateway(), gateway.status().index(), gateway.status().chainBlock());
  }

  private static String clock(Session session) throws Exception {
    long skew =
        session.around().clock().millis() - session.connections().board().status().clockMillis();
    if (Math.abs(skew) > SKEW.toMillis()) {
      throw new Wrong(
          "this machine's clock is %d s %s the market's"
              .formatted(Math.abs(skew) / 1_000, skew > 0 ? "ahead of" : "behind"),
          "Set the clock (NTP); if it is right, the market stands still: see its nodes");
    }
    return "%d ms from the market's".formatted(skew);
  }

  private static String chain(Session session, NetworkFile file) throws Exception {
    ChainBlock newest = session.chain().newestBlock();
    long age = session.around().clock().millis() - newest.timeMillis();
    if (age > BLOCK_AGE.toMillis()) {
      throw new Wrong(
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
      throw new Wrong(
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
      throw new Wrong(
          "%s has %s tokens and %s gas money".formatted(who, tokens, Figures.coins(gas)),
          "Send it both; on a development chain: shardex wallet faucet");
    }
    return tokens + " tokens, " + Figures.coins(gas) + " gas money";
  }

  /** Prints each check as it is made. */
  private static final class Report {
    private final Screen screen;
    private final ObjectNode object = Screen.object();
    private final ArrayNode list = object.putArray("checks");
    private int checks;
    private int wrong;

    Report(Screen screen) {
      this.screen = screen;
    }

    boolean check(String name, Callable<?> check) throws Exception {
      checks++;
      try {
        Object found = check.call();
        String detail = found instanceof NetworkFile file ? "of " + file.identity() : found + "";
        screen.line("ok   %-13s %s".formatted(name, detail));
        list.addObject().put("check", name).put("ok", true).put("detail", detail);
        return true;
      } catch (Wrong e) {
        return wrong(name, e, e.fix);
      } catch (InputRefused e) {
        return wrong(name, e, e.fix());
      } catch (Unprepared e) {
        return wrong(name, e, e.fix());
      } catch (PlaintextRefused e) {
        return wrong(
            name, e, "Get the network file with the network's 'ca', or reach it through a tunnel");
      } catch (ClientFailure e) {
        return wrong(name, e, "See whether the node runs and its address is right");
      } catch (ChainFailure.WrongChain e) {
        return wrong(name, e, "Check rpc and chainId in the network file");
      } catch (ChainFailure | IOException e) {
        return wrong(name, e, "See whether the chain runs, and rpc in the network file");
      }
    }

    private boolean wrong(String name, Exception what, String fix) {
      wrong++;
      screen.line("NO   %-13s %s".formatted(name, what.getMessage()));
      screen.line("     %-13s %s".formatted("", fix));
      list.addObject()
          .put("check", name)
          .put("ok", false)
          .put("detail", what.getMessage())
          .put("fix", fix);
      return false;
    }

    void end() throws Unprepared {
      screen.object(object.put("ok", wrong == 0));
      if (wrong > 0) {
        throw new Unprepared(
            "%d of %d checks failed".formatted(wrong, checks), "Mend what is marked NO above");
      }
    }
  }
}
