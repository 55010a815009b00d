package io.shardex.scheduler.attest;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
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
import io.shardex.protocol.job.TensorFile;
import io.shardex.protocol.job.TorchInputs;
import io.shardex.protocol.job.TrainingInputs;
import io.shardex.scheduler.grid.BlobGrid;
import io.shardex.scheduler.grid.BlobStat;
import io.shardex.scheduler.grid.GridFailure;
import io.shardex.scheduler.grid.Uploader;
import io.shardex.scheduler.replica.MarketReplica;
import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.data.IdxHeader;
import io.shardex.training.data.MalformedIdx;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.ModelSpec;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a job's terms follow from its file, and its data is there and of the described shape. If
 * so, it stores the model the first round starts from: made from the job's seed, or the parameters
 * of a builder's own module.
 */
public final class TermsWitness implements Witness<Fact.TermsOf> {
  /** Of a refusal, as long as one about a job file. */
  private static final int MOST_CHARS = 240;

  private static final byte[] ZIP = {'P', 'K', 3, 4};

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

  private FactValue training(Job job, JobSpec spec, Network network) throws CannotTell, JobRefused {
    TrainingInputs inputs;
    try {
      inputs = jobs.trainingInputs(job);
    } catch (JobLibrary.TooLarge e) {
      throw e;
    } catch (IllegalArgumentException e) {
      return new FactValue.TermsRefused("the blob that terms.data names is no data description");
    }
    Optional<String> refusal =
        JobPlan.refusal(job.terms(), spec, inputs, network)
            .or(() -> dataRefusal(inputs.data()))
            .or(() -> replica.read(state -> foreignRefusal(state, job, inputs.blobs())));
    if (refusal.isPresent()) {
      return new FactValue.TermsRefused(refusal.get());
    }
    ModelSpec model = JobPlan.model(spec, inputs);
    return switch (inputs) {
      case DataDescription data -> new FactValue.TermsHold(store(InitialModel.of(model)));
      case TorchInputs files -> module(model, files);
    };
  }

  /** A builder's module trains from the parameters that came with it. */
  private FactValue module(ModelSpec model, TorchInputs files) throws CannotTell {
    Optional<String> refusal =
        inputRefusal("module", files.module())
            .or(() -> inputRefusal("parameters", files.parameters()))
            .or(() -> moduleRefusal(files.module().id()));
    if (refusal.isPresent()) {
      return new FactValue.TermsRefused(refusal.get());
    }
    try {
      TensorFile file =
          TensorFile.read(
              jobs.load(files.parameters().id(), "the parameters", TensorFile.MAX_BYTES));
      if (!file.tensors().equals(files.tensors())) {
        return new FactValue.TermsRefused("the parameters do not have the described tensors");
      }
      return file.parameters().finite()
          ? new FactValue.TermsHold(store(new RoundModel(model, 0, file.parameters())))
          : new FactValue.TermsRefused("the parameters are not all finite");
    } catch (JobLibrary.TooLarge e) {
      throw e;
    } catch (IllegalArgumentException e) {
      String why = "the parameters: " + e.getMessage();
      return new FactValue.TermsRefused(why.substring(0, Math.min(MOST_CHARS, why.length())));
    }
  }

  /** Whether it is a zip archive, as TorchScript's are; what is in it, only a worker looks at. */
  private Optional<String> moduleRefusal(Digest module) {
    boolean zip =
        grid.manifest(module)
            .flatMap(manifest -> grid.chunk(manifest.chunks().getFirst()))
            .filter(chunk -> chunk.length >= ZIP.length)
            .filter(chunk -> Arrays.equals(chunk, 0, ZIP.length, ZIP, 0, ZIP.length))
            .isPresent();
    return zip ? Optional.empty() : Optional.of("the module is no TorchScript archive");
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
        .or(
            () ->
                inputs.blobs().stream()
                    .flatMap(blob -> inputRefusal("input", blob).stream())
                    .findFirst())
        .or(
            () -> {
              List<Digest> blobs = inputs.blobs().stream().map(CommandInputs.Blob::id).toList();
              return replica.read(state -> foreignRefusal(state, job, blobs));
            })
        .<FactValue>map(FactValue.TermsRefused::new)
        .orElseGet(() -> new FactValue.TermsHold(job.terms().data()));
  }

  private Optional<String> inputRefusal(String what, CommandInputs.Blob blob) {
    if (!(grid.stat(blob.id()) instanceof BlobStat.Complete whole)) {
      return Optional.of("the %s %s is not in the grid".formatted(what, blob.id().hex()));
    }
    return whole.totalBytes() == blob.bytes()
        ? Optional.empty()
        : Optional.of(
            "the %s %s does not have the described %d bytes"
                .formatted(what, blob.id().hex(), blob.bytes()));
  }

  /**
   * The log names every job's file, models and results. A job that took another builder's for its
   * inputs would open them to its workers.
   */
  private static Optional<String> foreignRefusal(MarketState state, Job job, List<Digest> inputs) {
    Set<Digest> foreign = new HashSet<>();
    for (Job other : state.jobs().values()) {
      if (!other.deposit().builder().equals(job.deposit().builder())) {
        foreign.add(other.deposit().spec());
        foreign.add(other.terms().data());
        foreign.addAll(other.models());
        state.resultsOf(other.id()).values().forEach(one -> foreign.add(one.claim().shown()));
      }
    }
    return inputs.stream()
        .filter(foreign::contains)
        .findFirst()
        .map(blob -> "the input " + blob.hex() + " belongs to another builder's job");
  }

  private Optional<String> dataRefusal(DataDescription data) {
    return switch (data) {
      case DataDescription.Idx idx ->
          idxRefusal("images", idx.images(), idx.imagesBytes(), idx.files().images())
              .or(
                  () ->
                      idxRefusal("labels", idx.labels(), idx.labelsBytes(), idx.files().labels()));
      case DataDescription.Text text -> fileRefusal("text", text.text(), text.bytes());
    };
  }

  /** Whether a data file is whole and as long as its description claims. */
  private Optional<String> fileRefusal(String name, Digest blob, long bytes) {
    if (!(grid.stat(blob) instanceof BlobStat.Complete whole)) {
      return Optional.of("the " + name + " file " + blob.hex() + " is not in the grid");
    }
    return whole.totalBytes() == bytes
        ? Optional.empty()
        : Optional.of("the " + name + " file does not have the described " + bytes + " bytes");
  }

  /** Whether a data file also begins with the header that its description claims. */
  private Optional<String> idxRefusal(String name, Digest blob, long bytes, IdxHeader expected) {
    Optional<String> refusal = fileRefusal(name, blob, bytes);
    if (refusal.isPresent()) {
      return refusal;
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

  private Digest store(RoundModel initial) {
    return grid.store(uploader, initial.encode());
  }
}
