package io.shardex.scheduler.attest;

import io.shardex.market.Digest;
import io.shardex.market.Network;
import io.shardex.market.state.Job;
import io.shardex.market.state.Result;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.job.CommandInputs;
import io.shardex.protocol.job.CommandSpec;
import io.shardex.protocol.job.JobContent;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobPlan;
import io.shardex.protocol.job.JobRefused;
import io.shardex.protocol.job.JobSpec;
import io.shardex.protocol.job.ShardInputs;
import io.shardex.protocol.job.TrainingInputs;
import io.shardex.scheduler.attest.Witness.CannotTell;
import io.shardex.scheduler.grid.BlobGrid;
import io.shardex.scheduler.grid.GridFailure;
import io.shardex.training.spec.TrainingSpec;
import java.time.Instant;

/** Reads what a job is made of out of the grid. */
final class JobLibrary {
  /** More than any job file or data description may have. */
  private static final int SMALL_BYTES = 1 << 20;

  private final BlobGrid grid;

  JobLibrary(BlobGrid grid) {
    this.grid = grid;
  }

  /** What a job's file asks for, or why it is no job file. */
  JobContent content(Job job) throws CannotTell, JobRefused {
    return JobFile.parse(small(job.deposit().spec(), "the job file")).content();
  }

  /** What a funded job's workers run. */
  CommandSpec command(Job job) throws CannotTell {
    try {
      return JobFile.parse(small(job.deposit().spec(), "the job file")).command();
    } catch (JobRefused e) {
      throw new CannotTell("job " + job.id() + " was funded, but cannot be read", e);
    }
  }

  /** What a command job is made from; {@link IllegalArgumentException} if the blob is not that. */
  CommandInputs inputs(Job job) throws CannotTell {
    return CommandInputs.decode(small(job.terms().data(), "the inputs' description"));
  }

  /** A training job's specification, or why its file is not one. */
  JobSpec spec(Job job) throws CannotTell, JobRefused {
    return JobFile.parse(small(job.deposit().spec(), "the job file")).spec();
  }

  /** What a training job is made from; {@link IllegalArgumentException} if the blob is not that. */
  TrainingInputs trainingInputs(Job job) throws CannotTell {
    return TrainingInputs.decode(small(job.terms().data(), "the data description"));
  }

  /** What a funded job's workers train. */
  TrainingSpec training(Job job, Network network) throws CannotTell {
    try {
      return JobPlan.of(spec(job), trainingInputs(job), network, Instant.EPOCH).training();
    } catch (JobRefused | IllegalArgumentException e) {
      throw new CannotTell("job " + job.id() + " was funded, but cannot be read", e);
    }
  }

  /** All that executing the shard of a result needs. */
  ShardInputs inputs(Job job, Network network, Result result) throws CannotTell {
    ShardInputs.Place place =
        new ShardInputs.Place(
            job.deposit().spec(), result.claim().base(), result.id().round(), result.id().shard());
    try {
      return ShardInputs.read(training(job, network), trainingInputs(job), place, blobs());
    } catch (ShardInputs.Unusable | IllegalArgumentException e) {
      throw new CannotTell("shard " + result.id() + " cannot be put together", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CannotTell("the node stops", e);
    }
  }

  private ShardInputs.Blobs<CannotTell> blobs() {
    return new ShardInputs.Blobs<>() {
      @Override
      public byte[] whole(Digest blob, int most) throws CannotTell {
        return load(blob, "blob " + blob.hex(), most);
      }

      @Override
      public byte[] range(Digest blob, long blobBytes, long offset, int length) throws CannotTell {
        return part(blob, offset, length);
      }
    };
  }

  /** Reads only the chunks that the part lies in. */
  private byte[] part(Digest blob, long offset, int length) throws CannotTell {
    String what = "blob " + blob.hex();
    try {
      Manifest manifest =
          grid.manifest(blob).orElseThrow(() -> new Absent(what + " is not in the grid"));
      byte[] part = new byte[length];
      for (int i = 0; i < manifest.chunks().size(); i++) {
        long from = Math.max(offset, manifest.chunkOffset(i));
        long to = Math.min(offset + length, manifest.chunkOffset(i) + manifest.chunkBytes(i));
        if (from < to) {
          byte[] chunk =
              grid.chunk(manifest.chunks().get(i))
                  .orElseThrow(() -> new Absent(what + " is not all there"));
          int start = (int) (from - manifest.chunkOffset(i));
          System.arraycopy(chunk, start, part, (int) (from - offset), (int) (to - from));
        }
      }
      return part;
    } catch (GridFailure e) {
      throw new CannotTell(what + " cannot be read: " + e.getMessage(), e);
    }
  }

  byte[] load(Digest blob, String what, long mostBytes) throws CannotTell {
    try {
      Manifest manifest =
          grid.manifest(blob).orElseThrow(() -> new Absent(what + " is not in the grid"));
      long size = manifest.totalBytes();
      if (size > mostBytes) {
        throw new TooLarge(what + " has " + size + " bytes, more than " + mostBytes);
      }
      return grid.content(manifest).orElseThrow(() -> new Absent(what + " is not all there"));
    } catch (GridFailure e) {
      throw new CannotTell(what + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** The grid answers, and it does not have the blob. */
  static final class Absent extends CannotTell {
    private static final long serialVersionUID = 1;

    Absent(String message) {
      super(message);
    }
  }

  /** The blob is there, and it is not what it should be. */
  static final class TooLarge extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    TooLarge(String message) {
      super(message);
    }
  }

  private byte[] small(Digest blob, String what) throws CannotTell {
    return load(blob, what, SMALL_BYTES);
  }
}
