package io.shardex.scheduler.archive;

import io.shardex.market.Address;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.Stamp;
import io.shardex.market.state.MarketState;
import io.shardex.scheduler.events.JobsOf;
import io.shardex.scheduler.replica.LogKeeper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Every job's history on this node's disk: one file a job, named by its id, with the events that
 * concern it, and the file {@code ended} with the final facts of every settled job, in the order of
 * settlement. The market forgets a settled job; this does not.
 *
 * <p>One thread writes, any may read.
 */
public final class JobChronicle implements AutoCloseable {
  private static final String ENDED = "ended";

  private final Path folder;
  private final StampedFile<EndedJob, EndedJob.Place> ended;
  private final Histories<JobId> histories;

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

  private JobChronicle(
      Path folder, Histories<JobId> histories, StampedFile<EndedJob, EndedJob.Place> ended) {
    this.folder = folder;
    this.histories = histories;
    this.ended = ended;
  }

  public static JobChronicle open(Path folder) throws IOException {
    Histories<JobId> histories = Histories.open(folder, "the chronicle of jobs");
    return new JobChronicle(
        folder,
        histories,
        StampedFile.open(folder.resolve(ENDED), EndedJob.CODEC, EndedJob::place));
  }

  /** Keeps what an accepted command came to for the jobs it concerns. */
  void happened(Stamp at, List<Event> events, MarketState after) {
    histories.requireSound();
    Map<JobId, List<Event>> byJob = new LinkedHashMap<>();
    for (Event event : events) {
      JobsOf.of(event)
          .forEach(job -> byJob.computeIfAbsent(job, any -> new ArrayList<>()).add(event));
    }
    try {
      for (Map.Entry<JobId, List<Event>> concerned : byJob.entrySet()) {
        histories.keep(
            concerned.getKey(), new Chronicled(at, after.clock().millis(), concerned.getValue()));
      }
      for (JobId settled : settledIn(events)) {
        end(at, settled, after);
      }
    } catch (IOException e) {
      throw histories.fail(at.index(), e);
    }
  }

  /** All that was kept so far, to be synced on any thread. */
  LogKeeper.Durable written() {
    return histories.written();
  }

  /** A job's history between two indices, both included, in the log's order. */
  public void read(JobId job, long from, long to, Reader reader) throws IOException {
    try (var history = histories.read(job, 0)) {
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
    histories.close();
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
      histories.touched(folder.resolve(ENDED));
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
}
