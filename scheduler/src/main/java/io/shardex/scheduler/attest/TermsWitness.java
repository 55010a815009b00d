package io.shardex.scheduler.attest;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.state.Job;
import io.shardex.market.state.MarketState;
import io.shardex.protocol.job.CommandInputs;
import io.shardex.protocol.job.CommandPlan;
import io.shardex.protocol.job.CommandSpec;
import io.shardex.protocol.job.DataDescription;
import io.shardex.protocol.job.JobPlan;
import io.shardex.protocol.job.JobRefused;
import io.shardex.protocol.job.JobSpec;
import io.shardex.scheduler.grid.BlobGrid;
import io.shardex.scheduler.grid.BlobStat;
import io.shardex.scheduler.grid.GridFailure;
import io.shardex.scheduler.grid.Uploader;
import io.shardex.scheduler.replica.MarketReplica;
import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.data.IdxHeader;
import io.shardex.training.data.MalformedIdx;
import io.shardex.training.model.RoundModel;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a job's terms follow from its file, and its data is there and of the described shape. If
 * so, it makes the initial model from the job's seed and stores it.
 */
public final class TermsWitness implements Witness<Fact.TermsOf> {
  private final MarketReplica replica;
  private final BlobGrid grid;
  private final String uploader;
  private final JobLibrary jobs;

  /**
   * A witness for one validator.
   *
   * @param validator whose quota pays for the models it stores
   */
  public TermsWitness(MarketReplica replica, BlobGrid grid, Address validator) {
    this.replica = replica;
    this.uploader = Uploader.VALIDATOR.named(validator);
    this.grid = grid;
    this.jobs = new JobLibrary(grid);
  }

  @Override
  public Statement look(Fact.TermsOf fact) throws CannotTell {
    Job job =
        replica
            .read(state -> state.job(fact.job()))
            .orElseThrow(() -> new CannotTell("job " + fact.job() + " is gone"));
    Network network = replica.read(state -> state.network());
    try {
      return new Statement(fact, value(job, network));
    } catch (GridFailure e) {
      throw new CannotTell("the grid cannot serve: " + e.getMessage(), e);
    }
  }

  private FactValue value(Job job, Network network) throws CannotTell {
    try {
      return switch (jobs.content(job)) {
        case JobSpec training -> training(job, training, network);
        case CommandSpec command -> command(job, command, network);
      };
    } catch (JobRefused e) {
      return new FactValue.TermsRefused(e.brief());
    } catch (JobLibrary.TooLarge e) {
      return new FactValue.TermsRefused(String.valueOf(e.getMessage()));
    }
  }

  private FactValue training(Job job, JobSpec spec, Network network) throws CannotTell {
    DataDescription data;
    try {
      data = jobs.data(job);
    } catch (JobLibrary.TooLarge e) {
      throw e;
    } catch (IllegalArgumentException e) {
      return new FactValue.TermsRefused("the blob that terms.data names is no data description");
    }
    Optional<String> refusal =
        refusal(job.terms(), spec, data, network).or(() -> dataRefusal(data));
    return refusal.isPresent()
        ? new FactValue.TermsRefused(refusal.get())
        : new FactValue.TermsHold(storeInitialModel(spec));
  }

  /** A command starts from its inputs, so their description is what its "initial model" is. */
  private FactValue command(Job job, CommandSpec spec, Network network) throws CannotTell {
    CommandInputs inputs;
    try {
      inputs = jobs.inputs(job);
    } catch (JobLibrary.TooLarge e) {
      throw e;
    } catch (IllegalArgumentException e) {
      return new FactValue.TermsRefused("the blob that terms.data names describes no inputs");
    }
    return CommandPlan.refusal(job.terms(), spec, inputs, network)
        .or(() -> inputs.blobs().stream().flatMap(blob -> inputRefusal(blob).stream()).findFirst())
        .or(() -> replica.read(state -> foreignRefusal(state, job, inputs)))
        .<FactValue>map(FactValue.TermsRefused::new)
        .orElseGet(() -> new FactValue.TermsHold(job.terms().data()));
  }

  private Optional<String> inputRefusal(CommandInputs.Blob blob) {
    if (!(grid.stat(blob.id()) instanceof BlobStat.Complete whole)) {
      return Optional.of("the input " + blob.id().hex() + " is not in the grid");
    }
    return whole.totalBytes() == blob.bytes()
        ? Optional.empty()
        : Optional.of(
            "the input %s does not have the described %d bytes"
                .formatted(blob.id().hex(), blob.bytes()));
  }

  /**
   * The log names every job's file, models and results. A job that took another builder's for its
   * inputs would open them to its workers.
   */
  private static Optional<String> foreignRefusal(MarketState state, Job job, CommandInputs inputs) {
    Set<Digest> foreign = new HashSet<>();
    for (Job other : state.jobs().values()) {
      if (!other.deposit().builder().equals(job.deposit().builder())) {
        foreign.add(other.deposit().spec());
        foreign.add(other.terms().data());
        foreign.addAll(other.models());
        state.resultsOf(other.id()).values().forEach(one -> foreign.add(one.claim().shown()));
      }
    }
    return inputs.blobs().stream()
        .map(CommandInputs.Blob::id)
        .filter(foreign::contains)
        .findFirst()
        .map(blob -> "the input " + blob.hex() + " belongs to another builder's job");
  }

  private static Optional<String> refusal(
      JobTerms terms, JobSpec spec, DataDescription data, Network network) {
    return JobPlan.refusal(terms, spec, data, network);
  }

  private Optional<String> dataRefusal(DataDescription data) {
    return fileRefusal("images", data.images(), data.imagesBytes(), data.files().images())
        .or(() -> fileRefusal("labels", data.labels(), data.labelsBytes(), data.files().labels()));
  }

  /** Whether a data file is whole and begins with the header that its description claims. */
  private Optional<String> fileRefusal(String name, Digest blob, long bytes, IdxHeader expected) {
    if (!(grid.stat(blob) instanceof BlobStat.Complete whole)) {
      return Optional.of("the " + name + " file " + blob.hex() + " is not in the grid");
    }
    if (whole.totalBytes() != bytes) {
      return Optional.of("the " + name + " file does not have the described " + bytes + " bytes");
    }
    Optional<byte[]> head =
        grid.manifest(blob).flatMap(manifest -> grid.chunk(manifest.chunks().getFirst()));
    try {
      boolean fits =
          head.isPresent()
              && IdxHeader.parse(name, expected.kind(), prefix(head.get()), bytes).equals(expected);
      return fits
          ? Optional.empty()
          : Optional.of("the " + name + " file does not have the described shape");
    } catch (MalformedIdx e) {
      return Optional.of("the " + name + " file is not IDX");
    }
  }

  private static byte[] prefix(byte[] chunk) {
    return Arrays.copyOf(chunk, Math.min(IdxHeader.MAX_BYTES, chunk.length));
  }

  private Digest storeInitialModel(JobSpec spec) {
    RoundModel initial = InitialModel.of(spec.model());
    return grid.store(uploader, initial.encode());
  }
}
