package io.shardex.ops.up;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps parts running: one that ends by itself is started again after a pause, which doubles while
 * it does not hold out for a minute. Process ids stand in the folder's {@code run/NAME.pid}.
 */
final class Supervisor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
  private static final Duration HELD_OUT = Duration.ofMinutes(1);
  private static final int DOUBLINGS = 4;

  private final UpFolder folder;
  private final Duration pause;
  private final Consumer<String> say;
  private final ScheduledExecutorService later =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("supervisor").factory());

  private final Map<String, Part.Running> running = new HashMap<>();

  /** Names of parts that were started at the same time, in the order of their starts. */
  private final List<List<String>> groups = new ArrayList<>();

  private boolean closed;

  /**
   * @param pause before a part is started again
   * @param say hears of every end and restart
   */
  Supervisor(UpFolder folder, Duration pause, Consumer<String> say) {
    this.folder = folder;
    this.pause = pause;
    this.say = say;
  }

  /** Starts parts at the same time; throws the first failure of a first start. */
  void start(List<? extends Part> parts) throws Exception {
    List<Future<?>> starts = new ArrayList<>();
    synchronized (this) {
      groups.add(parts.stream().map(Part::name).toList());
    }
    try (ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("start-", 1).factory())) {
      for (Part part : parts) {
        starts.add(
            threads.submit(
                () -> {
                  run(part, 0);
                  return null;
                }));
      }
      for (Future<?> start : starts) {
        start.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception failure) {
        throw failure;
      }
      throw e;
    }
  }

  private void run(Part part, int failures) throws Exception {
    Part.Running started = part.start();
    long at = System.nanoTime();
    boolean unwanted;
    synchronized (this) {
      unwanted = closed;
      if (!unwanted) {
        running.put(part.name(), started);
        note(part.name(), started.pid());
      }
    }
    if (unwanted) {
      started.close();
      return;
    }
    var unused =
        started
            .ended()
            .thenAccept(
                how -> {
                  boolean heldOut = System.nanoTime() - at > HELD_OUT.toNanos();
                  ended(part, started, how, heldOut ? 0 : failures);
                });
  }

  private void ended(Part part, Part.Running was, String how, int failures) {
    synchronized (this) {
      if (closed || running.get(part.name()) != was) {
        return;
      }
    }
    again(part, part.name() + " " + how, failures);
  }

  private void again(Part part, String what, int failures) {
    Duration wait = pause.multipliedBy(1L << Math.min(failures, DOUBLINGS));
    say.accept("%s; it is started again in %d s".formatted(what, wait.toSeconds()));
    var unused =
        later.schedule(
            () -> {
              synchronized (this) {
                if (closed) {
                  return;
                }
              }
              try {
                run(part, failures + 1);
                say.accept(part.name() + " is started again");
              } catch (Exception e) {
                LOG.warn("{} did not start", part.name(), e);
                again(part, part.name() + " did not start: " + e.getMessage(), failures + 1);
              }
            },
            wait.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private void note(String name, OptionalLong pid) {
    try {
      if (pid.isPresent()) {
        Files.writeString(folder.pid(name), pid.getAsLong() + "\n");
      }
    } catch (IOException e) {
      LOG.warn("the process id of {} cannot be written", name, e);
    }
  }

  /** Ends a part for good, if it runs. */
  private void end(String name) {
    Part.Running part;
    synchronized (this) {
      part = running.remove(name);
    }
    if (part != null) {
      part.close();
    }
    try {
      Files.deleteIfExists(folder.pid(name));
    } catch (IOException e) {
      LOG.warn("the process id of {} cannot be removed", name, e);
    }
  }

  /** Ends all: those started together at the same time, the last started first. */
  @Override
  public void close() {
    List<List<String>> started;
    synchronized (this) {
      closed = true;
      started = List.copyOf(groups);
    }
    later.shutdownNow();
    started.reversed().forEach(this::endTogether);
  }

  private void endTogether(List<String> group) {
    try (ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("end-", 1).factory())) {
      group.forEach(name -> threads.execute(() -> end(name)));
    }
  }
}
