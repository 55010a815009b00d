package io.shardex.protocol.blob;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Sha256Test {
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @Test
  void theDigestOfAbcIsTheStandardsExample() { // FIPS 180-4, example 1
    assertEquals(ABC, Sha256.of("abc".getBytes(UTF_8)).hex());
    assertEquals(new Sha256(ABC), Sha256.of("xabcx".getBytes(UTF_8), 1, 3));
  }

  @Test
  void aDigestSurvivesItsBytes() {
    assertEquals(new Sha256(ABC), Sha256.ofBytes(new Sha256(ABC).bytes()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ba78",
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
      })
  void anythingElseIsNoDigest(String text) {
    assertThrows(IllegalArgumentException.class, () -> new Sha256(text));
  }
}
