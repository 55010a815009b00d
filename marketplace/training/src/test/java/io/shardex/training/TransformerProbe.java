package io.shardex.training;

import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.arithmetic.LocalTraining;
import io.shardex.training.data.Samples;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * By hand: tokens per CPU-second of the reference language model on one thread, and how much faster
 * two threads are by the clock, medians of interleaved windows.
 */
final class TransformerProbe {
  private static final ModelSpec.Transformer MODEL =
      new ModelSpec.Transformer(128, 64, 64, 4, 2, 7);
  private static final LocalSpec ADAM = new LocalSpec.Adam(0.002f, 0.9f, 0.99f, 1e-8f, 16, 1);
  private static final int STEPS = 32;

  private TransformerProbe() {}

  /** One training and what its windows took. */
  private static final class Runs {
    private final LocalTraining training;
    private final double[] clock = new double[7];
    private double cpuRate;

    private Runs(RoundModel base, Samples samples, Lanes lanes) {
      training = new LocalTraining(base, ADAM, 0, samples, lanes);
    }

    private void window(int number) {
      long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      long start = System.nanoTime();
      for (int step = 0; step < STEPS; step++) {
        training.advance();
      }
      clock[number] = (System.nanoTime() - start) / 1e9;
      cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu;
      cpuRate = STEPS * ADAM.batchSize() * MODEL.window() / (cpu / 1e9);
    }

    private double median() {
      Arrays.sort(clock);
      return clock[clock.length / 2];
    }
  }

  public static void main(String[] args) {
    byte[] text = new byte[20_000 * MODEL.window() + 1];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) (i * 7 % 128);
    }
    Samples samples = Samples.windows(text, MODEL.window());
    RoundModel base = InitialModel.of(MODEL);
    System.out.println(MODEL.parameterCount() + " parameters");
    try (Lanes one = Lanes.of(1);
        Lanes two = Lanes.of(2)) {
      Runs single = new Runs(base, samples, one);
      Runs twin = new Runs(base, samples, two);
      for (int warm = 0; warm < 4; warm++) {
        single.window(0);
        twin.window(0);
      }
      for (int window = 0; window < 7; window++) {
        single.window(window);
        twin.window(window);
        System.out.printf("%.0f tokens a CPU-second on one thread%n", single.cpuRate);
      }
      System.out.println(
          "equal bits: " + single.training.parameters().equals(twin.training.parameters()));
      System.out.printf("two threads / one: %.2f%n", single.median() / twin.median());
    }
  }
}
