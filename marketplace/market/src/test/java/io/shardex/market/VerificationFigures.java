package io.shardex.market;

import io.shardex.market.FactValue.Executed;
import io.shardex.market.state.Account;
import io.shardex.market.state.Result;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * Measures what audits find and cost, on the market's own code with all other parties played.
 * Prints the tables of {@code docs/verification-figures.md}. Run by hand; a small version is {@link
 * VerificationFiguresTest}.
 */
final class VerificationFigures {
  /** Shards that one owner's workers train at once where detection is measured. */
  private static final int WIDTH = 20;

  /** Rounds of {@link #WIDTH} honest results after which the local rules audit at the floor. */
  private static final int HONEST_ROUNDS = 2;

  /** Honest results of a patient liar's one worker; its rate is at the floor after 39. */
  private static final int PATIENCE = 40;

  /** Shards of the job in which that liar lies. */
  private static final int LIES = 40;

  private final long seed;
  private int markets;

  VerificationFigures(long seed) {
    this.seed = seed;
  }

  /** Seed and commit, which the tables name. */
  public static void main(String[] args) {
    VerificationFigures figures = new VerificationFigures(Long.parseLong(args[0]));
    System.out.print(figures.document(args[1]));
  }

  private String document(String commit) {
    StringBuilder text = new StringBuilder();
    text.append("# Figures of verification\n\n")
        .append("Printed by `VerificationFigures` in `marketplace/market`'s tests, seed ")
        .append(seed)
        .append(", commit ")
        .append(commit)
        .append(". It drives the market's own code; workers, auditors and validators are played,")
        .append(" and rules are `Rules.local()` unless a table says otherwise.\n\n");
    honest(text);
    detection(text);
    overhead(text);
    gains(text);
    return text.toString();
  }

  private void honest(StringBuilder text) {
    Honest honest = honestAudits(10_000);
    text.append("## Honest parties\n\n")
        .append("Every result is audited. One worker in a hundred does not open its seal and one")
        .append(" auditor in a hundred is silent, as crashes have it.\n\n")
        .append("| audits | of them by validators | silent workers | silent auditors | slashed |\n")
        .append("| --- | --- | --- | --- | --- |\n")
        .append(
            String.format(
                Locale.ROOT,
                "| %d | %d | %d | %d | %d |%n%n",
                honest.audits(),
                honest.byValidators(),
                honest.silentWorkers(),
                honest.silentAuditors(),
                honest.slashed()));
  }

  private void detection(StringBuilder text) {
    int runs = 2_500;
    int[] lengths = {20, 60, 100};
    text.append("## Detection\n\n")
        .append("An owner with a history of ")
        .append(WIDTH * HONEST_ROUNDS)
        .append(" verified results, so that its audit rate is the job's share q, then gives N more")
        .append(" and lies in each with probability c. Measured over ")
        .append(runs)
        .append(" runs a row: how often at least one lie was proven. Neither the last draw nor the")
        .append(" cap of value at risk, which both find more, has a part in it.\n\n")
        .append("| q | c | N | 1 - (1 - qc)^N | measured | difference, points |\n")
        .append("| --- | --- | --- | --- | --- | --- |\n");
    for (int percent : new int[] {1, 5, 10, 50}) {
      List<Integer> found = detections(runs, percent, 100);
      for (int length : lengths) {
        double formula = formula(0.05, percent / 100.0, length);
        double measured = shareWithin(found, length);
        text.append(
            String.format(
                Locale.ROOT,
                "| 5 %% | %d %% | %d | %.1f %% | %.1f %% | %+.1f |%n",
                percent,
                length,
                100 * formula,
                100 * measured,
                100 * (measured - formula)));
      }
    }
    text.append('\n');
  }

  private void overhead(StringBuilder text) {
    int runs = 400;
    Map<Integer, Double> shares = auditedByHistory(runs, 51);
    text.append("## Cost by history\n\n")
        .append(
            "Share of an honest owner's results that is audited, by its verified results so far;")
        .append(" ")
        .append(runs)
        .append(" owners, one result each a row.\n\n")
        .append("| verified before | rule | audited |\n| --- | --- | --- |\n");
    for (int verified : new int[] {0, 1, 2, 5, 10, 20, 50}) {
      double rule = verified < 2 ? 1 : Math.max(0.05, 2.0 / (verified + 1));
      text.append(
          String.format(
              Locale.ROOT,
              "| %d | %.1f %% | %.1f %% |%n",
              verified,
              100 * rule,
              100 * shares.getOrDefault(verified, 0.0)));
    }
    text.append('\n');
  }

  private void gains(StringBuilder text) {
    int runs = 100;
    text.append("## What lying pays\n\n")
        .append("One owner with one worker and a stake of 5 tokens is honest for the ")
        .append(PATIENCE)
        .append(" results of a whole job, until its audit rate is the floor of 5 % and all its pay")
        .append(" has vested, and then lies in every shard of another job, at most ")
        .append(LIES)
        .append(" of them.")
        .append(
            " A shard pays 0.00784 tokens; three honest owners of the same stake audit, and with")
        .append(" a colluder a fourth that confirms every lie. Gain = pay kept for lies - stakes")
        .append(" lost, in tokens, mean of ")
        .append(runs)
        .append(" runs.\n\n")
        .append("| strategy | lies a run | proven | pay kept | stake lost | gain |\n")
        .append("| --- | --- | --- | --- | --- | --- |\n");
    for (Strategy strategy : Strategy.values()) {
      Gain sum = gain(strategy, runs);
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %.1f | %.1f | %.4f | %.2f | %.2f |%n",
              strategy.text,
              sum.lies() / (double) runs,
              sum.proven() / (double) runs,
              tokens(sum.kept()) / runs,
              tokens(sum.lost()) / runs,
              sum.tokens() / runs));
    }
  }

  private static double tokens(long units) {
    return units / (double) Amount.TOKEN;
  }

  // Honest parties.

  /** How honest parties fared. */
  record Honest(
      long audits, long byValidators, long silentWorkers, long silentAuditors, long slashed) {}

  Honest honestAudits(long wanted) {
    Random random = new Random(seed);
    long audits = 0;
    long byValidators = 0;
    long workers = 0;
    long auditors = 0;
    long slashed = 0;
    while (audits < wanted) {
      TestMarket market = TestMarket.quick(Presets.withProbation(1_000_000));
      for (int owner = 0; owner < 5; owner++) {
        market.asking(4);
      }
      TestJob job = market.job(name()).shards(20).rounds(20).funded(100).open();
      while (!job.phase().ended()) {
        boolean more = true;
        while (more) {
          // A worker that cooled down comes back in the midst of a round.
          trainAll(market, job);
          List<Event> events = new ArrayList<>(market.draws());
          market.auditorsSeal();
          for (TaskId audit : market.state().revealing()) {
            int chance = random.nextInt(100);
            workers += chance == 0 ? 1 : 0;
            auditors += chance == 1 ? 1 : 0;
            if (chance != 0) {
              market.workerReveals(audit);
            }
            if (chance != 1) {
              market.auditorReveals(audit);
            }
          }
          if (!market.state().revealing().isEmpty()) {
            events.addAll(market.pass(market.network().rules().audits().reveal()));
          }
          events.addAll(market.agree(Fact.Dispute.class::isInstance));
          byValidators += TestMarket.only(Event.DisputeSettled.class, events).size();
          market.state().workers().keySet().forEach(key -> askAgain(market, key));
          more = market.state().hasOpenResults(job.id());
        }
        market.agree(Fact.RoundModel.class::isInstance);
      }
      audits += 400;
      slashed += market.state().ledger().total(Account.Kind.BURNED).units();
      slashed += market.state().ledger().total(Account.Kind.COMPENSATED).units();
    }
    return new Honest(audits, byValidators, workers, auditors, slashed);
  }

  private static void askAgain(TestMarket market, Address key) {
    if (market.state().worker(key).filter(worker -> worker.ask().isEmpty()).isPresent()) {
      market.send(key, new Command.PlaceAsk(io.shardex.pricing.UnitPrice.ZERO));
    }
  }

  private String name() {
    return "run " + seed + "/" + markets++;
  }

  private static void trainAll(TestMarket market, TestJob job) {
    for (Task task : job.tasks(TaskPhase.LEASED)) {
      TestMarket.accepted(market.worker(task.lease().orElseThrow().worker()).commit());
    }
  }

  // Detection.

  static double formula(double rate, double share, int results) {
    return 1 - Math.pow(1 - rate * share, results);
  }

  static double shareWithin(List<Integer> found, int results) {
    return found.stream().filter(at -> at <= results).count() / (double) found.size();
  }

  /** For each run the number of the first result whose lie was proven; a large one if none was. */
  List<Integer> detections(int runs, int percent, int results) {
    Random random = new Random(seed + percent);
    List<Integer> found = new ArrayList<>();
    for (int run = 0; run < runs; run++) {
      found.add(detection(random, percent, results));
    }
    return found;
  }

  private int detection(Random random, int percent, int results) {
    TestMarket market = TestMarket.quick(Rules.local());
    market.asking(WIDTH);
    int rounds = HONEST_ROUNDS + results / WIDTH;
    TestJob job = market.job(name()).shards(WIDTH).rounds(rounds + 1).funded(100).open();
    int first = Integer.MAX_VALUE;
    for (int round = 1; round <= rounds && first == Integer.MAX_VALUE; round++) {
      int before = (round - HONEST_ROUNDS - 1) * WIDTH;
      for (Task task : job.tasks(TaskPhase.LEASED)) {
        boolean lies = round > HONEST_ROUNDS && random.nextInt(100) < percent;
        TestWorker worker = market.worker(task.lease().orElseThrow().worker());
        TestMarket.accepted(worker.commit(lies ? lie(task.id()) : worker.truth()));
      }
      List<Event> events = market.draws();
      events.addAll(market.agree(Fact.Dispute.class::isInstance));
      for (Event.LieProved lie : TestMarket.only(Event.LieProved.class, events)) {
        first = Math.min(first, before + lie.audit().shard() + 1);
      }
      market.agree(Fact.RoundModel.class::isInstance);
    }
    return first;
  }

  private static Executed lie(TaskId task) {
    byte[] text = task.toString().getBytes(StandardCharsets.UTF_8);
    return new Executed(
        Digest.sha256(text, new byte[] {1}), Digest.sha256(text, new byte[] {2}), Optional.empty());
  }

  // Cost by history.

  Map<Integer, Double> auditedByHistory(int runs, int results) {
    Map<Integer, Integer> audited = new TreeMap<>();
    for (int run = 0; run < runs; run++) {
      TestMarket market = TestMarket.quick(Rules.local());
      TestWorker worker = market.workers(1, 500, 1_024).get(0).asks();
      TestJob job = market.job(name()).rounds(results + 1).funded(100).open();
      for (int verified = 0; verified < results; verified++) {
        TestMarket.accepted(worker.commit());
        List<Event> events = market.draws();
        audited.merge(
            verified, TestMarket.only(Event.AuditDrawn.class, events).size(), Integer::sum);
        market.agree(Fact.Dispute.class::isInstance);
        market.agree(Fact.RoundModel.class::isInstance);
      }
      if (job.job().round() != results + 1) {
        throw new IllegalStateException("a round did not close");
      }
    }
    Map<Integer, Double> shares = new TreeMap<>();
    audited.forEach((verified, count) -> shares.put(verified, count / (double) runs));
    return shares;
  }

  // What lying pays.

  /** The lies of the issue, and of the demo. */
  enum Strategy {
    SCALED("scaled delta: another result under its own root"),
    ULP("one ulp in a late segment: another result under its own root"),
    POISONED("true root sealed over a poisoned result"),
    COPIED("poisoned result under a copied seal"),
    MUTE("poisoned result, silence when drawn"),
    COLLUDING("scaled delta, with an auditor of another owner that confirms it");

    private final String text;

    Strategy(String text) {
      this.text = text;
    }
  }

  /** Sums over runs, in base units. */
  record Gain(long lies, long proven, long kept, long lost) {
    double tokens() {
      return VerificationFigures.tokens(kept - lost);
    }

    private Gain plus(Gain other) {
      return new Gain(
          lies + other.lies, proven + other.proven, kept + other.kept, lost + other.lost);
    }
  }

  Gain gain(Strategy strategy, int runs) {
    Gain sum = new Gain(0, 0, 0, 0);
    for (int run = 0; run < runs; run++) {
      sum = sum.plus(gain(strategy));
    }
    return sum;
  }

  private Gain gain(Strategy strategy) {
    TestMarket market = TestMarket.quick(Rules.local());
    TestWorker liar = market.asking(1).get(0);
    for (int owner = 0; owner < 3; owner++) {
      market.auditor();
    }
    Optional<TestWorker> colluder =
        strategy == Strategy.COLLUDING ? Optional.of(market.auditor()) : Optional.empty();
    buildsHistory(market);
    TestJob job = market.job(name()).rounds(LIES).goesOn().funded(100).open();
    Map<TaskId, Executed> lies = new TreeMap<>();
    while (!job.phase().ended() && market.state().standing(liar.owner()).lies() == 0) {
      if (liar.task().isEmpty()) {
        break;
      }
      Task task = liar.task().orElseThrow();
      lies.put(task.id().audit(task.fence()), lie(market, liar, task, strategy));
      finish(market, colluder, strategy, lies);
      market.agree(Fact.RoundModel.class::isInstance);
    }
    finish(market, colluder, strategy, lies);
    long kept =
        lies.keySet().stream()
            .map(market.state()::result)
            .flatMap(Optional::stream)
            .map(Result::paid)
            .flatMap(Optional::stream)
            .mapToLong(split -> split.pay().units())
            .sum();
    long lost = market.state().ledger().slashedFrom(liar.owner()).units();
    lost += colluder.map(c -> market.state().ledger().slashedFrom(c.owner()).units()).orElse(0L);
    return new Gain(lies.size(), market.state().standing(liar.owner()).lies(), kept, lost);
  }

  /** The liar, alone in asking, trains a whole job honestly and is paid for it. */
  private void buildsHistory(TestMarket market) {
    TestJob job = market.job(name()).rounds(PATIENCE).funded(100).open();
    market.train(job);
    market.sync();
    if (!market.state().resultsOf(job.id()).isEmpty()) {
      throw new IllegalStateException("a result of the first job has not vested");
    }
  }

  private static Executed lie(TestMarket market, TestWorker liar, Task task, Strategy strategy) {
    Executed truth = liar.truth();
    Executed lie = lie(task.id());
    Executed said =
        switch (strategy) {
          case SCALED, ULP, MUTE, COLLUDING -> lie;
          case POISONED, COPIED -> new Executed(truth.root(), lie.shown(), Optional.empty());
        };
    if (strategy == Strategy.COPIED) {
      Digest copied = market.seal(task.id(), task.fence(), Parties.STRANGER, said);
      market.accept(
          liar.key(),
          new Command.CommitResult(
              task.id(), task.fence(), said.shown(), copied, market.state().inputs(task)));
    } else {
      TestMarket.accepted(liar.commit(said));
    }
    return said;
  }

  private static void finish(
      TestMarket market,
      Optional<TestWorker> colluder,
      Strategy strategy,
      Map<TaskId, Executed> lies) {
    boolean more = true;
    while (more) {
      market.draws();
      for (Task audit : market.audits()) {
        TestWorker auditor = market.worker(audit.lease().orElseThrow().worker());
        boolean confirms = colluder.equals(Optional.of(auditor)) && lies.containsKey(audit.id());
        TestMarket.accepted(
            auditor.commit(
                confirms ? lies.getOrDefault(audit.id(), auditor.truth()) : auditor.truth()));
      }
      for (TaskId audit : market.state().revealing()) {
        boolean silent = strategy == Strategy.MUTE && lies.containsKey(audit);
        if (!silent) {
          market.workerReveals(audit);
        }
        if (market.state().revealing().contains(audit)) {
          market.auditorReveals(audit);
        }
      }
      if (!market.state().revealing().isEmpty()) {
        market.pass(market.network().rules().audits().reveal());
      }
      market.agree(Fact.Dispute.class::isInstance);
      more =
          !market.state().draws().isEmpty()
              || !market.audits().isEmpty()
              || !market.state().revealing().isEmpty();
    }
  }
}
