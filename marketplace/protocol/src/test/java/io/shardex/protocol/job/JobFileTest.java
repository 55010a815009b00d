package io.shardex.protocol.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.protocol.blob.Manifest;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JobFileTest {
  @Test
  void theCommittedExampleReadsAsTheDesignSays() throws Exception {
    JobSpec spec = JobFile.read(Repository.root().resolve("examples/mnist.yaml")).spec();
    assertEquals("mnist-mlp", spec.name());
    assertEquals(
        new JobSpec.Model.Reference(
            new ModelSpec.Mlp(List.of(784, 256, 10), ModelSpec.Activation.RELU, 7)),
        spec.model());
    assertEquals(new LocalSpec.Sgd(0.05f, 0.9f, 32, 1), spec.local());
    assertEquals(6, spec.shards());
    assertEquals(10, spec.rounds());
    assertEquals(new JobSpec.Price(Amount.of(5_000_000), Amount.of(400_000)), spec.price());
    assertEquals(new Deadline.After(Duration.ofMinutes(30)), spec.deadline());
    assertEquals(new PartsPerMillion(200_000), spec.audit());
    assertEquals(OptionalInt.empty(), spec.data().limit());
    assertTrue(spec.rollsBack());
  }

  @Test
  void theConvolutionalExampleReadsAsItSays() throws Exception {
    JobSpec spec = JobFile.read(Repository.root().resolve("examples/mnist-cnn.yaml")).spec();
    ModelSpec.Cnn model =
        new ModelSpec.Cnn(
            new ModelSpec.Image(28, 28, 1),
            List.of(new ModelSpec.Stage(5, 16), new ModelSpec.Stage(5, 32)),
            List.of(128, 10),
            ModelSpec.Activation.RELU,
            7);
    assertEquals(new JobSpec.Model.Reference(model), spec.model());
    assertEquals(215_370, model.parameterCount());
    assertEquals(new LocalSpec.Adam(0.001f, 0.9f, 0.999f, 1e-8f, 64, 1), spec.local());
  }

  @Test
  void theLanguageExampleReadsAsItSays() throws Exception {
    JobSpec spec = JobFile.read(Repository.root().resolve("examples/char-lm/job.yaml")).spec();

    assertEquals(
        new JobSpec.Model.Reference(new ModelSpec.Transformer(128, 64, 64, 4, 2, 7)), spec.model());
    assertEquals(new SampleFiles.Text("moby-dick-train.txt"), spec.data().train());
    assertEquals(Optional.of(new SampleFiles.Text("moby-dick-test.txt")), spec.data().test());
  }

  @Test
  void adamsOwnNumbersAreRead() throws Exception {
    JobSpec spec =
        Jobs.with(
            "optimizer: sgd, learningRate: 0.05, momentum: 0.9",
            "optimizer: adam, learningRate: 0.05, beta1: 0.8, beta2: 0.9, epsilon: 1e-6");
    assertEquals(new LocalSpec.Adam(0.05f, 0.8f, 0.9f, 1e-6f, 32, 1), spec.local());
  }

  @Test
  void theDigestIsTheBlobIdOfTheExactBytes() throws Exception {
    byte[] bytes = Jobs.MNIST.getBytes(StandardCharsets.UTF_8);
    assertEquals(Manifest.of(bytes).id(), Jobs.parse(Jobs.MNIST).digest());
    assertNotEquals(
        Jobs.parse(Jobs.MNIST).digest(), Jobs.parse(Jobs.MNIST + "# a word\n").digest());
  }

  @Test
  void optionalFieldsAreRead() throws Exception {
    JobSpec limited = Jobs.with("labels: train-labels}", "labels: train-labels, limit: 12000}");
    assertEquals(OptionalInt.of(12_000), limited.data().limit());
    JobSpec roomy = Jobs.with("accelerator: any", "accelerator: any, memory: 2GiB");
    assertEquals(OptionalInt.of(2_048), roomy.resources().memoryMiB());
    JobSpec untested = Jobs.with("    test: {images: test-images, labels: test-labels}\n", "");
    assertTrue(untested.data().test().isEmpty());
    JobSpec dated = Jobs.with("30m", "2030-01-31T12:00:00Z");
    assertEquals(new Deadline.At(Instant.parse("2030-01-31T12:00:00Z")), dated.deadline());
    JobSpec seeded = Jobs.with("seed: 7", "seed: -9223372036854775808");
    assertEquals(Long.MIN_VALUE, seeded.model().seed());
  }

  @Test
  void roundsThatRestOnALieAreTrainedAgainUnlessTheBuilderGoesOn() throws Exception {
    assertTrue(Jobs.parse(Jobs.MNIST).spec().rollsBack());
    assertTrue(Jobs.with("audit: 20%", "audit: 20%, onLie: rollback").rollsBack());
    assertFalse(Jobs.with("audit: 20%", "audit: 20%, onLie: continue").rollsBack());
  }

  @Test
  void anUnknownWordOnLieIsRefusedWithTheKnownOnesAndAFieldWithTheNearest() {
    assertEquals(
        List.of(
            "line 17: spec.verification.onLie: expected rollback or continue,"
                + " but it is 'rollBack'"),
        problems(Jobs.edited("audit: 20%", "audit: 20%, onLie: rollBack")));
    assertEquals(
        List.of("line 17: spec.verification.onlie: unknown field; the nearest known one is onLie"),
        problems(Jobs.edited("audit: 20%", "audit: 20%, onlie: continue")));
    assertEquals(1, problems(Jobs.edited("audit: 20%", "audit: 20%, onLie: [rollback]")).size());
  }

  @Test
  void aSpecThatKeepsItsMemoryToItselfIsOtherwiseTheSame() throws Exception {
    String goesOn = Jobs.edited("audit: 20%", "audit: 20%, onLie: continue");
    JobSpec plain = Jobs.parse(goesOn).spec();
    String roomy = goesOn.replace("accelerator: any", "accelerator: any, memory: 2GiB");

    assertEquals(plain, Jobs.parse(roomy).spec().withoutMemory());
  }

  @Test
  void anUnknownFieldIsNamedWithTheNearestKnownOneAndItsLine() {
    assertEquals(
        List.of(
            "line 12: spec.local.learningrate: unknown field; the nearest known one is learningRate",
            "line 12: spec.local.learningRate: missing; expected a number"),
        problems(Jobs.edited("learningRate", "learningrate")));
    assertEquals(
        List.of(
            "line 16: spec.dead_line: unknown field; the nearest known one is deadline",
            "line 4: spec.deadline: missing; expected a text such as 30m"),
        problems(Jobs.edited("deadline", "dead_line")));
  }

  @Test
  void allErrorsAreCollected() {
    String yaml =
        Jobs.MNIST
            .replace("shards:  6", "shards:  none")
            .replace("rounds:  10", "rounds:  0")
            .replace("kind: mlp", "kind: rnn")
            .replace("\"5.00\"", "5.00")
            .replace("audit: 20%", "audit: 101%");
    assertEquals(
        List.of(
            "line 5: spec.model.kind: expected mlp or cnn or torchscript or transformer, but it is 'rnn'",
            "line 10: spec.shards: expected 1 to 10000, but it is 'none'",
            "line 11: spec.rounds: expected 1 to 100000, but it is the number 0",
            "line 15: spec.price.budget: expected a text such as 5.00, but it is the number 5.00;"
                + " put it in quotes",
            "line 17: spec.verification.audit: expected a text such as 20%, but it is '101%'"),
        problems(yaml));
  }

  @Test
  void valuesOutOfTheTrainingsRangesAreNamed() {
    assertEquals(
        List.of(
            "line 5: spec.model: expected model.layers[2] to be 2 to 256, but it is 300",
            "line 12: spec.local: expected local.momentum to be at least 0 and less than 1,"
                + " but it is 1.5"),
        problems(Jobs.edited("256, 10]", "256, 300]").replace("momentum: 0.9", "momentum: 1.5")));
    assertEquals(
        List.of(
            "line 16: spec.deadline: expected an instant such as 2030-01-31T12:00:00Z,"
                + " but it is '2030-02-31T12:00:00Z'"),
        problems(Jobs.edited("30m", "2030-02-31T12:00:00Z")));
  }

  @Test
  void amountsWithSevenDecimalsAreRefused() {
    assertEquals(1, problems(Jobs.edited("\"5.00\"", "\"5.0000001\"")).size());
    assertEquals(1, problems(Jobs.edited("\"5.00\"", "\"-5\"")).size());
  }

  @Test
  void aliasBombsAreRefusedAtTheFirstAnchor() {
    String bomb =
        """
        a: &a [x, x, x, x, x, x, x, x, x]
        b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
        c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
        """;
    assertEquals(
        List.of("line 1: expected no anchors and aliases, but there is one"), problems(bomb));
    assertEquals(1, problems(Jobs.edited("shards:  6", "shards:  *six")).size());
    assertEquals(
        List.of("line 11: expected no anchors and aliases, but there is one"),
        problems(Jobs.edited("6\n", "&six 6\n").replace("rounds:  10", "rounds: *six")));
  }

  @Test
  void hostileDocumentsAreRefusedByName() {
    assertEquals(List.of("expected a mapping that starts with apiVersion"), problems(""));
    assertEquals(List.of("expected a mapping that starts with apiVersion"), problems("[1, 2]"));
    assertEquals(
        List.of("line 3: kind: this field is here twice"),
        problems(Jobs.edited("kind: TrainingJob", "kind: TrainingJob\nkind: TrainingJob")));
    assertEquals(
        List.of("line 1: expected at most 12 levels, but there are more"),
        problems("a: " + "[".repeat(40) + "]".repeat(40)));
    assertEquals(1, problems(Jobs.MNIST + "---\nkind: other\n").size());
    assertEquals(1, problems(Jobs.edited("TrainingJob", "!!java.net.URL TrainingJob")).size());
    assertEquals(1, problems("a: [" + "1, ".repeat(10) + "}").size());
    assertEquals(1, problems("a: " + "[".repeat(100_000)).size());
    assertEquals(
        List.of("expected UTF-8 text, but it is not"), problems(new byte[] {'a', (byte) 0xff}));
    assertEquals(
        List.of("expected at most 262144 bytes, but there are more"),
        problems(new byte[JobFile.MAX_BYTES + 1]));
  }

  @Test
  void whateverTheBytesTheAnswerIsASpecOrARefusal() {
    byte[] original = Jobs.MNIST.getBytes(StandardCharsets.UTF_8);
    for (long seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = original.clone();
      for (int i = 0; i <= random.nextInt(4); i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        JobFile.parse(bytes);
      } catch (JobRefused refused) {
        assertTrue(refused.brief().matches("[ -~]{1,240}"), "seed " + seed);
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static List<String> problems(String yaml) {
    return problems(yaml.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> problems(byte[] bytes) {
    return assertThrows(JobRefused.class, () -> JobFile.parse(bytes)).problems().stream()
        .map(Problem::toString)
        .toList();
  }
}
