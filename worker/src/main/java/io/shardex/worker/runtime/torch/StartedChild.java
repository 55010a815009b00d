package io.shardex.worker.runtime.torch;

import io.shardex.worker.runtime.sandbox.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A child with a folder of its own; both go when it is closed. */
final class StartedChild implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StartedChild.class);

  private final TorchProcess process;
  private final int heapMiB;
  private final Path scratch;
  private Optional<TorchReady> ready = Optional.empty();

  /** Makes a child's process. */
  interface Maker {
    ProcessBuilder child(TorchLimits limits, int heapMiB, Path scratch) throws IOException;
  }

  private StartedChild(TorchProcess process, int heapMiB, Path scratch) {
    this.process = process;
    this.heapMiB = heapMiB;
    this.scratch = scratch;
  }

  /** Starts one, on the processors of the calling thread; it loads libtorch meanwhile. */
  static StartedChild start(Maker maker, TorchLimits limits, int heapMiB) throws IOException {
    Path scratch = Files.createTempDirectory("shardex-torch");
    try {
      ProcessBuilder builder = maker.child(limits, heapMiB, scratch);
      TorchProcess process =
          TorchProcess.start(builder, line -> LOG.info("libtorch says: {}", line));
      return new StartedChild(process, heapMiB, scratch);
    } catch (IOException e) {
      Folders.remove(scratch);
      throw e;
    }
  }

  TorchProcess process() {
    return process;
  }

  /** What it said once libtorch was loaded; it says that once. */
  Optional<TorchReady> ready() {
    return ready;
  }

  /** It was heard to say so. */
  void isReady(TorchReady said) {
    ready = Optional.of(said);
  }

  /**
   * Whether it can serve another shard that needs this much heap on the calling thread's
   * processors: it waits, and its own are the same, which Linux may have narrowed since it was
   * started.
   */
  boolean serves(int neededMiB) {
    return heapMiB >= neededMiB
        && process.isIdle()
        && processors("thread-self").equals(processors(String.valueOf(process.pid())));
  }

  /** Empty for what does not live. */
  private static Optional<String> processors(String task) {
    try (Stream<String> lines = Files.lines(Path.of("/proc", task, "status"))) {
      Predicate<String> allowed = line -> line.startsWith("Cpus_allowed:");
      return lines.filter(allowed).findFirst();
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() throws IOException {
    process.close();
    Folders.remove(scratch);
  }
}
