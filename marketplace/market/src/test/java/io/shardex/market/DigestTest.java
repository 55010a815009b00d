package io.shardex.market;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @Test
  void theDigestOfAbcIsTheStandardsExample() { // FIPS 180-4, example 1
    assertEquals(ABC, Digest.sha256("abc".getBytes(UTF_8)).hex());
    assertEquals(Digest.parse(ABC), Digest.sha256("xabcx".getBytes(UTF_8), 1, 3));
    assertEquals(Digest.parse(ABC), Digest.sha256("a".getBytes(UTF_8), "bc".getBytes(UTF_8)));
  }

  @Test
  void aDigestSurvivesItsBytesAndItsText() {
    assertEquals(Digest.parse(ABC), Digest.of(Digest.parse(ABC).bytes()));
    assertEquals(Digest.parse(ABC), Digest.parse(Digest.parse(ABC).toString()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "ba78", "ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"})
  void anythingElseIsNoDigest(String text) {
    assertThrows(IllegalArgumentException.class, () -> Digest.parse(text));
  }
}
