package io.shardex.protocol.job;

/** Job files of kind CommandJob for tests. */
final class Commands {
  static final String TRAIN =
      """
      apiVersion: shardex.io/v1
      kind: CommandJob
      metadata: {name: my-training}
      spec:
        command: [python3, train.py, --epochs, "3"]
        image: {format: tar, file: root.tar}
        inputs:
          - {name: train.py, file: train.py}
          - {name: corpus, blob: %s, bytes: 1000}
        environment: [LANG=C.UTF-8, "GREETING=a = b"]
        limits: {memoryMiB: 512, cpuMillis: 1500, pids: 64, diskMiB: 256, minutes: 30, outputMiB: 8}
        network: true
        checkpoint: {every: 1m}
        shards: 4
        resources: {accelerator: cpu}
        price: {budget: "5.00", maxPerHour: "0.40"}
        deadline: 2h
      """
          .formatted("ab".repeat(32));

  private Commands() {}

  static CommandSpec parse(String yaml) throws JobRefused {
    return (CommandSpec) Jobs.parse(yaml).content();
  }

  /** The example with one text exchanged for another. */
  static CommandSpec with(String text, String other) throws JobRefused {
    return parse(edited(text, other));
  }

  static String edited(String text, String other) {
    if (!TRAIN.contains(text)) {
      throw new IllegalArgumentException("the example has no " + text);
    }
    return TRAIN.replace(text, other);
  }
}
