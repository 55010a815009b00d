package io.shardex.worker.lease;

import io.shardex.market.Challenge;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Outcome;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.proof.HardwareChallenge;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.proof.MatrixChain;
import io.shardex.training.proof.ProofFailure;
import io.shardex.training.proof.Solution;
import io.shardex.worker.link.Link;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers hardware challenges and opens the answers, on a thread of its own: a lease goes on
 * meanwhile. It works on the newest that it was asked for, until its deadline. Nothing needs a
 * journal: the same challenge has the same answer, so a worker that was restarted computes it
 * again.
 */
public final class Prover implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Prover.class);

  private record Asked(Challenge challenge, Optional<Digest> draw) {}

  private record Solved(Digest challenge, Solution solution) {}

  /** What computes a challenge's chain, beside threads that hash. */
  public interface Chains {
    MatrixChain beside(Lanes lanes);
  }

  private final CommandSender sender;
  private final Link link;
  private final Patience.Pause pause;
  private final Chains chains;
  private final int threads;
  private final Binding binding;
  private final ExecutorService thread;
  private Optional<Asked> newest = Optional.empty();
  private Optional<Asked> opened = Optional.empty();
  private Optional<Future<?>> underWay = Optional.empty();
  private long deadlineMillis;
  private volatile boolean closed;

  /** The last solution, as long as its memory is not needed for something else. */
  private SoftReference<Solved> solved = new SoftReference<>(null);

  /**
   * @param chains the device
   * @param threads that fill the table and hash, and compute where the device is the processors
   * @param binding of each challenge's work
   */
  public Prover(EnvelopeSigner signer, Link link, Chains chains, int threads, Binding binding) {
    this(signer, link, chains, threads, binding, Thread::sleep);
  }

  Prover(
      EnvelopeSigner signer,
      Link link,
      Chains chains,
      int threads,
      Binding binding,
      Patience.Pause pause) {
    this.sender = new CommandSender(signer, link, pause);
    this.link = link;
    this.pause = pause;
    this.chains = chains;
    this.threads = threads;
    this.binding = binding;
    this.thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("shardex-proof").factory());
  }

  /**
   * Answers, or opens the answer where the draw says; returns at once. What it did for another
   * challenge is dropped. Asked for the same again while that is under way, or after its opening
   * was put, notes the deadline only.
   *
   * @param untilMillis market time from which it is of no use
   */
  public synchronized void prove(Challenge challenge, Optional<Digest> draw, long untilMillis) {
    Asked asked = new Asked(challenge, draw);
    deadlineMillis = untilMillis;
    Optional<Asked> wanted = Optional.of(asked);
    if (!closed && !wanted.equals(newest) && !wanted.equals(opened)) {
      drop();
      newest = wanted;
      underWay = Optional.of(thread.submit(() -> run(asked)));
    }
  }

  private void drop() {
    underWay.ifPresent(task -> task.cancel(true));
  }

  private void run(Asked asked) {
    Digest name = asked.challenge().seed();
    try {
      binding.bindThisThread();
      meet(asked);
    } catch (InterruptedException e) {
      LOG.info("challenge {} is left: {}", name, closed ? "the agent stops" : "it is of no use");
    } catch (OutOfMemoryError e) {
      solved.clear();
      LOG.error("challenge {} cannot be met: give the agent more heap, or offer less memory", name);
    } catch (IOException | ProofFailure | LeaseFailure | RuntimeException e) {
      LOG.error("challenge {} cannot be met", name, e);
    } finally {
      forget(asked);
    }
  }

  private synchronized void forget(Asked asked) {
    newest = newest.filter(other -> !other.equals(asked));
  }

  /** Whether there is nothing that it was asked for and has not met or given up. */
  synchronized boolean isIdle() {
    return newest.isEmpty();
  }

  private synchronized boolean isOver(Asked asked) {
    return closed || !newest.equals(Optional.of(asked));
  }

  private void meet(Asked asked) throws ProofFailure, LeaseFailure, InterruptedException {
    Digest name = asked.challenge().seed();
    watch(asked);
    Solution solution = solution(asked.challenge());
    if (asked.draw().isPresent()) {
      open(asked, solution, asked.draw().get());
    } else {
      Digest root = HardwareChallenge.digest(solution.root());
      report("answered", name, send(asked, new Command.AnswerChallenge(name, root)));
    }
  }

  /** Goes on until the deadline, by market time; what comes too late is not even begun. */
  private void watch(Asked asked) throws LeaseFailure, InterruptedException {
    long now = patience(asked).call(link::clockMillis);
    synchronized (this) {
      endIn(millisLeft(now), asked, deadlineMillis);
    }
  }

  private synchronized long millisLeft(long nowMillis) throws InterruptedException {
    if (nowMillis >= deadlineMillis) {
      throw new InterruptedException("it was due at " + deadlineMillis);
    }
    return deadlineMillis - nowMillis;
  }

  private void endIn(long millis, Asked asked, long dueMillis) {
    CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS)
        .execute(() -> end(asked, dueMillis));
  }

  /** Unless the deadline has moved, as it does when the market's clock has jumped. */
  private synchronized void end(Asked asked, long dueMillis) {
    if (isOver(asked)) {
      return;
    }
    if (deadlineMillis > dueMillis) {
      endIn(deadlineMillis - dueMillis, asked, deadlineMillis);
    } else {
      drop();
    }
  }

  private Solution solution(Challenge challenge) throws ProofFailure, InterruptedException {
    Solved last = solved.get();
    if (last != null && last.challenge().equals(challenge.seed())) {
      return last.solution();
    }
    solved.clear();
    try (Lanes lanes = Lanes.of(threads)) {
      Solution solution =
          Solution.of(
              HardwareChallenge.of(challenge),
              chains.beside(lanes),
              lanes,
              Solution.Progress.SILENT);
      solved = new SoftReference<>(new Solved(challenge.seed(), solution));
      return solution;
    }
  }

  /** What is refused was said before, by this agent before it was restarted: the blob counts. */
  private void open(Asked asked, Solution solution, Digest draw)
      throws ProofFailure, LeaseFailure, InterruptedException {
    Digest name = asked.challenge().seed();
    byte[] opening = solution.opening(HardwareChallenge.digest(draw));
    Digest blob = Manifest.of(opening).id();
    report("opened", name, send(asked, new Command.OpenChallenge(name, blob)));
    var unused = patience(asked).call(() -> upload(opening));
    solved.clear();
    synchronized (this) {
      opened = Optional.of(asked);
    }
  }

  /** After the deadline a gateway would take it for the result of the lease in hand. */
  private Digest upload(byte[] opening) throws InterruptedException {
    long unused = millisLeft(link.clockMillis());
    return link.upload(opening);
  }

  private Patience patience(Asked asked) {
    return new Patience(() -> isOver(asked), pause);
  }

  private Outcome send(Asked asked, Command command) throws LeaseFailure, InterruptedException {
    return sender.send(command, () -> isOver(asked));
  }

  private static void report(String done, Digest name, Outcome outcome) {
    switch (outcome) {
      case Outcome.Accepted accepted -> LOG.info("challenge {} is {}", name, done);
      case Outcome.Rejected rejected ->
          LOG.warn("challenge {} was not {}: {}", name, done, rejected.rejection());
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    drop();
    thread.shutdownNow();
  }
}
