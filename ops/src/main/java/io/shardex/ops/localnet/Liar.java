package io.shardex.ops.localnet;

import io.shardex.market.Address;
import io.shardex.market.Challenge;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Outcome;
import io.shardex.market.TaskId;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Worker;
import io.shardex.protocol.client.AgentListener;
import io.shardex.protocol.client.BlobProgress;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.protocol.client.NodeAddress;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.training.ShardOutcome;
import io.shardex.training.ShardProgress;
import io.shardex.training.ShardTask;
import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.ShardCheckpoint;
import io.shardex.training.model.ShardResult;
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.WorkerNode;
import io.shardex.worker.link.Bandwidth;
import io.shardex.worker.link.Line;
import io.shardex.worker.link.Link;
import io.shardex.worker.metrics.WorkerMetrics;
import io.shardex.worker.runtime.ReferenceTrainer;
import io.shardex.worker.runtime.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A worker that is honest as long as it is on probation and lies in every shard after that, each
 * time in another way. It is the usual agent with a trainer and a link of its own: all it does is
 * what a stranger's agent could do. What it is drawn to audit it audits honestly.
 */
public final class Liar {
  /** The ways it lies, in turn. */
  public enum Lie {
    /** The update is half as large again, with a root made up for it. */
    SCALED_UPDATE,
    /** One parameter is one unit in the last place off. */
    ONE_ULP,
    /** The root is that of the honest training, the result is not. */
    TRUE_ROOT,
    /** The seal is another worker's. */
    COPIED_SEAL,
    /** The seal is never opened. */
    SILENCE
  }

  /** A lie that the market has taken. */
  public record Told(TaskId task, long fence, Lie lie) {}

  /** Everybody can look into the market's log. */
  @FunctionalInterface
  interface Market {
    Optional<Digest> find(Function<MarketState, Optional<Digest>> what);
  }

  private final WorkerConfig config;
  private final EnvelopeSigner signer;
  private final Owner owner;
  private final Market market;
  private final int firstLie;
  private final List<Told> told = new ArrayList<>();
  private int honest;
  private @Nullable LeaseOffer current;
  private Optional<Lie> lying = Optional.empty();

  /**
   * A liar that has not started.
   *
   * @param seed which way of lying comes first
   */
  Liar(WorkerConfig config, Owner owner, long seed, Market market) {
    this.config = config;
    this.signer = WorkerNode.signer(config, InstantSource.system());
    this.owner = owner;
    this.market = market;
    this.firstLie = Math.floorMod(seed, Lie.values().length);
  }

  WorkerNode start(WorkerMetrics metrics) throws IOException {
    return WorkerNode.start(
        config,
        signer,
        link(WorkerNode.link(config, Bandwidth.UNBOUNDED)),
        trainer(new ReferenceTrainer(config.threads())),
        metrics,
        InstantSource.system());
  }

  /** A link that says something else than the agent would. */
  Link link(Link honest) {
    return new LyingLink(honest);
  }

  /** A trainer that spoils what the honest one trains. */
  Trainer trainer(Trainer honestly) {
    return new LyingTrainer(honestly);
  }

  /** What it got away with telling so far, whether or not it was found out. */
  public synchronized List<Told> told() {
    return List.copyOf(told);
  }

  public Owner owner() {
    return owner;
  }

  private synchronized void leased(LeaseOffer offer) {
    current = offer;
  }

  /** The way to lie about the lease that is worked on, if it is about to. */
  private synchronized Optional<Lie> next() {
    boolean audits = current == null || current.task().isAudit();
    boolean onProbation = honest < config.network().rules().audits().probation();
    lying =
        audits || onProbation
            ? Optional.empty()
            : Optional.of(Lie.values()[(firstLie + told.size()) % Lie.values().length]);
    return lying;
  }

  private synchronized void committed(Command.CommitResult commit) {
    if (lying.isPresent()) {
      told.add(new Told(commit.task(), commit.fence(), lying.get()));
    } else {
      honest++;
    }
  }

  private synchronized boolean isSilentAbout(Command.Reveal reveal) {
    return told.stream()
        .anyMatch(
            lie ->
                lie.lie() == Lie.SILENCE
                    && lie.task().equals(reveal.task())
                    && lie.fence() == reveal.fence());
  }

  /** Trains, and spoils what comes out of it. */
  private final class LyingTrainer implements Trainer {
    private final Trainer honestly;

    LyingTrainer(Trainer honestly) {
      this.honestly = honestly;
    }

    @Override
    public ShardOutcome train(
        ShardTask task,
        Samples samples,
        Optional<ShardCheckpoint> from,
        ShardProgress progress,
        BooleanSupplier cancelled) {
      ShardOutcome outcome = honestly.train(task, samples, from, progress, cancelled);
      return outcome instanceof ShardOutcome.Trained trained
          ? next().<ShardOutcome>map(lie -> spoilt(task, trained, lie)).orElse(outcome)
          : outcome;
    }

    private ShardOutcome.Trained spoilt(ShardTask task, ShardOutcome.Trained trained, Lie lie) {
      ShardResult result = trained.result();
      Parameters parameters =
          lie == Lie.ONE_ULP
              ? nudged(result.parameters())
              : scaled(task.base().parameters(), result.parameters());
      ShardResult poisoned =
          new ShardResult(
              result.model(),
              result.round(),
              result.shard(),
              result.samples(),
              result.steps(),
              result.lossSum(),
              parameters);
      return new ShardOutcome.Trained(
          poisoned, poisoned.digest(), lie == Lie.TRUE_ROOT ? trained.root() : poisoned.digest());
    }

    private static Parameters nudged(Parameters parameters) {
      float[] values = values(parameters);
      values[values.length - 1] = Math.nextUp(values[values.length - 1]);
      return Parameters.of(values);
    }

    private static Parameters scaled(Parameters base, Parameters trained) {
      float[] values = values(trained);
      for (int i = 0; i < values.length; i++) {
        values[i] = base.get(i) + 1.5f * (values[i] - base.get(i));
      }
      return Parameters.of(values);
    }

    private static float[] values(Parameters parameters) {
      float[] values = new float[parameters.count()];
      parameters.copyTo(0, values);
      return values;
    }
  }

  /** Says something else than the agent would. */
  private final class LyingLink implements Link {
    private final Link link;

    LyingLink(Link link) {
      this.link = link;
    }

    @Override
    public Outcome submit(Envelope envelope) {
      return switch (envelope.command()) {
        case Command.CommitResult commit -> commit(envelope, commit);
        case Command.Reveal reveal when isSilentAbout(reveal) -> new Outcome.Accepted(List.of());
        case Command other -> link.submit(envelope);
      };
    }

    private Outcome commit(Envelope honest, Command.CommitResult commit) {
      Optional<Digest> copied =
          lying.filter(Lie.COPIED_SEAL::equals).flatMap(lie -> market.find(this::someSeal));
      Outcome outcome =
          link.submit(
              copied
                  .map(
                      seal ->
                          signer.sign(
                              new Command.CommitResult(
                                  commit.task(),
                                  commit.fence(),
                                  commit.result(),
                                  seal,
                                  commit.inputs())))
                  .orElse(honest));
      if (outcome instanceof Outcome.Accepted) {
        committed(commit);
      }
      return outcome;
    }

    /** Of a result of another owner. */
    private Optional<Digest> someSeal(MarketState state) {
      return state.results().values().stream()
          .map(result -> result.claim())
          .filter(claim -> !claim.owner().equals(config.owner()))
          .map(claim -> claim.seal())
          .findFirst();
    }

    @Override
    public Optional<Worker> worker(Address key) {
      return link.worker(key);
    }

    @Override
    public long clockMillis() {
      return link.clockMillis();
    }

    @Override
    public byte[] blob(Digest id, int maxBytes) {
      return link.blob(id, maxBytes);
    }

    @Override
    public byte[] blob(Digest id, long offset, int length) {
      return link.blob(id, offset, length);
    }

    @Override
    public void blob(Digest id, Path file, long maxBytes, BlobProgress progress) {
      link.blob(id, file, maxBytes, progress);
    }

    @Override
    public Digest upload(byte[] content) {
      return link.upload(content);
    }

    @Override
    public Digest upload(Path file) {
      return link.upload(file);
    }

    @Override
    public Line connect(AgentListener listener) {
      return link.connect(
          new AgentListener() {
            @Override
            public void leased(LeaseOffer lease) {
              Liar.this.leased(lease);
              listener.leased(lease);
            }

            @Override
            public void leaseGone(TaskId task, long fence, String why) {
              listener.leaseGone(task, fence, why);
            }

            @Override
            public void aliveAsked(long deadlineMillis) {
              listener.aliveAsked(deadlineMillis);
            }

            @Override
            public void revealAsked(TaskId task, long fence, long deadlineMillis) {
              listener.revealAsked(task, fence, deadlineMillis);
            }

            @Override
            public void challenged(
                Challenge challenge, Optional<Digest> draw, long deadlineMillis) {
              listener.challenged(challenge, draw, deadlineMillis);
            }

            @Override
            public void connected(NodeAddress node) {
              listener.connected(node);
            }

            @Override
            public void disconnected(NodeAddress node, String why) {
              listener.disconnected(node, why);
            }
          });
    }

    @Override
    public void close() {
      link.close();
    }
  }
}
