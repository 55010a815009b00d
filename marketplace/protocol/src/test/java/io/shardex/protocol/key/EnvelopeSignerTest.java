package io.shardex.protocol.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.market.Author;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.ResourceClass;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EnvelopeSignerTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.ofEpochMilli(1_800_000_000_000L));
  private static final SigningKey KEY = SigningKey.fromSeed(1, "worker");
  private static final SigningKey OWNER = SigningKey.fromSeed(1, "owner");
  private static final Command.RegisterWorker REGISTER =
      new Command.RegisterWorker(OWNER.address(), new ResourceClass("cpu"), 512);

  private final EnvelopeSigner signer = signer(KEY);
  private final AuthorRecovery recovery =
      new AuthorRecovery(TypedData.of(Networks.LOCAL), Runnable::run, 3);

  @Test
  void aSignerGoesByTheMarketsClockUnlessThatIsMoreThanADayOff() {
    long own = CLOCK.millis();
    long life = signer.sign(new Command.Alive()).expiryMillis() - own;
    long hour = Duration.ofHours(1).toMillis();
    assertEquals(Duration.ofHours(1), signer.goBy(own - hour));
    assertEquals(own - hour + life, signer.sign(new Command.Alive()).expiryMillis());
    assertEquals(Duration.ofHours(-1), signer.goBy(own + hour));
    assertEquals(own + hour + life, signer.sign(new Command.Alive()).expiryMillis());

    for (long lie : new long[] {0, own + 25 * hour, Long.MAX_VALUE, Long.MIN_VALUE}) {
      assertTrue(signer.goBy(lie).abs().compareTo(Duration.ofDays(1)) > 0);
      assertEquals(own + hour + life, signer.sign(new Command.Alive()).expiryMillis());
    }
  }

  @Test
  void aSignerWhoseClockWentBackComesPastTheNoncesItUsedBeforeWithinADay() {
    long start = signer.sign(new Command.Alive()).nonce();
    long ahead = start + (Duration.ofHours(1).toMillis() << 10);
    int skips = 0;
    while (signer.sign(new Command.Alive()).nonce() < ahead) {
      assertTrue(signer.skipNonces());
      skips++;
    }
    assertEquals(7, skips);
    while (signer.skipNonces()) {
      skips++;
    }
    long day = Duration.ofDays(1).toMillis() << 10;
    long end = signer.sign(new Command.Alive()).nonce() - start;
    assertTrue(end > day / 2 && end <= day, end + " of " + day);
  }

  @Test
  void theSignerIsRecovered() {
    assertEquals(Author.of(KEY.address()), recovery.author(signer.sign(new Command.Alive())));
  }

  @Test
  void theOwnersEndorsementIsRecovered() {
    Envelope envelope = signer.sign(REGISTER, signer(OWNER).endorse(KEY.address()));
    assertEquals(
        new Author(Optional.of(KEY.address()), Optional.of(OWNER.address())),
        recovery.author(envelope));
  }

  @Test
  void anEndorsementOfAnotherWorkerNamesSomebodyElse() {
    Envelope envelope = signer.sign(REGISTER, signer(OWNER).endorse(OWNER.address()));
    Optional<Address> endorser = recovery.author(envelope).endorser();
    assertTrue(endorser.isPresent() && !endorser.get().equals(OWNER.address()));
  }

  @Test
  void genesisIsNobodys() {
    assertEquals(Author.NOBODY, recovery.author(EnvelopeSigner.genesis(Networks.LOCAL)));
  }

  @Test
  void whatIsChangedAfterSigningHasAnotherAuthorOrNone() {
    Envelope signed = signer.sign(new Command.Alive());
    List<Envelope> forged =
        List.of(
            new Envelope(
                new Command.Drain(),
                signed.nonce(),
                signed.expiryMillis(),
                signed.signature(),
                Optional.empty()),
            new Envelope(
                signed.command(),
                signed.nonce() + 1,
                signed.expiryMillis(),
                signed.signature(),
                Optional.empty()),
            new Envelope(
                signed.command(),
                signed.nonce(),
                signed.expiryMillis() + 1,
                signed.signature(),
                Optional.empty()));
    for (Author author : recovery.authors(forged)) {
      assertTrue(!author.signer().equals(Optional.of(KEY.address())));
    }
  }

  @Test
  void aMissingSignatureHasNoSigner() {
    Envelope unsigned = new Envelope(new Command.Alive(), 1, 2, Signatures.NONE, Optional.empty());
    assertEquals(Author.NOBODY, recovery.author(unsigned));
  }

  @Test
  void termsWhoseBudgetOverflowsHaveNoSigner() {
    JobTerms terms =
        new JobTerms(
            "x",
            new ResourceClass("cpu"),
            1,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            new WorkUnits(WorkUnits.MAX),
            313,
            new UnitPrice(Long.MAX_VALUE),
            0,
            new PartsPerMillion(0),
            true,
            Digest.ZERO);
    Command command = new Command.SubmitJob(new JobId(Digest.ZERO), terms);
    Envelope envelope = new Envelope(command, 1, 2, KEY.sign(Digest.ZERO), Optional.empty());
    assertEquals(Author.NOBODY, recovery.author(envelope));
  }

  @Test
  void authorsComeInTheOrderOfTheEnvelopesFromAnyNumberOfThreads() {
    List<SigningKey> keys =
        IntStream.range(0, 50).mapToObj(i -> SigningKey.fromSeed(i, "many")).toList();
    List<Envelope> envelopes = new ArrayList<>();
    List<Author> expected = new ArrayList<>();
    for (SigningKey key : keys) {
      envelopes.add(signer(key).sign(new Command.Alive()));
      expected.add(Author.of(key.address()));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int parts : new int[] {1, 2, 7, 49, 50, 51}) {
        AuthorRecovery parallel = new AuthorRecovery(TypedData.of(Networks.LOCAL), threads, parts);
        assertEquals(expected, parallel.authors(envelopes), parts + " parts");
        assertEquals(List.of(), parallel.authors(List.of()));
      }
    }
  }

  @Test
  void noncesRiseByOneAndARestartStartsAboveThem() {
    Envelope first = signer.sign(new Command.Alive());
    Envelope second = signer.sign(new Command.Alive());
    assertEquals(first.nonce() + 1, second.nonce());
    Nonces later = new Nonces(InstantSource.fixed(CLOCK.instant().plusMillis(1)));
    assertTrue(later.next() > second.nonce());
  }

  @Test
  void commandsExpireAfterTwoMinutes() {
    assertEquals(CLOCK.millis() + 120_000, signer.sign(new Command.Alive()).expiryMillis());
  }

  private static EnvelopeSigner signer(SigningKey key) {
    return new EnvelopeSigner(key, Networks.LOCAL, new Nonces(CLOCK), CLOCK);
  }
}
