package io.shardex.cli.command;

import io.shardex.market.Address;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.Network.ClassTerms;
import io.shardex.market.Rules;
import io.shardex.market.RuntimeKind;
import io.shardex.market.state.Proof;
import io.shardex.market.state.Worker;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What stands between a job's shards and a lease: the market's conditions in the order in which
 * they sift the workers, each with how many are left and, at the first that leaves nobody, the
 * nearest change that would leave one.
 */
final class WhyNot {
  private final JobTerms terms;
  private final PartsPerMillion fee;
  private final WorkUnits hour;
  private final Optional<UnitPrice> price;
  private final List<Worker> workers;
  private final Rules.Proofs rules;
  private final Map<Address, Proof> proofs;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * @param constraint its name
   * @param holds whether a shard could be leased as far as this goes
   * @param what what was found, a clause
   * @param change the nearest change that would match; empty when it holds
   */
  record Finding(String constraint, boolean holds, String what, Optional<String> change) {}

  private WhyNot(
      JobTerms terms,
      Network network,
      Optional<UnitPrice> price,
      List<Worker> workers,
      List<Proof> proofs) {
    this.terms = terms;
    this.fee = network.rules().money().fee();
    this.hour =
        network.classes().stream()
            .filter(one -> one.resources().equals(terms.resources()))
            .map(ClassTerms::workPerHour)
            .findFirst()
            .orElse(new WorkUnits(0));
    this.price = price;
    this.workers = workers;
    this.rules = network.rules().proofs();
    this.proofs = proofs.stream().collect(Collectors.toMap(Proof::worker, Function.identity()));
  }

  /**
   * @param price of the job's class in the open epoch
   * @param workers all that are registered
   * @param proofs what their last challenges showed
   * @param free what the job has to spend
   * @param savedSteps of the open shard that is furthest
   */
  static List<Finding> of(
      JobTerms terms,
      Network network,
      Optional<UnitPrice> price,
      List<Worker> workers,
      List<Proof> proofs,
      Amount free,
      int savedSteps) {
    WhyNot question = new WhyNot(terms, network, price, workers, proofs);
    question.money(free, terms.hold(terms.instalments(savedSteps, question.hour)));
    question.limit();
    question.sift();
    return question.findings;
  }

  private void money(Amount free, Amount hold) {
    if (free.isLessThan(hold)) {
      blocked(
          "money",
          "one shard holds %s while it is out, but %s is free".formatted(hold, free),
          "deposit %s more, or wait until a shard that is out gives its hold back"
              .formatted(hold.minus(free)));
    } else {
      holds("money", "one shard holds %s while it is out, and %s is free".formatted(hold, free));
    }
  }

  private void limit() {
    if (price.isEmpty()) {
      blocked("price", "class " + terms.resources() + " has no price", "wait for the next epoch");
    } else if (terms.limit().compareTo(price.get()) < 0) {
      blocked(
          "price",
          "the price is %s an hour, the job's limit %s".formatted(h(price.get()), h(terms.limit())),
          "set spec.price.maxPerHour to %s or more, or wait until the price falls"
              .formatted(price.get().perHour(hour).plus(Amount.of(1))));
    } else {
      holds(
          "price",
          "the price is %s an hour, the job's limit %s"
              .formatted(h(price.get()), h(terms.limit())));
    }
  }

  private void sift() {
    List<Worker> left =
        sift(
            workers,
            "class",
            worker -> worker.resources().equals(terms.resources()),
            "of class " + terms.resources(),
            gone -> "wait for a worker of class " + terms.resources() + " to register");
    left =
        sift(
            left,
            "memory",
            worker -> worker.memoryMiB() >= terms.memoryMiB(),
            "with " + terms.memoryMiB() + " MiB or more",
            gone ->
                "need at most %d MiB: set spec.resources.memoryMiB, or use more shards"
                    .formatted(gone.stream().mapToInt(Worker::memoryMiB).max().orElse(0)));
    left =
        sift(
            left,
            "ask",
            Worker::asks,
            "that ask for work",
            gone -> "wait: they drain, or a lease of theirs failed and they cool down");
    left =
        sift(
            left,
            "proof",
            this::isProven,
            "that have proven their hardware",
            gone ->
                "wait for the challenges that they are given; if they fail again, 'shardex worker"
                    + " self-test --bench' on their machines says how fast these are");
    RuntimeKind runtime = terms.execution().runtime();
    left =
        sift(
            left,
            "runtime",
            worker -> worker.runtimes().contains(runtime),
            "that offer to run " + runtime,
            gone -> "wait for a worker that offers to run " + runtime + alternative(runtime));
    left =
        sift(
            left,
            "reserve",
            this::isInTheMoney,
            "whose reserve the price meets after the fee",
            this::neededPrice);
    left =
        sift(
            left,
            "capacity",
            Worker::waits,
            "that are idle",
            gone -> "wait: all are at work or drawn for an audit");
    assert left.size() <= workers.size();
  }

  private static String alternative(RuntimeKind runtime) {
    return switch (runtime) {
      case REFERENCE, TORCH, SANDBOX -> "";
      case SANDBOX_ONLINE -> ", or do without the internet: spec.network";
    };
  }

  private List<Worker> sift(
      List<Worker> before,
      String constraint,
      Predicate<Worker> wanted,
      String which,
      Function<List<Worker>, String> change) {
    List<Worker> after = before.stream().filter(wanted).toList();
    String what = "%d of %d workers %s".formatted(after.size(), before.size(), which);
    if (!after.isEmpty()) {
      holds(constraint, what);
    } else if (constraint.equals("class") || !before.isEmpty()) {
      blocked(constraint, what, change.apply(before));
    }
    return after;
  }

  private boolean isProven(Worker worker) {
    return Proof.isEnough(rules, worker, Optional.ofNullable(proofs.get(worker.key())));
  }

  private boolean isInTheMoney(Worker worker) {
    return price.isPresent()
        && worker.ask().filter(ask -> ask.compareTo(price.get().less(fee)) <= 0).isPresent();
  }

  private String neededPrice(List<Worker> gone) {
    return gone.stream()
        .flatMap(worker -> worker.ask().stream())
        .min(Comparator.naturalOrder())
        .map(
            lowest ->
                "wait until the price rises to %s an hour, and keep the limit above that"
                    .formatted(h(lowest.plus(fee))))
        .orElse("wait for an ask");
  }

  private void holds(String constraint, String what) {
    findings.add(new Finding(constraint, true, what, Optional.empty()));
  }

  private void blocked(String constraint, String what, String change) {
    findings.add(new Finding(constraint, false, what, Optional.of(change)));
  }

  private String h(UnitPrice rate) {
    return Figures.hourly(rate, hour);
  }
}
