package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.market.Batch;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.SealedBatch;
import io.shardex.pricing.Amount;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A chain with the contracts on it, three validators (two decide) and people with money. */
final class TestMarket implements AutoCloseable {
  static final Digest SPEC = Digest.sha256("a job file".getBytes(StandardCharsets.US_ASCII));
  static final Duration UNBONDING = Duration.ofSeconds(60);
  static final Address WORKER = key("worker").address();
  static final Address OTHER_WORKER = key("other worker").address();
  static final Address TREASURY = key("treasury").address();

  private static final BigInteger GAS_MONEY = BigInteger.TEN.pow(20);
  private static final Pace PACE =
      new Pace(
          Duration.ofMillis(5),
          Duration.ofMillis(200),
          Duration.ofMillis(600),
          8,
          Duration.ofSeconds(30),
          new Confirmations(0));

  final Anvil anvil;
  final DevChain dev;
  final ChainClient chain;
  final TransactionSender deployer;
  final Contracts contracts;
  private final List<SigningKey> validators =
      IntStream.range(0, 3).mapToObj(i -> key("validator " + i)).toList();

  /** Everybody named has tokens and gas money. */
  TestMarket(Anvil anvil, String... people) {
    this.anvil = anvil;
    this.dev = new DevChain(anvil.url());
    this.chain = ChainClient.connect(List.of(anvil.url()), Anvil.CHAIN_ID);
    this.deployer = sender("deployer");
    this.contracts =
        Deployment.deploy(
            deployer,
            new Deployment.Plan(
                Optional.empty(),
                validators.stream().map(SigningKey::address).sorted().toList(),
                2,
                Amount.of(1),
                Duration.ofDays(30),
                UNBONDING,
                Arrays.stream(people)
                    .map(who -> new Deployment.Grant(key(who).address(), tokens(1_000)))
                    .toList()));
  }

  static TestMarket instant(String... people) throws IOException {
    return new TestMarket(Anvil.instant(), people);
  }

  static SigningKey key(String role) {
    return SigningKey.fromSeed(1, role);
  }

  static Amount tokens(long count) {
    return Amount.of(Amount.TOKEN).times(count);
  }

  TransactionSender sender(String role) {
    return sender(role, PACE);
  }

  TransactionSender sender(String role, Pace pace) {
    dev.setGasMoney(key(role).address(), GAS_MONEY);
    return new TransactionSender(chain, key(role), pace);
  }

  static Pace pace() {
    return PACE;
  }

  /** A time of the chain this long after its newest block, in seconds. */
  long in(Duration delay) {
    long now = chain.block(chain.latestBlock()).orElseThrow().timeMillis();
    return Duration.ofMillis(now).plus(delay).toSeconds();
  }

  void pass(Duration time) {
    dev.call("evm_increaseTime", time.toSeconds());
    dev.call("evm_mine");
  }

  static Batch batch(long id, List<Batch.PayLine> pays, List<Batch.CloseLine> closes) {
    return batch(id, pays, closes, List.of(), List.of());
  }

  static Batch batch(
      long id,
      List<Batch.PayLine> pays,
      List<Batch.CloseLine> closes,
      List<Batch.SlashLine> slashes,
      List<Batch.CompensationLine> compensations) {
    return new Batch(id, 100 + id, SPEC, SPEC, tokens(1), pays, closes, slashes, compensations);
  }

  /** The batch with the signatures of the first {@code count} validators. */
  SealedBatch signed(Batch batch, int count) {
    Digest digest = BatchEncoding.digest(batch);
    return new SealedBatch(
        batch,
        BatchPhase.SIGNED,
        digest,
        validators.stream().limit(count).map(key -> endorsement(key, batch, digest)).toList());
  }

  private Batch.Endorsement endorsement(SigningKey validator, Batch batch, Digest digest) {
    int view = 1;
    long nonce = 17;
    long expiryMillis = 1_900_000_000_000L;
    Command.Attest attest =
        new Command.Attest(new Fact.BatchOf(batch.id()), view, new FactValue.BatchHash(digest));
    Digest toSign =
        new TypedData(contracts.chainId(), contracts.settlement())
            .command(attest, nonce, expiryMillis);
    return new Batch.Endorsement(
        validator.address(), view, nonce, expiryMillis, validator.sign(toSign));
  }

  @Override
  public void close() {
    chain.close();
    anvil.close();
  }
}
