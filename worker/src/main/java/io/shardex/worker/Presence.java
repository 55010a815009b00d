package io.shardex.worker;

import io.shardex.market.Command;
import io.shardex.market.Outcome;
import io.shardex.market.Rejection;
import io.shardex.market.RuntimeKind;
import io.shardex.market.state.Worker;
import io.shardex.protocol.client.Backoff;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.worker.WorkerStatus.Standing;
import io.shardex.worker.lease.CommandSender;
import io.shardex.worker.link.Link;
import io.shardex.worker.link.LinkFailure;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the worker registered and its ask standing, on a thread of its own: looks at what the
 * market knows of it every few seconds and whenever something happened, and does what is missing.
 */
final class Presence implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Presence.class);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration CLOSING = Duration.ofSeconds(3);

  /** Refusals that the same command will meet again. */
  private static final Set<Rejection.Reason> LASTING =
      EnumSet.of(
          Rejection.Reason.BAD_SIGNATURE,
          Rejection.Reason.NOT_SIGNED_BY,
          Rejection.Reason.MALFORMED,
          Rejection.Reason.UNKNOWN_CLASS,
          Rejection.Reason.WORKER_OF_ANOTHER);

  /** Refusals that end when the chain has confirmed the owner's stake. */
  private static final Set<Rejection.Reason> UNSTAKED =
      EnumSet.of(Rejection.Reason.STAKE_TOO_SMALL, Rejection.Reason.UNKNOWN_KEY);

  private final WorkerConfig config;
  private final Set<RuntimeKind> runtimes;
  private final CommandSender sender;
  private final Link link;
  private final Runnable registered;
  private final Thread thread;
  private Standing standing = Standing.CONNECTING;
  private String detail = "";
  private boolean woken;
  private boolean aliveAsked;
  private boolean leaving;
  private boolean closed;
  private final Backoff backoff = new Backoff(RandomGenerator.getDefault());
  private boolean known;
  private Optional<String> held = Optional.empty();

  /**
   * Starts.
   *
   * @param runtimes what the ask is for
   * @param registered told once, when the market knows the worker
   */
  Presence(
      WorkerConfig config,
      Set<RuntimeKind> runtimes,
      EnvelopeSigner signer,
      Link link,
      Runnable registered) {
    this.config = config;
    this.runtimes = runtimes;
    this.sender = new CommandSender(signer, link);
    this.link = link;
    this.registered = registered;
    this.thread =
        Thread.ofPlatform().daemon().name("shardex-presence-" + config.name()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  synchronized Standing standing() {
    return standing;
  }

  synchronized String detail() {
    return detail;
  }

  /** Something may have changed: looks at once. */
  synchronized void wake() {
    woken = true;
    notifyAll();
  }

  /** Takes no lease for this reason, which is told, until it is called with none. */
  synchronized void hold(Optional<String> why) {
    if (!held.equals(why)) {
      held = why;
      wake();
    }
  }

  private synchronized Optional<String> held() {
    return held;
  }

  /** The market heard that the worker is silent. */
  synchronized void aliveAsked() {
    aliveAsked = true;
    wake();
  }

  /**
   * Takes nothing new from now on; waits up to 3 s for the market to hear of it. Reports of silence
   * are still answered, for the sake of a lease that runs.
   */
  synchronized void leave() throws InterruptedException {
    leaving = true;
    wake();
    long end = System.nanoTime() + CLOSING.toNanos();
    long left = CLOSING.toNanos();
    while (!left() && left > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = end - System.nanoTime();
    }
  }

  /** Leaves and ends. */
  @Override
  public void close() {
    try {
      leave();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    end();
  }

  /** Ends without a word to the market. */
  void end() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    thread.interrupt();
  }

  private synchronized boolean left() {
    return standing == Standing.LEFT || standing == Standing.REFUSED;
  }

  private void run() {
    try {
      Duration wait = Duration.ZERO;
      while (await(wait)) {
        wait = look();
      }
    } catch (InterruptedException e) {
      LOG.debug("worker {} is told to stop", config.name());
    } catch (RuntimeException e) {
      LOG.error("worker {} met what must not be", config.name(), e);
      say(Standing.REFUSED, e.toString());
    }
  }

  /** Waits or is woken; false when there is nothing to do any more. */
  private synchronized boolean await(Duration wait) throws InterruptedException {
    long end = System.nanoTime() + wait.toNanos();
    long left = wait.toNanos();
    while (!closed && !woken && left > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = end - System.nanoTime();
    }
    woken = false;
    return !closed && standing != Standing.REFUSED;
  }

  /** Does what is missing; returns when to look again. */
  private Duration look() throws InterruptedException {
    try {
      answerAliveAsked();
      if (isLeaving()) {
        return sayGoodbye();
      }
      Optional<Worker> self = link.worker(config.key().address());
      return self.isPresent() ? keepAsking(self.get()) : register();
    } catch (LinkFailure e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      say(Standing.CONNECTING, String.valueOf(e.getMessage()));
      return backoff.next();
    }
  }

  private void answerAliveAsked() {
    boolean asked;
    synchronized (this) {
      asked = aliveAsked;
    }
    if (asked) {
      submit(new Command.Alive());
      synchronized (this) {
        aliveAsked = false;
      }
    }
  }

  private Duration register() {
    Command.RegisterWorker command =
        new Command.RegisterWorker(config.owner(), config.resources(), config.memoryMiB());
    Outcome outcome = sender.once(signer -> signer.sign(command, config.endorsement()));
    return after(outcome, Duration.ZERO);
  }

  private Duration keepAsking(Worker self) {
    if (!known) {
      known = true;
      registered.run();
    }
    Optional<String> why = held();
    if (why.isPresent()) {
      if (self.ask().isPresent()) {
        submit(new Command.WithdrawAsk());
      }
      say(Standing.UNWELL, why.get());
      return LOOK;
    }
    if (self.ask().equals(Optional.of(config.reserve()))
        && self.runtimes().equals(runtimes)
        && !self.draining()) {
      backoff.reset();
      say(Standing.ASKING, "at " + config.reserve());
      return LOOK;
    }
    long cooling = self.notBeforeMillis() == 0 ? 0 : self.notBeforeMillis() - link.clockMillis();
    if (cooling > 0) {
      say(Standing.COOLING_DOWN, "for %d ms".formatted(cooling));
      return Duration.ofMillis(Math.min(cooling, LOOK.toMillis()));
    }
    return after(submit(new Command.PlaceAsk(config.reserve(), runtimes)), LOOK);
  }

  private Outcome submit(Command command) {
    return sender.once(signer -> signer.sign(command));
  }

  private Duration after(Outcome outcome, Duration next) {
    return switch (outcome) {
      case Outcome.Accepted accepted -> {
        backoff.reset();
        if (next.isPositive()) {
          say(Standing.ASKING, "at " + config.reserve());
        }
        yield next;
      }
      case Outcome.Rejected rejected -> {
        say(meaning(rejected.rejection().reason()), rejected.rejection().toString());
        yield backoff.next();
      }
    };
  }

  /** What a rejection of the worker or its ask means for it; what is not listed passes. */
  private static Standing meaning(Rejection.Reason reason) {
    if (LASTING.contains(reason)) {
      return Standing.REFUSED;
    }
    if (reason == Rejection.Reason.COOLING_DOWN) {
      return Standing.COOLING_DOWN;
    }
    return UNSTAKED.contains(reason) ? Standing.WAITING_FOR_STAKE : Standing.CONNECTING;
  }

  private void say(Standing now, String why) {
    boolean changed;
    synchronized (this) {
      changed = now != standing || detail.isEmpty();
      standing = now;
      detail = why;
      notifyAll();
    }
    if (changed) {
      switch (now) {
        case ASKING, LEFT, WAITING_FOR_STAKE ->
            LOG.info("worker {} is {}: {}", config.name(), now, why);
        case CONNECTING, COOLING_DOWN, UNWELL ->
            LOG.warn("worker {} is {}: {}", config.name(), now, why);
        case REFUSED -> LOG.error("worker {} is {}: {}", config.name(), now, why);
      }
    }
  }

  private synchronized boolean isLeaving() {
    return leaving;
  }

  private Duration sayGoodbye() {
    if (known && !left()) {
      submit(new Command.Drain());
    }
    say(Standing.LEFT, "as asked");
    return LOOK;
  }
}
