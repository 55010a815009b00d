package io.shardex.ops.demo;

import io.shardex.market.Address;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.ops.localnet.Liar;
import io.shardex.ops.localnet.Owner;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.Watch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The audits, disputes and slashes of a demo, as the log tells them. */
final class AuditStory implements Watch.Reader, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuditStory.class);
  private static final String VALIDATORS = "the validators";

  private final Map<Address, String> names = new HashMap<>();
  private final Consumer<AuditStep> listener;
  private final Map<TaskId, Address> owners = new HashMap<>();
  private final Map<TaskId, String> auditors = new HashMap<>();
  private final Map<TaskId, Chance> chances = new LinkedHashMap<>();
  private final Set<TaskId> drawn = new HashSet<>();
  private final Set<TaskId> refuted = new HashSet<>();
  private final Set<Address> proven = new HashSet<>();
  private final Map<Address, Amount> slashed = new HashMap<>();
  private final List<Integer> tainted = new ArrayList<>();
  private final Map<JobId, CountDownLatch> settled = new HashMap<>();
  private int disputed;
  private Optional<Watch> watch = Optional.empty();

  /**
   * The first draw of a result.
   *
   * @param afterProof whether its owner was proven to have lied before: all it has is drawn then,
   *     and its probation starts anew
   */
  private record Chance(PartsPerMillion rate, boolean afterProof) {}

  /**
   * All that was found.
   *
   * @param audited results that were drawn
   * @param disputed results that the validators executed
   * @param rejected results that were refuted
   * @param tainted closed rounds in which a lie was found later
   * @param slashed by owner
   */
  record Tally(
      int audited,
      int disputed,
      int rejected,
      List<Integer> tainted,
      Map<Address, Amount> slashed) {
    Tally {
      tainted = List.copyOf(tainted);
      slashed = Map.copyOf(slashed);
    }

    Amount slashedFrom(Address owner) {
      return slashed.getOrDefault(owner, Amount.ZERO);
    }
  }

  /**
   * What became of a liar's lies.
   *
   * @param missProbability that a run with these lies finds none of them, 0 to 1
   */
  record Lies(int made, int drawn, int proved, double missProbability) {
    static final Lies NONE = new Lies(0, 0, 0, 0);
  }

  /** A story of which nothing was told yet. */
  AuditStory(List<Owner> all, Map<Address, String> workers, Consumer<AuditStep> listener) {
    all.forEach(owner -> names.put(owner.address(), owner.name()));
    names.putAll(workers);
    this.listener = listener;
  }

  /**
   * Reads the log from its start on, until closed.
   *
   * @param workers the owner's name by the worker's key
   */
  static AuditStory follow(
      MarketClient market,
      List<Owner> owners,
      Map<Address, String> workers,
      Consumer<AuditStep> listener) {
    AuditStory story = new AuditStory(owners, workers, listener);
    story.watch = Optional.of(market.watch(0, Optional.empty(), story));
    return story;
  }

  @Override
  public synchronized void committed(Stamp at, List<Event> events) {
    events.forEach(this::heard);
  }

  @Override
  public void resync(long index) {
    // What was left out stays unknown: the story has a gap, not a guess.
  }

  private void heard(Event event) {
    switch (event) {
      case Event.LeaseGranted granted -> {
        if (!granted.task().isAudit()) {
          owners.put(granted.task().audit(granted.fence()), granted.owner());
        }
      }
      case Event.AuditSpared spared ->
          chances.putIfAbsent(spared.audit(), chance(spared.audit(), spared.rate()));
      case Event.AuditDrawn draw -> draw(draw);
      case Event.AuditSealed sealed ->
          tell(
              new AuditStep.Sealed(sealed.audit(), owner(sealed.audit()), auditor(sealed.audit())));
      case Event.AuditMissed missed ->
          tell(new AuditStep.Missed(missed.audit(), name(missed.owner())));
      case Event.ResultProved proved ->
          tell(new AuditStep.Equal(proved.audit(), owner(proved.audit()), auditor(proved.audit())));
      case Event.DisputeOpened opened -> {
        disputed++;
        tell(
            new AuditStep.Disputed(
                opened.audit(), owner(opened.audit()), auditor(opened.audit()), opened.cause()));
        auditors.put(opened.audit(), VALIDATORS);
      }
      case Event.DisputeSettled judged ->
          tell(
              new AuditStep.Judged(
                  judged.audit(),
                  owner(judged.audit()),
                  judged.workerLied(),
                  auditor(judged.audit()),
                  judged.auditorLied()));
      case Event.ResultRefuted lie -> refuted.add(lie.audit());
      case Event.LieProved lie -> proven.add(lie.owner());
      case Event.AuditVoided voided -> tell(new AuditStep.Voided(voided.audit()));
      case Event.StakeSlashed slash -> {
        slashed.merge(slash.owner(), slash.amount(), Amount::plus);
        tell(new AuditStep.Slashed(name(slash.owner()), slash.amount()));
      }
      case Event.RoundTainted taint -> {
        tainted.add(taint.round());
        tell(new AuditStep.Tainted(taint.round()));
      }
      case Event.JobRolledBack back -> tell(new AuditStep.RolledBack(back.round()));
      case Event.JobSettled done -> latch(done.job()).countDown();
      default -> {
        // Tells nothing of audits.
      }
    }
  }

  private void draw(Event.AuditDrawn draw) {
    chances.putIfAbsent(draw.audit(), chance(draw.audit(), draw.rate()));
    drawn.add(draw.audit());
    auditors.put(draw.audit(), draw.auditor().map(this::name).orElse(VALIDATORS));
    tell(
        new AuditStep.Drawn(
            draw.audit(),
            owner(draw.audit()),
            draw.cause(),
            draw.rate(),
            draw.auditor().map(this::name)));
  }

  private Chance chance(TaskId audit, PartsPerMillion rate) {
    return new Chance(
        rate, Optional.ofNullable(owners.get(audit)).filter(proven::contains).isPresent());
  }

  private void tell(AuditStep step) {
    LOG.info("{}", step);
    listener.accept(step);
  }

  private String owner(TaskId audit) {
    return Optional.ofNullable(owners.get(audit)).map(this::name).orElse("somebody");
  }

  private String auditor(TaskId audit) {
    return auditors.getOrDefault(audit, VALIDATORS);
  }

  private String name(Address address) {
    return names.getOrDefault(address, address.brief());
  }

  private CountDownLatch latch(JobId job) {
    return settled.computeIfAbsent(job, id -> new CountDownLatch(1));
  }

  /** Waits until the story has come to the job's settlement; false if that takes longer. */
  boolean awaitSettled(JobId job, long seconds) throws InterruptedException {
    CountDownLatch latch;
    synchronized (this) {
      latch = latch(job);
    }
    return latch.await(seconds, TimeUnit.SECONDS);
  }

  synchronized Tally tally() {
    return new Tally(drawn.size(), disputed, refuted.size(), tainted, slashed);
  }

  /** What became of the lies that were told. */
  synchronized Lies lies(List<Liar.Told> told, Address liar) {
    List<TaskId> lies = told.stream().map(lie -> lie.task().audit(lie.fence())).toList();
    return new Lies(
        lies.size(),
        (int) lies.stream().filter(drawn::contains).count(),
        (int) lies.stream().filter(refuted::contains).count(),
        missProbability(lies, liar));
  }

  /**
   * The chance that none of the lies would have been drawn on its own, times the chance that the
   * last draw, which takes one of the owner's results that were not audited before, takes an honest
   * one. The draw of a lie after another was proved counts for nothing: had none been found, it
   * might not have come.
   */
  private double missProbability(List<TaskId> lies, Address liar) {
    if (lies.isEmpty()) {
      return 1;
    }
    double missed = 1;
    for (TaskId lie : lies) {
      Chance chance = chances.get(lie);
      if (chance != null && !chance.afterProof()) {
        missed *= 1 - (double) chance.rate().value() / PartsPerMillion.ONE;
      }
    }
    long honest =
        chances.entrySet().stream()
            .filter(entry -> liar.equals(owners.get(entry.getKey())))
            .filter(entry -> !lies.contains(entry.getKey()))
            .filter(entry -> entry.getValue().rate().value() < PartsPerMillion.ONE)
            .count();
    return missed * honest / (honest + lies.size());
  }

  @Override
  public void close() {
    watch.ifPresent(Watch::close);
  }
}
