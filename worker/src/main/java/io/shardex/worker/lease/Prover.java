package io.shardex.worker.lease;

import io.shardex.market.Challenge;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Outcome;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.proof.HardwareChallenge;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.proof.ProofFailure;
import io.shardex.training.proof.ReferenceChain;
import io.shardex.training.proof.Solution;
import io.shardex.worker.link.Link;
import java.lang.ref.SoftReference;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers hardware challenges and opens the answers, on a thread of its own: a lease goes on
 * meanwhile. Nothing needs a journal: the same challenge has the same answer, so a worker that was
 * restarted computes it again.
 */
public final class Prover implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Prover.class);

  private record Asked(Challenge challenge, Optional<Digest> draw) {}

  private record Solved(Digest challenge, Solution solution) {}

  private final CommandSender sender;
  private final Link link;
  private final Patience.Pause pause;
  private final int threads;
  private final ExecutorService thread;
  private final Set<Asked> underWay = new HashSet<>();
  private volatile boolean closed;

  /** The last solution, as long as its memory is not needed for something else. */
  private SoftReference<Solved> solved = new SoftReference<>(null);

  /**
   * @param threads that compute
   */
  public Prover(EnvelopeSigner signer, Link link, int threads) {
    this(signer, link, threads, Thread::sleep);
  }

  Prover(EnvelopeSigner signer, Link link, int threads, Patience.Pause pause) {
    this.sender = new CommandSender(signer, link, pause);
    this.link = link;
    this.pause = pause;
    this.threads = threads;
    this.thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("shardex-proof").factory());
  }

  /**
   * Answers, or opens the answer where the draw says; returns at once. Asked again while it is
   * under way, does nothing.
   */
  public synchronized void prove(Challenge challenge, Optional<Digest> draw) {
    Asked asked = new Asked(challenge, draw);
    if (!closed && underWay.add(asked)) {
      thread.execute(() -> run(asked));
    }
  }

  private void run(Asked asked) {
    Digest name = asked.challenge().seed();
    try {
      Solution solution = solution(asked.challenge());
      if (asked.draw().isPresent()) {
        open(name, solution, asked.draw().get());
      } else {
        Digest root = HardwareChallenge.digest(solution.root());
        report("answered", name, send(new Command.AnswerChallenge(name, root)));
      }
    } catch (InterruptedException e) {
      LOG.debug("challenge {} is left: the agent stops", name);
    } catch (ProofFailure | LeaseFailure | RuntimeException e) {
      LOG.error("challenge {} cannot be met", name, e);
    } finally {
      synchronized (this) {
        underWay.remove(asked);
      }
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
              new ReferenceChain(lanes),
              lanes,
              Solution.Progress.SILENT);
      solved = new SoftReference<>(new Solved(challenge.seed(), solution));
      return solution;
    }
  }

  /** What is refused was said before, by this agent before it was restarted: the blob counts. */
  private void open(Digest name, Solution solution, Digest draw)
      throws ProofFailure, LeaseFailure, InterruptedException {
    byte[] opening = solution.opening(HardwareChallenge.digest(draw));
    Digest blob = Manifest.of(opening).id();
    report("opened", name, send(new Command.OpenChallenge(name, blob)));
    var unused = new Patience(() -> closed, pause).call(() -> link.upload(opening));
    solved.clear();
  }

  private Outcome send(Command command) throws LeaseFailure, InterruptedException {
    return sender.send(command, () -> closed);
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
    thread.shutdownNow();
  }
}
