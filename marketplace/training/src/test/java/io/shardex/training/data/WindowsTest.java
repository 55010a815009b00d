package io.shardex.training.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Activation;
import io.shardex.training.spec.SampleRange;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class WindowsTest {
  private static final ModelSpec MODEL = new ModelSpec.Transformer(128, 4, 4, 1, 1, 1);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void refused(String message, Samples samples, ModelSpec model) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> samples.requireFits(model))
            .getMessage());
  }

  @Test
  void eachByteIsFollowedByItsLabel() {
    Samples samples = Samples.windows(bytes("abcdefghijklm"), 4);
    assertEquals(3, samples.count());
    assertEquals('a', samples.feature(0, 0));
    assertEquals('e', samples.label(0, 3));
    assertEquals('e', samples.feature(1, 0));
    assertEquals('m', samples.label(2, 3));
    samples.requireFits(MODEL);
  }

  @Test
  void aShardsOwnBytesGiveTheSameSamplesAsTheWholeText() {
    Samples whole = Samples.windows(bytes("abcdefghijklm"), 4).slice(new SampleRange(1, 3));
    Samples part = Samples.windows(bytes("efghijklm"), 4);
    assertEquals(part.digest(), whole.digest());
    assertEquals('m', whole.label(1, 3));
    assertNotEquals(part.digest(), Samples.windows(bytes("efghijklX"), 4).digest());
  }

  @Test
  void aTextThatIsNoWholeNumberOfWindowsAndAByteIsRefused() {
    for (String text : List.of("", "a", "abcd", "abcdef")) {
      assertThrows(IllegalArgumentException.class, () -> Samples.windows(bytes(text), 4), text);
    }
  }

  @Test
  void aTokenOutsideTheVocabularyIsRefusedWhereverItStands() {
    refused(
        "expected labels below 128, the model's classes, but sample 1 has label 233",
        Samples.windows(bytes("abcdefg\u00e9i"), 4),
        MODEL);
    refused(
        "expected tokens below 128, the model's classes, but sample 0 has token 233",
        Samples.windows(bytes("\u00e9bcdefghi"), 4),
        MODEL);
  }

  @Test
  void imagesDoNotFitATransformerNorWindowsAPerceptron() {
    refused(
        "expected samples of 4 labels, as the model answers, but they have 1",
        Samples.of(new byte[8], new byte[2], 4),
        MODEL);
    refused(
        "expected samples of 1 labels, as the model answers, but they have 4",
        Samples.windows(bytes("abcdefghi"), 4),
        new ModelSpec.Mlp(List.of(4, 200), Activation.RELU, 1));
  }
}
