package io.shardex.protocol.job;

import io.shardex.market.CheckpointEvery;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.OuterSpec;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a job file of kind {@code TrainingJob} says. Every value is in its own range; whether they
 * fit together, the data and the network, {@link JobPlan} says.
 *
 * @param name 1 to 64 letters, digits, dots, dashes and underscores
 * @param audit share of the results to be audited
 * @param rollsBack whether rounds that rest on a lie are trained again
 * @param checkpoint how often a shard's state is saved; never if empty
 */
public record JobSpec(
    String name,
    Model model,
    Data data,
    int shards,
    int rounds,
    LocalSpec local,
    OuterSpec outer,
    Resources resources,
    Price price,
    Deadline deadline,
    PartsPerMillion audit,
    boolean rollsBack,
    Optional<CheckpointEvery> checkpoint)
    implements JobContent {

  /** The same without its own word on memory, so that a plan estimates it. */
  public JobSpec withoutMemory() {
    return new JobSpec(
        name,
        model,
        data,
        shards,
        rounds,
        local,
        outer,
        new Resources(resources.accelerator(), OptionalInt.empty()),
        price,
        deadline,
        audit,
        rollsBack,
        checkpoint);
  }

  /** What is trained. */
  public sealed interface Model {
    /** Seed of every random value of the job. */
    long seed();

    /** What a sample may be found to be. */
    int classes();

    /** A model of the market's own arithmetic. */
    record Reference(ModelSpec.Layered spec) implements Model {
      @Override
      public long seed() {
        return spec.seed();
      }

      @Override
      public int classes() {
        return spec.classes();
      }
    }

    /**
     * A builder's own module. Paths are relative to the job file; what its tensors are, {@link
     * TorchInputs} says.
     *
     * @param file the module, as {@code torch.jit.save} writes it
     * @param parameters its initial parameters, a safetensors file
     * @param classes logits of a sample
     * @param flopsPerSample products and sums of one sample's forward and backward pass, as the
     *     builder declares
     */
    record TorchScript(String file, String parameters, int classes, long flopsPerSample, long seed)
        implements Model {}
  }

  /**
   * The samples.
   *
   * @param limit train on the first {@code limit} samples only
   * @param test of the same format; stays with the builder, nobody else ever sees it
   */
  public record Data(SampleFiles train, OptionalInt limit, Optional<SampleFiles> test) {
    public Data {
      if (test.isPresent() && test.get().getClass() != train.getClass()) {
        throw new IllegalArgumentException(
            "expected test files of the training files' format, but they are " + test.get());
      }
    }
  }

  /**
   * The machines a job wants.
   *
   * @param accelerator a resource class of the network, or {@link #ANY}
   * @param memoryMiB memory a shard needs; estimated from the model when absent
   */
  public record Resources(String accelerator, OptionalInt memoryMiB) {
    /** The network's only class; refused where there are several. */
    public static final String ANY = "any";
  }

  /**
   * Money.
   *
   * @param budget what goes into escrow
   * @param maxPerHour the most a slot may cost an hour
   */
  public record Price(Amount budget, Amount maxPerHour) {}
}
