package io.shardex.ops.localnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.shardex.market.Address;
import io.shardex.market.Challenge;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.Outcome;
import io.shardex.market.Rejection;
import io.shardex.market.ResourceClass;
import io.shardex.market.TaskId;
import io.shardex.market.state.Worker;
import io.shardex.ops.localnet.Liar.Lie;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.client.AgentListener;
import io.shardex.protocol.client.BlobProgress;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.protocol.client.NodeAddress;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.training.ShardOutcome;
import io.shardex.training.ShardTask;
import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.ShardResult;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.OuterSpec;
import io.shardex.training.spec.TrainingSpec;
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.device.Placement;
import io.shardex.worker.link.Line;
import io.shardex.worker.link.Link;
import io.shardex.worker.runtime.ReferenceTrainer;
import io.shardex.worker.runtime.Trainer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LiarTest {
  private static final SigningKey KEY = SigningKey.fromSeed(1, "worker");
  private static final Digest SEAL = Digest.sha256(new byte[] {1});
  private static final Digest OTHERS_SEAL = Digest.sha256(new byte[] {2});
  private static final TaskId TASK = new TaskId(new JobId(Digest.sha256(new byte[] {3})), 1, 0);
  private static final ShardTask SHARD = shard();
  private static final Samples SAMPLES =
      Samples.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, new byte[] {0, 1}, 4);
  private static final Trainer HONESTLY = new ReferenceTrainer(1);
  private static final int PROBATION = LocalTerms.RULES.audits().probation();

  private final Wire wire = new Wire();
  private Liar liar = liar(Lie.SCALED_UPDATE);
  private Trainer trainer = liar.trainer(HONESTLY);
  private Link link = liar.link(wire);
  private long fence;

  /** What reaches the network; takes everything unless told otherwise. */
  private static final class Wire implements Link {
    private final List<Envelope> sent = new ArrayList<>();
    private Outcome answer = new Outcome.Accepted(List.of());
    private Optional<AgentListener> agent = Optional.empty();

    @Override
    public Outcome submit(Envelope envelope) {
      sent.add(envelope);
      return answer;
    }

    @Override
    public Optional<Worker> worker(Address key) {
      return Optional.empty();
    }

    @Override
    public long clockMillis() {
      return 7;
    }

    @Override
    public byte[] blob(Digest id, int maxBytes) {
      return new byte[0];
    }

    @Override
    public byte[] blob(Digest id, long offset, int length) {
      return new byte[0];
    }

    @Override
    public void blob(Digest id, Path file, long maxBytes, BlobProgress progress) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Digest upload(byte[] content) {
      return Manifest.of(content).id();
    }

    @Override
    public Digest upload(Path file) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Line connect(AgentListener listener) {
      agent = Optional.of(listener);
      return new Line() {
        @Override
        public void progress(TaskId task, long fence, int step, int steps, double loss) {}

        @Override
        public void close() {}
      };
    }

    @Override
    public void close() {}
  }

  /** An agent that does nothing of its own. */
  private static final class Idle implements AgentListener {
    private final List<Object> heard = new ArrayList<>();

    @Override
    public void leased(LeaseOffer lease) {
      heard.add(lease);
    }

    @Override
    public void leaseGone(TaskId task, long fence, String why) {
      heard.add(why);
    }

    @Override
    public void aliveAsked(long deadlineMillis) {
      heard.add(deadlineMillis);
    }

    @Override
    public void revealAsked(TaskId task, long fence, long deadlineMillis) {
      heard.add(task);
    }

    @Override
    public void challenged(Challenge challenge, Optional<Digest> draw, long deadlineMillis) {
      heard.add(challenge);
    }
  }

  private static Liar liar(Lie first) {
    Owner owner = Owner.liar(1);
    InstantSource clock = InstantSource.system();
    WorkerConfig config =
        new WorkerConfig(
            "worker-5",
            LocalTerms.network(),
            NodeAddresses.of(new NodeAddress("localhost", 1)),
            KEY,
            owner.address(),
            new EnvelopeSigner(owner.key(), LocalTerms.network(), new Nonces(clock), clock)
                .endorse(KEY.address()),
            new ResourceClass("cpu"),
            256,
            UnitPrice.ZERO,
            Path.of("unused"),
            1,
            Placement.ANYWHERE);
    return new Liar(
        config, owner, List.of(Lie.values()).indexOf(first), what -> Optional.of(OTHERS_SEAL));
  }

  private void lyingFirst(Lie first) {
    liar = liar(first);
    trainer = liar.trainer(HONESTLY);
    link = liar.link(wire);
    link.connect(new Idle());
  }

  private static ShardTask shard() {
    TrainingSpec spec =
        new TrainingSpec(
            new ModelSpec.Mlp(List.of(4, 3, 2), ModelSpec.Activation.RELU, 7),
            new LocalSpec.Sgd(0.05f, 0.9f, 1, 1),
            OuterSpec.AVERAGE,
            1,
            1,
            2);
    io.shardex.training.commitment.Digest some =
        io.shardex.training.commitment.Digest.ofBytes(SEAL.bytes());
    return new ShardTask(spec, some, some, InitialModel.of(spec.model()), 0);
  }

  private static LeaseOffer offer(TaskId task, long fence) {
    JobTerms terms =
        new JobTerms(
            "small",
            new ResourceClass("cpu"),
            64,
            1,
            1,
            new WorkUnits(1),
            2,
            new UnitPrice(1),
            1,
            new PartsPerMillion(50_000),
            true,
            Digest.ZERO);
    return new LeaseOffer(task, fence, 60_000, 0, terms, SEAL, SEAL, SEAL, false);
  }

  private static ShardOutcome.Trained honest() {
    return assertInstanceOf(
        ShardOutcome.Trained.class,
        HONESTLY.train(SHARD, SAMPLES, Optional.empty(), (step, steps, loss) -> {}, () -> false));
  }

  /** Trains a lease as the agent does. */
  private ShardOutcome.Trained train(TaskId task) {
    wire.agent.orElseThrow().leased(offer(task, ++fence));
    return assertInstanceOf(
        ShardOutcome.Trained.class,
        trainer.train(SHARD, SAMPLES, Optional.empty(), (step, steps, loss) -> {}, () -> false));
  }

  private Command.CommitResult commit() {
    Envelope envelope =
        signer().sign(new Command.CommitResult(TASK, fence, Digest.ZERO, SEAL, Digest.ZERO));
    link.submit(envelope);
    return assertInstanceOf(Command.CommitResult.class, wire.sent.getLast().command());
  }

  private static EnvelopeSigner signer() {
    InstantSource clock = InstantSource.system();
    return new EnvelopeSigner(KEY, LocalTerms.network(), new Nonces(clock), clock);
  }

  private void passProbation() {
    for (int i = 0; i < PROBATION; i++) {
      assertEquals(honest(), train(TASK));
      assertEquals(SEAL, commit().seal());
    }
    assertEquals(List.of(), liar.told());
  }

  @ParameterizedTest
  @EnumSource
  void itIsHonestOnProbationAndLiesInTheWayOfItsTurnAfterIt(Lie first) {
    lyingFirst(first);
    passProbation();

    ShardOutcome.Trained told = train(TASK);
    commit();

    assertNotEquals(honest().result().digest(), told.result().digest());
    assertEquals(told.result().digest(), told.resultDigest());
    assertEquals(first == Lie.TRUE_ROOT, told.root().equals(honest().root()));
    assertEquals(List.of(new Liar.Told(TASK, fence, first)), liar.told());
  }

  @Test
  void itLiesInEachWayInTurn() {
    lyingFirst(Lie.COPIED_SEAL);
    passProbation();
    for (int i = 0; i < Lie.values().length + 1; i++) {
      train(TASK);
      commit();
    }

    assertEquals(
        List.of(
            Lie.COPIED_SEAL,
            Lie.SILENCE,
            Lie.SCALED_UPDATE,
            Lie.ONE_ULP,
            Lie.TRUE_ROOT,
            Lie.COPIED_SEAL),
        liar.told().stream().map(Liar.Told::lie).toList());
  }

  @Test
  void whatItAuditsItAuditsHonestlyAndThatDoesNotEndItsProbation() {
    lyingFirst(Lie.SCALED_UPDATE);
    assertEquals(honest(), train(TASK.audit(3)));
    link.submit(signer().sign(new Command.CommitAudit(TASK.audit(3), fence, SEAL, Digest.ZERO)));
    passProbation();

    assertEquals(honest(), train(TASK.audit(4)));
    assertNotEquals(honest(), train(TASK));
    assertEquals(honest(), train(TASK.audit(5)));
    assertEquals(List.of(), liar.told());
  }

  @Test
  void oneUlpIsTheNextNumberInOneParameterAndNothingElse() {
    lyingFirst(Lie.ONE_ULP);
    passProbation();
    ShardResult told = train(TASK).result();
    ShardResult honest = honest().result();

    int last = honest.parameters().count() - 1;
    for (int i = 0; i < last; i++) {
      assertEquals(honest.parameters().get(i), told.parameters().get(i), 0);
    }
    assertEquals(Math.nextUp(honest.parameters().get(last)), told.parameters().get(last), 0);
    assertEquals(honest.lossSum(), told.lossSum());
    assertEquals(honest.steps(), told.steps());
  }

  @Test
  void aScaledUpdateIsHalfAsLargeAgain() {
    lyingFirst(Lie.SCALED_UPDATE);
    passProbation();
    Parameters told = train(TASK).result().parameters();
    Parameters honest = honest().result().parameters();
    Parameters base = SHARD.base().parameters();

    for (int i = 0; i < base.count(); i++) {
      float update = honest.get(i) - base.get(i);
      assertEquals(base.get(i) + 1.5f * update, told.get(i), 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void onlyACopiedSealIsAnothersAndTheCommandIsSignedAnew(Lie first) {
    lyingFirst(first);
    passProbation();
    train(TASK);
    Envelope own =
        signer().sign(new Command.CommitResult(TASK, fence, Digest.ZERO, SEAL, Digest.ZERO));

    link.submit(own);

    Envelope sent = wire.sent.getLast();
    if (first == Lie.COPIED_SEAL) {
      assertEquals(
          new Command.CommitResult(TASK, fence, Digest.ZERO, OTHERS_SEAL, Digest.ZERO),
          sent.command());
      assertNotEquals(own.signature(), sent.signature());
    } else {
      assertEquals(own, sent);
    }
  }

  @ParameterizedTest
  @EnumSource
  void onlyTheSilentOneKeepsItsSealClosedAndOnlyOfThatLie(Lie first) {
    lyingFirst(first);
    passProbation();
    train(TASK);
    commit();
    int before = wire.sent.size();

    Outcome told = link.submit(signer().sign(reveal(TASK, fence)));
    assertEquals(new Outcome.Accepted(List.of()), told);
    assertEquals(first == Lie.SILENCE ? before : before + 1, wire.sent.size());

    int then = wire.sent.size();
    link.submit(signer().sign(reveal(TASK, fence - 1)));
    link.submit(signer().sign(reveal(TASK.audit(9), fence)));
    assertEquals(then + 2, wire.sent.size());
  }

  private static Command.Reveal reveal(TaskId task, long fence) {
    return new Command.Reveal(task, fence, Digest.ZERO, Digest.ZERO, Digest.ZERO);
  }

  @Test
  void aLieThatTheMarketDoesNotTakeWasNotTold() {
    lyingFirst(Lie.SCALED_UPDATE);
    passProbation();
    train(TASK);
    wire.answer = new Outcome.Rejected(new Rejection(Rejection.Reason.STALE_FENCE, "a test"));
    commit();

    assertEquals(List.of(), liar.told());
  }

  @Test
  void allElseIsTheAgentsOwn() {
    Idle agent = new Idle();
    link.connect(agent);
    AgentListener market = wire.agent.orElseThrow();
    market.leased(offer(TASK, 1));
    market.leaseGone(TASK, 1, "EXPIRED");
    market.aliveAsked(9);
    market.revealAsked(TASK, 1, 10);
    Envelope ask = signer().sign(new Command.PlaceAsk(UnitPrice.ZERO));
    link.submit(ask);

    assertEquals(List.of(offer(TASK, 1), "EXPIRED", 9L, TASK), agent.heard);
    assertEquals(List.of(ask), wire.sent);
    assertEquals(7, link.clockMillis());
    assertEquals(Manifest.of(new byte[] {1}).id(), link.upload(new byte[] {1}));
  }

  @Test
  void itsStakeIsWhatOneWorkerNeedsAndItIsNotHonest() {
    assertEquals("mallory", liar.owner().name());
    assertEquals(LocalTerms.RULES.money().workerStake(), liar.owner().stake());
    assertEquals(Amount.of(5 * Amount.TOKEN), liar.owner().stake());
    assertEquals(
        List.of(true, true, true, false),
        LocalChain.Accounts.of(1, true).owners().stream().map(Owner::honest).toList());
    assertEquals(3, LocalChain.Accounts.of(1, false).owners().size());
  }
}
