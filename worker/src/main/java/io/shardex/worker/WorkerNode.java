package io.shardex.worker;

import io.shardex.market.Challenge;
import io.shardex.market.Digest;
import io.shardex.market.RuntimeKind;
import io.shardex.market.TaskId;
import io.shardex.protocol.client.AgentListener;
import io.shardex.protocol.client.Identity;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.protocol.client.NodeAddress;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.network.NetworkId;
import io.shardex.worker.device.GpuFinding;
import io.shardex.worker.device.Host;
import io.shardex.worker.lease.Binding;
import io.shardex.worker.lease.CacheFolder;
import io.shardex.worker.lease.LeaseEnd;
import io.shardex.worker.lease.LeaseFolder;
import io.shardex.worker.lease.LeaseRunner;
import io.shardex.worker.lease.Prover;
import io.shardex.worker.lease.Revealer;
import io.shardex.worker.lease.Runtimes;
import io.shardex.worker.link.Bandwidth;
import io.shardex.worker.link.GrpcLink;
import io.shardex.worker.link.Line;
import io.shardex.worker.link.Link;
import io.shardex.worker.metrics.WorkerMetrics;
import io.shardex.worker.runtime.Trainer;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One slot of an agent. It registers its key as soon as its owner's stake is confirmed, keeps its
 * ask standing, takes leases and works on them, until it is closed.
 */
public final class WorkerNode implements AutoCloseable {
  /** For a lease to be saved, and given up. */
  private static final Duration LEAVING = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(WorkerNode.class);
  private static final String VERSION = "shardex-worker/1";

  /** How soon a drain hears that it is to hurry. */
  private static final Duration LOOK = Duration.ofMillis(200);

  private final WorkerConfig config;
  private final Link link;
  private final LeaseFolder folder;
  private final LeaseRunner runner;
  private final Revealer revealer;
  private final Prover prover;
  private final Presence presence;
  private final Set<RuntimeKind> kinds;
  private volatile Optional<WorkerStatus.Progress> progress = Optional.empty();
  private volatile Optional<NodeAddress> node = Optional.empty();
  private volatile List<GpuFinding> device = List.of();
  private @Nullable Line line;
  private boolean closed;

  private WorkerNode(
      WorkerConfig config,
      EnvelopeSigner signer,
      Link link,
      CacheFolder cache,
      Runtimes runtimes,
      WorkerMetrics metrics)
      throws IOException {
    this.config = config;
    this.kinds = runtimes.kinds();
    this.link = link;
    this.folder =
        LeaseFolder.open(config.folder(), link, config.network(), cache, config.memoryMiB());
    LeaseRunner.Author author =
        new LeaseRunner.Author(config.key(), signer, NetworkId.of(config.network()));
    this.revealer = new Revealer(author, link, folder);
    Binding binding = binding(config);
    this.prover = new Prover(signer, link, runtimes.chains(), config.threads(), binding);
    this.runner =
        new LeaseRunner(
            author,
            link,
            folder,
            runtimes,
            metrics.of(config.name(), LeaseEnd.labels()),
            this::stepped,
            this::ended,
            binding);
    this.presence = new Presence(config, runtimes.kinds(), signer, link, this::connect);
  }

  private static Binding binding(WorkerConfig config) {
    return config
        .placement()
        .cpus()
        .<Binding>map(cpus -> cpus::bindThisThread)
        .orElse(Binding.ANYWHERE);
  }

  /** The usual link of a slot, within its agent's bandwidth; dials nobody yet. */
  public static Link link(WorkerConfig config, Bandwidth bandwidth) {
    Identity identity = Identity.of(config.key(), config.network());
    return GrpcLink.open(config.nodes(), identity, VERSION, bandwidth);
  }

  /** The worker's signer; a key has one. */
  public static EnvelopeSigner signer(WorkerConfig config, InstantSource clock) {
    return new EnvelopeSigner(config.key(), config.network(), new Nonces(clock), clock);
  }

  /**
   * Starts a slot on any link, which becomes its own to close, with a cache of its own and any
   * trainer.
   *
   * @param signer the key's only one
   */
  public static WorkerNode start(
      WorkerConfig config,
      EnvelopeSigner signer,
      Link link,
      Trainer trainer,
      WorkerMetrics metrics,
      InstantSource clock)
      throws IOException {
    try {
      Host.here().requireMemory("worker " + config.name(), config.memoryMiB());
      CacheFolder cache =
          CacheFolder.open(config.folder().resolve("cache"), AgentConfig.CACHE_BYTES, clock);
      return start(config, signer, link, cache, Runtimes.training(trainer), List.of(), metrics);
    } catch (IOException | RuntimeException e) {
      link.close();
      throw e;
    }
  }

  /**
   * Starts a slot; returns before it has reached any node.
   *
   * @param signer the key's only one
   * @param link becomes the slot's own to close, unless this fails
   * @param cache the agent's
   * @param device how the slot's GPU is, if it has one
   * @param metrics of this process's slots
   * @throws IOException if its folder is in use, or holds something else
   */
  static WorkerNode start(
      WorkerConfig config,
      EnvelopeSigner signer,
      Link link,
      CacheFolder cache,
      Runtimes runtimes,
      List<GpuFinding> device,
      WorkerMetrics metrics)
      throws IOException {
    WorkerNode node = new WorkerNode(config, signer, link, cache, runtimes, metrics);
    Host host = Host.here();
    LOG.info(
        "worker {} ({}) starts on {} processors and {} MiB",
        config.name(),
        config.key().address(),
        host.processors(),
        host.memoryMiB());
    node.device(device);
    node.presence.start();
    return node;
  }

  /** How the slot stands right now. */
  public WorkerStatus status() {
    Optional<TaskId> lease = runner.current();
    return new WorkerStatus(
        presence.standing(),
        presence.detail(),
        lease,
        progress.filter(step -> lease.equals(Optional.of(step.task()))),
        node,
        kinds,
        device.stream().map(GpuFinding::what).toList());
  }

  /**
   * Hears how the slot's GPU is. What is wrong is told when it changes, withdraws the ask until it
   * is over, and ends the lease, as its kind says.
   */
  void device(List<GpuFinding> findings) {
    if (!kinds(findings).equals(kinds(device))) {
      findings.forEach(
          finding ->
              LOG.warn(
                  "worker {}: its GPU is {}: {}", config.name(), finding.kind(), finding.what()));
      if (findings.isEmpty()) {
        LOG.info("worker {}: its GPU is well again", config.name());
      }
    }
    device = findings;
    presence.hold(
        findings.stream()
            .filter(finding -> finding.kind().effect() != GpuFinding.Effect.TOLD)
            .findFirst()
            .map(finding -> "its GPU: " + finding.what()));
    unfit(findings).ifPresent(runner::fail);
  }

  /** Why no lease can be worked on. */
  private static Optional<String> unfit(List<GpuFinding> findings) {
    return findings.stream()
        .filter(finding -> finding.kind().effect() == GpuFinding.Effect.ENDS_LEASE)
        .findFirst()
        .map(finding -> "the slot's GPU: " + finding.what());
  }

  private static Set<GpuFinding.Kind> kinds(List<GpuFinding> findings) {
    return findings.stream().map(GpuFinding::kind).collect(Collectors.toSet());
  }

  /**
   * Takes nothing new, finishes the lease it holds, and stops.
   *
   * @param left how long to wait yet for the lease, asked some times a second; what is not done
   *     when nothing is left is abandoned
   * @return whether nothing was abandoned
   */
  public boolean drain(Supplier<Duration> left) throws InterruptedException {
    presence.leave();
    try {
      boolean idle = runner.awaitIdle(Duration.ZERO);
      for (Duration more = left.get(); !idle && more.isPositive(); more = left.get()) {
        idle = runner.awaitIdle(more.compareTo(LOOK) < 0 ? more : LOOK);
      }
      return idle;
    } finally {
      close();
    }
  }

  /**
   * Stops within some seconds: tells the market that the worker leaves, and gives up the lease it
   * holds, saved as far as it is if its job wants that, so that the market gives it to another
   * worker at once. A result that was committed stays committed.
   */
  @Override
  public void close() {
    close(
        () -> {
          presence.close();
          stopLease(runner::leave, "leaves a lease that must expire");
        });
  }

  /** How a lease is stopped within a time; says whether it was. */
  private interface LeaseStop {
    boolean within(Duration atMost) throws InterruptedException;
  }

  private void stopLease(LeaseStop how, String otherwise) {
    try {
      if (!how.within(LEAVING)) {
        LOG.warn("worker {} {}", config.name(), otherwise);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Stops without leaving the market, for a start soon after: the worker stays registered, its ask
   * stands until its gateway misses it, and a lease it holds, saved as far as it is if its job
   * wants that, is gone on with if it is back within its grace.
   */
  public void pause() {
    close(
        () -> {
          presence.end();
          stopLease(runner::pause, "may not have saved the lease it holds");
        });
  }

  private void close(Runnable saying) {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    saying.run();
    runner.close();
    revealer.close();
    prover.close();
    Line open;
    synchronized (this) {
      open = line;
    }
    if (open != null) {
      open.close();
    }
    link.close();
    try {
      folder.close();
    } catch (IOException e) {
      LOG.warn("worker {} cannot close its folder: {}", config.name(), e.toString());
    }
  }

  private synchronized void connect() {
    if (!closed) {
      line = link.connect(new Listener());
    }
  }

  private void stepped(TaskId task, long fence, int step, int steps, double meanLoss) {
    progress = Optional.of(new WorkerStatus.Progress(task, fence, step, steps, meanLoss));
    Line open;
    synchronized (this) {
      open = line;
    }
    if (open != null) {
      open.progress(task, fence, step, steps, meanLoss);
    }
  }

  /** A lease that failed costs the ask; it is placed anew when the market takes it again. */
  private void ended(LeaseEnd end) {
    presence.wake();
  }

  private final class Listener implements AgentListener {
    @Override
    public void leased(LeaseOffer lease) {
      LOG.info("worker {} leases {} with fence {}", config.name(), lease.task(), lease.fence());
      // The market may have granted it before it heard that the ask is withdrawn.
      unfit(device).ifPresentOrElse(why -> runner.refuse(lease, why), () -> runner.take(lease));
    }

    @Override
    public void leaseGone(TaskId task, long fence, String why) {
      runner.gone(task, fence, why);
      presence.wake();
    }

    @Override
    public void aliveAsked(long deadlineMillis) {
      presence.aliveAsked();
    }

    @Override
    public void revealAsked(TaskId task, long fence, long deadlineMillis) {
      revealer.reveal(task, fence);
    }

    @Override
    public void challenged(Challenge challenge, Optional<Digest> draw, long deadlineMillis) {
      LOG.info(
          "worker {} is to {} challenge {}",
          config.name(),
          draw.isPresent() ? "open its answer to" : "answer",
          challenge.seed());
      prover.prove(challenge, draw, deadlineMillis);
    }

    @Override
    public void connected(NodeAddress to) {
      node = Optional.of(to);
      LOG.info("worker {} is connected to {}", config.name(), to);
      presence.wake();
    }

    @Override
    public void refused(NodeAddress node, String why) {
      LOG.warn("worker {} is refused by {}: {}", config.name(), node, why);
    }

    @Override
    public void disconnected(NodeAddress from, String why) {
      node = Optional.empty();
      LOG.warn("worker {} lost {}: {}", config.name(), from, why);
    }
  }
}
