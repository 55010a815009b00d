package io.shardex.protocol.job;

import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Job files and networks for tests. */
final class Jobs {
  /** The example of the design, with paths beside the file. */
  static final String MNIST =
      """
      apiVersion: shardex.io/v1
      kind: TrainingJob
      metadata: {name: mnist-mlp}
      spec:
        model:   {kind: mlp, layers: [784, 256, 10], activation: relu, seed: 7}
        data:
          format: idx
          train: {images: train-images, labels: train-labels}
          test: {images: test-images, labels: test-labels}
        shards:  6
        rounds:  10
        local:   {optimizer: sgd, learningRate: 0.05, momentum: 0.9, batchSize: 32, epochs: 1}
        outer:   {optimizer: average}
        resources: {accelerator: any}
        price:   {budget: "5.00", maxPerHour: "0.40"}
        deadline: 30m
        verification: {audit: 20%}
      """;

  private Jobs() {}

  static JobFile parse(String yaml) throws JobRefused {
    return JobFile.parse(yaml.getBytes(StandardCharsets.UTF_8));
  }

  /** The example's spec with one text exchanged for another. */
  static JobSpec with(String text, String other) throws JobRefused {
    return parse(edited(text, other)).spec();
  }

  static String edited(String text, String other) {
    if (!MNIST.contains(text)) {
      throw new IllegalArgumentException("the example has no " + text);
    }
    return MNIST.replace(text, other);
  }

  /** A network of one validator with these classes; each does a million WU an hour. */
  static Network network(String... classes) {
    Address somebody = new Address(0, 0, 1);
    return new Network(
        31_337,
        new Address(0, 0, 2),
        new Address(0, 0, 3),
        new Address(0, 0, 4),
        new Address(0, 0, 5),
        0,
        somebody,
        List.of(somebody),
        List.of(),
        1,
        List.of(classes).stream().map(Jobs::machine).toList(),
        Rules.local());
  }

  private static Network.ClassTerms machine(String name) {
    return new Network.ClassTerms(
        new ResourceClass(name), new UnitPrice(100_000), new WorkUnits(1_000_000));
  }
}
