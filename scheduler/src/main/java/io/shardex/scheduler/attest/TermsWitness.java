package io.shardex.scheduler.attest;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.state.Job;
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
import java.util.Optional;

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
    JobSpec spec;
    DataDescription data;
    try {
      spec = jobs.spec(job);
      data = jobs.data(job);
    } catch (JobRefused e) {
      return new FactValue.TermsRefused(e.brief());
    } catch (JobLibrary.TooLarge e) {
      return new FactValue.TermsRefused(String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      return new FactValue.TermsRefused("the blob that terms.data names is no data description");
    }
    Optional<String> refusal =
        refusal(job.terms(), spec, data, network).or(() -> dataRefusal(data));
    return refusal.isPresent()
        ? new FactValue.TermsRefused(refusal.get())
        : new FactValue.TermsHold(storeInitialModel(spec));
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
