package io.shardex.cli;

import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.Stamp;
import io.shardex.protocol.client.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * What the nodes tell of a job's past.
 *
 * @param entries its events, oldest first
 * @param whole whether none was left out
 */
public record JobHistory(JobId job, List<Entry> entries, boolean whole) {
  /** Nodes tell what they remember without a pause. */
  public static final Duration QUIET = Duration.ofSeconds(1);

  /** How much longer the first word may take: the way to the node is to be opened. */
  private static final int FIRST = 3;

  public JobHistory {
    entries = List.copyOf(entries);
  }

  /** An event and the place in the log of the command that caused it. */
  public record Entry(Stamp at, Event event) {}

  /**
   * Reads until the job has left the state or nothing more comes.
   *
   * @param quiet how long nothing comes when all was told
   */
  public static JobHistory read(Marketplace market, JobId job, Duration quiet)
      throws InterruptedException {
    BlockingQueue<Optional<Entry>> told = new LinkedBlockingQueue<>();
    Marketplace.Following following = market.watch(job, new Reader(told));
    try {
      return read(job, told, quiet);
    } finally {
      following.close();
    }
  }

  private static JobHistory read(JobId job, BlockingQueue<Optional<Entry>> told, Duration quiet)
      throws InterruptedException {
    List<Entry> entries = new ArrayList<>();
    boolean whole = true;
    Optional<Entry> next = told.poll(FIRST * quiet.toMillis(), TimeUnit.MILLISECONDS);
    while (next != null) {
      next.ifPresent(entries::add);
      whole &= next.isPresent();
      boolean last = next.filter(one -> one.event() instanceof Event.JobArchived).isPresent();
      next = last ? null : told.poll(quiet.toMillis(), TimeUnit.MILLISECONDS);
    }
    return new JobHistory(job, entries, whole);
  }

  /** What its builder was told when it was submitted, unless that is not told any more. */
  public Optional<Event.JobSubmitted> submission() {
    return entries.stream()
        .map(Entry::event)
        .filter(Event.JobSubmitted.class::isInstance)
        .map(Event.JobSubmitted.class::cast)
        .findFirst();
  }

  /** The job after the last entry; empty unless its history is told from the start. */
  public Optional<JobView> view() {
    return submission()
        .filter(submitted -> whole)
        .map(
            submitted -> {
              JobCourse course =
                  new JobCourse(job, submitted.terms().rounds(), submitted.terms().shards());
              entries.forEach(entry -> course.heard(entry.at().index(), List.of(entry.event())));
              return course.view();
            });
  }

  /** An empty element stands for events that were left out. */
  private record Reader(BlockingQueue<Optional<Entry>> told) implements Watch.Reader {
    @Override
    public void committed(Stamp at, List<Event> events) {
      events.forEach(event -> told.add(Optional.of(new Entry(at, event))));
    }

    @Override
    public void resync(long index) {
      told.add(Optional.empty());
    }
  }
}
