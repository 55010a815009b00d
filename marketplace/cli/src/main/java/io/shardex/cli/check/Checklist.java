package io.shardex.cli.check;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.cli.InputRefused;
import io.shardex.cli.Unprepared;
import io.shardex.protocol.client.ClientFailure;
import io.shardex.protocol.client.PlaintextRefused;
import io.shardex.settlement.ChainFailure;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Makes one check after the other, and says of each as it is made: ok, or what is wrong and its
 * fix.
 */
public final class Checklist {
  private final Consumer<String> lines;
  private final Function<Exception, Optional<String>> fixes;
  private final ObjectNode object = JsonNodeFactory.instance.objectNode();
  private final ArrayNode list = object.putArray("checks");
  private int wrong;

  /**
   * An empty list.
   *
   * @param lines hears what to tell people
   * @param fixes of failures that only this caller's checks know
   */
  public Checklist(Consumer<String> lines, Function<Exception, Optional<String>> fixes) {
    this.lines = lines;
    this.fixes = fixes;
  }

  /**
   * Makes a check, which returns what it found.
   *
   * @return whether all is well
   * @throws Exception if it fails for a reason without a known fix
   */
  public boolean check(String name, Callable<String> check) throws Exception {
    try {
      String found = check.call();
      lines.accept("ok   %-13s %s".formatted(name, found));
      list.addObject().put("check", name).put("ok", true).put("detail", found);
      return true;
    } catch (Exception e) {
      Optional<String> fix = fixes.apply(e).or(() -> fix(e));
      if (fix.isEmpty()) {
        throw e;
      }
      String what = String.valueOf(e.getMessage());
      wrong++;
      lines.accept("NO   %-13s %s".formatted(name, what));
      lines.accept("     %-13s %s".formatted("", fix.get()));
      list.addObject()
          .put("check", name)
          .put("ok", false)
          .put("detail", what)
          .put("fix", fix.get());
      return false;
    }
  }

  private static Optional<String> fix(Exception failure) {
    return Optional.ofNullable(
        switch (failure) {
          case Unprepared e -> e.fix();
          case InputRefused e -> e.fix();
          case PlaintextRefused e ->
              "Get the network file with the network's 'ca', or reach it through a tunnel";
          case ClientFailure e -> "See whether the node runs and its address is right";
          case ChainFailure.WrongChain e -> "Check rpc and chainId in the network file";
          case ChainFailure e -> "See whether the chain runs, and rpc in the network file";
          case IOException e -> "See whether the chain runs, and rpc in the network file";
          default -> null;
        });
  }

  /** All checks for programs: {@code checks} with {@code ok}, {@code detail} and {@code fix}. */
  public ObjectNode result() {
    return object.put("ok", wrong == 0);
  }

  /** Ends the list; throws if something is wrong. */
  public void end() throws Unprepared {
    if (wrong > 0) {
      throw new Unprepared(
          "%d of %d checks failed".formatted(wrong, list.size()), "Mend what is marked NO above");
    }
  }
}
