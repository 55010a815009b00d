package io.shardex.scheduler.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.consensus.Applied;
import io.shardex.consensus.Proposer;
import io.shardex.market.Address;
import io.shardex.market.ChainEvent;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.Outcome;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.pricing.Amount;
import io.shardex.protocol.key.Signatures;
import io.shardex.scheduler.replica.LogWriter.Overloaded;
import io.shardex.scheduler.replica.LogWriter.Written;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Commands are told apart by their nonces. */
class LogWriterTest {
  private static final int IN_FLIGHT = 4;
  private static final int WAITING = 16_384;
  private static final Outcome ACCEPTED = new Outcome.Accepted(List.of());

  private final HeldLog log = new HeldLog();
  private final LogWriter writer = new LogWriter(log);

  @Test
  void whatComesWhileEntriesAreOnTheirWayLeavesTogetherAndInOrder() {
    List<CompletableFuture<Written>> written = write(1, 9);
    assertEquals(List.of(List.of(1L), List.of(2L), List.of(3L), List.of(4L)), log.nonces());
    log.apply(0, 70);
    assertEquals(List.of(5L, 6L, 7L, 8L, 9L), log.nonces().getLast());
    assertEquals(new Written(70, 0, ACCEPTED), written.getFirst().join());
    log.apply(4, 71);
    for (int offset = 0; offset < 5; offset++) {
      assertEquals(new Written(71, offset, ACCEPTED), written.get(4 + offset).join());
    }
    assertFalse(written.get(1).isDone());
  }

  @Test
  void moreThanMayWaitIsRefusedAtOnce() {
    List<CompletableFuture<Written>> written = write(1, IN_FLIGHT + WAITING);
    CompletableFuture<Written> tooMany = writer.write(small(0));
    assertInstanceOf(Overloaded.class, failure(tooMany));
    assertTrue(written.stream().noneMatch(CompletableFuture::isDone));
    log.apply(0, 1);
    assertFalse(writer.write(small(0)).isDone());
  }

  @Test
  void aFailedEntryFailsItsCommandsAndNoOther() {
    List<CompletableFuture<Written>> written = write(1, 8);
    log.apply(0, 1); // 5 to 8 leave as the fifth entry
    IllegalStateException lost = new IllegalStateException("as the test says");
    log.fail(4, lost);
    written.subList(4, 8).forEach(failed -> assertSame(lost, failure(failed)));
    assertTrue(written.subList(1, 4).stream().noneMatch(CompletableFuture::isDone));
    log.apply(1, 2);
    assertEquals(new Written(2, 0, ACCEPTED), written.get(1).join());
  }

  @Test
  void aCommandLargerThanAnEntryShouldBeTravelsAlone() {
    write(1, IN_FLIGHT + 1);
    CompletableFuture<Written> unused = writer.write(large(10));
    write(11, 12);
    log.apply(0, 1);
    assertEquals(List.of(5L), log.nonces().get(4));
    log.apply(1, 2);
    assertEquals(List.of(10L), log.nonces().get(5));
    log.apply(2, 3);
    assertEquals(List.of(11L, 12L), log.nonces().get(6));
  }

  @Test
  void aReplyWithFewerOutcomesFailsTheWholeEntry() {
    List<CompletableFuture<Written>> written = write(1, 6);
    log.apply(0, 1); // 5 and 6 leave together
    log.reply(4, 2, MarketReplica.REPLY.encode(List.of(ACCEPTED)));
    assertInstanceOf(IllegalStateException.class, failure(written.get(4)));
    assertInstanceOf(IllegalStateException.class, failure(written.get(5)));
  }

  @Test
  void aReplyThatCannotBeReadFailsTheWholeEntry() {
    List<CompletableFuture<Written>> written = write(1, 1);
    log.reply(0, 1, new byte[] {-1, -1, -1, -1, -1});
    assertTrue(written.getFirst().isCompletedExceptionally());
  }

  private List<CompletableFuture<Written>> write(long from, long to) {
    return LongStream.rangeClosed(from, to).mapToObj(n -> writer.write(small(n))).toList();
  }

  private static Envelope small(long nonce) {
    return envelope(nonce, new Command.Beat(1, 2, 3, 4, Digest.ZERO, Optional.empty()));
  }

  /** Over a mebibyte. */
  private static Envelope large(long nonce) {
    ChainEvent event = new ChainEvent.Staked(new Address(1, 2, 3), Amount.of(1));
    return envelope(
        nonce,
        new Command.Attest(
            new Fact.ChainRange(1, 2),
            0,
            new FactValue.ChainPage(2, 3, Collections.nCopies(60_000, event))));
  }

  private static Envelope envelope(long nonce, Command command) {
    return new Envelope(command, nonce, 0, Signatures.NONE, Optional.empty());
  }

  private static Throwable failure(CompletableFuture<Written> written) {
    assertTrue(written.isDone());
    CompletionException thrown = assertThrows(CompletionException.class, written::join);
    Throwable cause = thrown.getCause();
    return cause == null ? thrown : cause;
  }

  /** A log that applies an entry when the test says so. */
  private static final class HeldLog implements Proposer {
    private final List<byte[]> entries = new ArrayList<>();
    private final List<CompletableFuture<Applied>> answers = new ArrayList<>();

    @Override
    public CompletableFuture<Applied> propose(byte[] entry) {
      CompletableFuture<Applied> answer = new CompletableFuture<>();
      entries.add(entry);
      answers.add(answer);
      return answer;
    }

    List<List<Long>> nonces() {
      return IntStream.range(0, entries.size()).mapToObj(this::nonces).toList();
    }

    void apply(int entry, long index) {
      reply(
          entry,
          index,
          MarketReplica.REPLY.encode(Collections.nCopies(nonces(entry).size(), ACCEPTED)));
    }

    void reply(int entry, long index, byte[] reply) {
      answers.get(entry).complete(new Applied(index, reply));
    }

    void fail(int entry, RuntimeException failure) {
      answers.get(entry).completeExceptionally(failure);
    }

    private List<Long> nonces(int entry) {
      return CommandCodecs.ENTRY.decode(entries.get(entry)).stream().map(Envelope::nonce).toList();
    }
  }
}
