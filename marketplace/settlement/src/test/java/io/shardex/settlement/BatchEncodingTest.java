package io.shardex.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardex.market.Address;
import io.shardex.market.Batch;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.pricing.Amount;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Against what the contracts state themselves; {@link SettleTest} asks them. */
class BatchEncodingTest {
  @Test
  void anEmptyBatchHashesAsTheContractsSay() {
    Batch batch =
        new Batch(
            1,
            0,
            Digest.ZERO,
            Digest.ZERO,
            Amount.ZERO,
            List.of(),
            List.of(),
            List.of(),
            List.of());

    assertEquals(
        Digest.parse("88af2178b48359c876bd73bdc85bc8691f61bcf358842b05ec8fe2f53d231c34"),
        BatchEncoding.digest(batch));
  }

  @Test
  void aBatchWithLinesOfEachKindHashesAsABatchOfTheirWords() {
    JobId first = new JobId(digest("11"));
    JobId second = new JobId(digest("22"));
    Batch batch =
        new Batch(
            7,
            812,
            digest("33"),
            digest("44"),
            Amount.of(1_500_000),
            List.of(
                new Batch.PayLine(first, address("aa"), Amount.of(1_000_000)),
                new Batch.PayLine(second, address("bb"), Amount.of(Long.MAX_VALUE))),
            List.of(new Batch.CloseLine(first, Amount.of(1_000_001))),
            List.of(new Batch.SlashLine(address("cc"), Amount.of(5))),
            List.of(new Batch.CompensationLine(address("cc"), address("dd"), Amount.of(3))));

    String words =
        word(0x20)
            + word(7)
            + word(812)
            + "33".repeat(32)
            + "44".repeat(32)
            + word(1_500_000)
            // Nine words of head; then one word of count and three, two, two and three a line.
            + word(9 * 32)
            + word((9 + 7) * 32)
            + word((9 + 7 + 3) * 32)
            + word((9 + 7 + 3 + 3) * 32)
            + word(2)
            + ("11".repeat(32) + padded("aa") + word(1_000_000))
            + ("22".repeat(32) + padded("bb") + word(Long.MAX_VALUE))
            + word(1)
            + ("11".repeat(32) + word(1_000_001))
            + word(1)
            + (padded("cc") + word(5))
            + word(1)
            + (padded("cc") + padded("dd") + word(3));
    assertEquals(Digest.sha256(HexFormat.of().parseHex(words)), BatchEncoding.digest(batch));
  }

  private static Digest digest(String octet) {
    return Digest.parse(octet.repeat(32));
  }

  private static Address address(String octet) {
    return Address.parse(octet.repeat(20));
  }

  private static String padded(String octet) {
    return "00".repeat(12) + octet.repeat(20);
  }

  private static String word(long number) {
    return "%064x".formatted(number);
  }
}
