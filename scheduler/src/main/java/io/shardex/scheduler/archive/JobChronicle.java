package io.shardex.scheduler.archive;

import io.shardex.market.Address;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.Stamp;
import io.shardex.market.state.MarketState;
import io.shardex.scheduler.events.JobsOf;
import io.shardex.scheduler.replica.LogKeeper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Every job's history on this node's disk: one file a job, named by its id, with the events that
 * concern it, and the file {@code ended} with the final facts of every settled job, in the order of
 * settlement. The market forgets a settled job; this does not.
 *
 * <p>One thread writes, any may read.
 */
public final class JobChronicle implements AutoCloseable {
  /** Files kept open for writing. */
  private static final int OPEN_FILES = 64;

  private static final String ENDED = "ended";

  private final Path folder;
  private final StampedFile<EndedJob, EndedJob.Place> ended;
  private final LinkedHashMap<JobId, StampedFile<Chronicled, Stamp>> open =
      new LinkedHashMap<>(16, 0.75f, true);
  private Set<Path> unsynced = new HashSet<>();
  private volatile @Nullable UncheckedIOException failure;

  /**
   * Some ended jobs.
   *
   * @param next what to ask for to get those that follow
   */
  public record Page(List<EndedJob> jobs, long next, boolean more) {
    public Page {
      jobs = List.copyOf(jobs);
    }
  }

  /** Takes one piece of a job's history; answers whether it wants another. */
  @FunctionalInterface
  public interface Reader {
    boolean read(Chronicled what);
  }

  private JobChronicle(Path folder, StampedFile<EndedJob, EndedJob.Place> ended) {
    this.folder = folder;
    this.ended = ended;
  }

  public static JobChronicle open(Path folder) throws IOException {
    Files.createDirectories(folder);
    return new JobChronicle(
        folder, StampedFile.open(folder.resolve(ENDED), EndedJob.CODEC, EndedJob::place));
  }

  /** Keeps what an accepted command came to for the jobs it concerns. */
  void happened(Stamp at, List<Event> events, MarketState after) {
    UncheckedIOException failed = failure;
    if (failed != null) {
      throw failed;
    }
    Map<JobId, List<Event>> byJob = new LinkedHashMap<>();
    for (Event event : events) {
      JobsOf.of(event)
          .forEach(job -> byJob.computeIfAbsent(job, any -> new ArrayList<>()).add(event));
    }
    try {
      for (Map.Entry<JobId, List<Event>> concerned : byJob.entrySet()) {
        keep(concerned.getKey(), new Chronicled(at, after.clock().millis(), concerned.getValue()));
      }
      for (JobId settled : settledIn(events)) {
        end(at, settled, after);
      }
    } catch (IOException e) {
      throw fail(at.index(), e);
    }
  }

  /** All that was kept so far, to be synced on any thread. */
  LogKeeper.Durable written() {
    Set<Path> files = unsynced;
    unsynced = new HashSet<>();
    return () -> {
      try {
        for (Path file : files) {
          sync(file, StandardOpenOption.WRITE);
        }
        sync(folder, StandardOpenOption.READ);
      } catch (IOException e) {
        fail(-1, e); // the next event stops the node
        throw e;
      }
    };
  }

  /** A job's history between two indices, both included, in the log's order. */
  public void read(JobId job, long from, long to, Reader reader) throws IOException {
    try (var history = StampedFile.values(fileOf(job), 0, Chronicled.CODEC)) {
      Optional<Chronicled> next = history.next();
      while (next.isPresent() && next.get().at().index() <= to) {
        if (next.get().at().index() >= from && !reader.read(next.get())) {
          return;
        }
        next = history.next();
      }
    }
  }

  /**
   * Settled jobs in the order of settlement.
   *
   * @param builder only this one's
   * @param after 0, or the page before's {@link Page#next}
   * @param limit how many at most, at least 1
   */
  public Page ended(Optional<Address> builder, long after, int limit) throws IOException {
    List<EndedJob> found = new ArrayList<>();
    try (var all = StampedFile.values(folder.resolve(ENDED), after, EndedJob.CODEC)) {
      long position = all.position();
      Optional<EndedJob> next = all.next();
      while (next.isPresent()) {
        if (builder.isEmpty() || builder.get().equals(next.get().job().deposit().builder())) {
          if (found.size() == limit) {
            return new Page(found, position, true);
          }
          found.add(next.get());
        }
        position = all.position();
        next = all.next();
      }
      return new Page(found, position, false);
    }
  }

  @Override
  public void close() throws IOException {
    ended.close();
    for (StampedFile<Chronicled, Stamp> file : open.values()) {
      file.close();
    }
    open.clear();
  }

  private void keep(JobId job, Chronicled what) throws IOException {
    StampedFile<Chronicled, Stamp> file = open.get(job);
    if (file == null) {
      file = StampedFile.open(fileOf(job), Chronicled.CODEC, Chronicled::at);
      open.put(job, file);
      closeOldest();
    }
    if (file.append(what)) {
      unsynced.add(fileOf(job));
    }
  }

  private static SortedSet<JobId> settledIn(List<Event> events) {
    TreeSet<JobId> settled = new TreeSet<>();
    for (Event event : events) {
      if (event instanceof Event.JobSettled one) {
        settled.add(one.job());
      }
    }
    return settled;
  }

  private void end(Stamp at, JobId id, MarketState after) throws IOException {
    var job = after.job(id);
    if (job.isPresent()
        && ended.append(EndedJob.of(at, job.get(), after.ledger(), submittedMillis(id)))) {
      unsynced.add(folder.resolve(ENDED));
    }
  }

  private long submittedMillis(JobId job) throws IOException {
    long[] found = {0};
    read(
        job,
        0,
        Long.MAX_VALUE,
        what -> {
          if (what.events().stream().anyMatch(Event.JobSubmitted.class::isInstance)) {
            found[0] = what.clockMillis();
          }
          return found[0] == 0;
        });
    return found[0];
  }

  private void closeOldest() throws IOException {
    if (open.size() > OPEN_FILES) {
      open.pollFirstEntry().getValue().close();
    }
  }

  private Path fileOf(JobId job) {
    return folder.resolve(job.toString());
  }

  private UncheckedIOException fail(long index, IOException e) {
    UncheckedIOException failed =
        new UncheckedIOException(
            "the chronicle of jobs in %s cannot be written%s: %s"
                .formatted(folder, index < 0 ? "" : " at index " + index, e.getMessage()),
            e);
    failure = failed;
    return failed;
  }

  private static void sync(Path path, StandardOpenOption how) throws IOException {
    try (FileChannel channel = FileChannel.open(path, how)) {
      channel.force(true);
    }
  }
}
