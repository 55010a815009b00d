package io.shardex.cli.command;

import io.shardex.market.Network.ClassTerms;
import io.shardex.market.state.Worker;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.NodeStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code shardex market prices}. */
@Command(
    name = "prices",
    description = {
      "Shows the open epoch's price of each class, and the asks.",
      "",
      "Prices are gross: what a builder pays. A worker gets them less the network's fee."
    },
    footer = {
      "  shardex market prices",
      "  shardex market prices -o json    prices as base units for 10^12 work units",
    })
final class MarketPrices extends NetworkCommand {
  MarketPrices(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    MarketBoard board = session.board();
    NodeStatus status = board.status();
    var prices = board.prices();
    List<Worker> workers = board.workers();
    var fee = session.network().rules().money().fee();
    screen.line(
        "epoch %d, ends in %s"
            .formatted(
                status.epoch(),
                Figures.span(Math.max(0, status.epochEndsMillis() - status.clockMillis()))));
    var object =
        Screen.object()
            .put("epoch", status.epoch())
            .put("endsAt", Figures.time(status.epochEndsMillis()));
    var list = object.putArray("classes");
    List<List<String>> rows = new ArrayList<>();
    for (ClassTerms terms : session.network().classes()) {
      Optional<UnitPrice> price = Optional.ofNullable(prices.get(terms.resources()));
      List<UnitPrice> asks =
          workers.stream()
              .filter(worker -> worker.resources().equals(terms.resources()))
              .flatMap(worker -> worker.ask().stream())
              .toList();
      long met =
          price
              .map(now -> asks.stream().filter(ask -> ask.compareTo(now.less(fee)) <= 0).count())
              .orElse(0L);
      var one =
          list.addObject()
              .put("resources", terms.resources().name())
              .put("workPerHour", Long.toString(terms.workPerHour().count()))
              .put("asks", asks.size())
              .put("asksMet", met);
      price.ifPresent(now -> one.put("price", Figures.units(now)));
      rows.add(
          List.of(
              terms.resources().name(),
              price.map(now -> Figures.hourly(now, terms.workPerHour())).orElse("-"),
              price.map(now -> Figures.hourly(now.less(fee), terms.workPerHour())).orElse("-"),
              price.map(UnitPrice::toString).orElse("-"),
              Integer.toString(asks.size()),
              Long.toString(met)));
    }
    screen.table(
        List.of("CLASS", "PRICE/H", "WORKER GETS/H", "PER 10^12 WU", "ASKS", "MET BY THE PRICE"),
        rows);
    screen.object(object);
  }
}
