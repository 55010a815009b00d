package io.shardex.worker.runtime.torch;

import io.shardex.worker.runtime.sandbox.LogPipe;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A child as its parent sees it: frames in and out, each on a thread of its own, so that nothing a
 * child does or leaves undone holds the parent up. Closing kills it.
 */
final class TorchProcess implements AutoCloseable {
  private static final int FRAMES = 64;
  private static final long LOG_BYTES = 256 << 10;
  private static final long ENDING_MILLIS = 2_000;

  private final Process process;
  private final BlockingQueue<Heard> heard = new ArrayBlockingQueue<>(FRAMES);
  private volatile String lastLine = "";
  private volatile boolean closed;
  private @Nullable Thread log;
  private @Nullable Thread writing;

  /** What came: a frame, or the last one was and this is why. */
  private record Heard(@Nullable Frame frame, String end) {}

  /** The child ended, or does not speak the protocol. */
  static final class Ended extends Exception {
    private static final long serialVersionUID = 1;

    Ended(String message) {
      super(message);
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }

  private TorchProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts a child.
   *
   * @param said gets a bounded part of what it says on its error output, line by line
   * @throws IOException when there is no such program
   */
  static TorchProcess start(ProcessBuilder builder, Consumer<String> said) throws IOException {
    TorchProcess child = new TorchProcess(builder.start());
    var unused = thread("torch-frames", child::listen);
    child.log = thread("torch-log", () -> child.log(said));
    return child;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Whether it lives, was sent all that there was to send, and has said nothing since it was last
   * heard. What it says before it is sent a job is no answer to that job.
   */
  boolean isIdle() {
    return process.isAlive() && !isWriting() && heard.isEmpty();
  }

  private boolean isWriting() {
    return writing != null && writing.isAlive();
  }

  long pid() {
    return process.pid();
  }

  private static Thread thread(String name, Runnable work) {
    return Thread.ofPlatform().daemon().name(name).start(work);
  }

  private void listen() {
    String end = "";
    try (InputStream answers = process.getInputStream()) {
      DataInputStream in = new DataInputStream(new BufferedInputStream(answers));
      while (!closed) {
        Optional<Frame> frame = Frame.read(in);
        if (frame.isEmpty()) {
          break;
        }
        hear(new Heard(frame.get(), ""));
      }
    } catch (Frame.Malformed e) {
      end = "libtorch's process does not keep to the protocol: " + e.getMessage();
    } catch (IOException e) {
      // It ended in the middle of a frame; its exit code says more.
    } catch (InterruptedException e) {
      return;
    }
    try {
      hear(new Heard(null, end));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for room, unless nobody will take it any more. */
  private void hear(Heard next) throws InterruptedException {
    boolean taken = false;
    while (!closed && !taken) {
      taken = heard.offer(next, 100, TimeUnit.MILLISECONDS);
    }
  }

  private void log(Consumer<String> said) {
    try (InputStream errors = process.getErrorStream()) {
      new LogPipe(
              line -> {
                lastLine = line;
                said.accept(line);
              },
              LOG_BYTES)
          .drain(errors);
    } catch (IOException e) {
      // The child is gone.
    }
  }

  /**
   * Sends a job, without waiting; a child that does not read it is a child that does not answer.
   */
  void send(ChildJob job) {
    write(job::write);
  }

  /**
   * Asks for the state in the same way, from the same thread.
   *
   * @return false while what was sent before is still to be read
   */
  boolean askForState() {
    if (isWriting()) {
      return false;
    }
    write(
        out -> {
          Frame.of(Frame.Kind.SAVE, body -> {}).write(out);
          out.flush();
        });
    return true;
  }

  private void write(Frame.Body words) {
    writing =
        thread(
            "torch-words",
            () -> {
              try {
                words.write(
                    new DataOutputStream(new BufferedOutputStream(process.getOutputStream())));
              } catch (IOException e) {
                // The child is gone, and whoever waits for its answer hears of that.
              }
            });
  }

  /**
   * The next frame, if one comes in time.
   *
   * @throws Ended when there is none to come
   */
  Optional<Frame> next(Duration atMost) throws Ended, InterruptedException {
    Heard next = heard.poll(atMost.toNanos(), TimeUnit.NANOSECONDS);
    if (next == null) {
      return Optional.empty();
    }
    if (next.frame() == null) {
      throw new Ended(next.end().isEmpty() ? ending() : next.end());
    }
    return Optional.of(next.frame());
  }

  private String ending() throws InterruptedException {
    if (!process.waitFor(ENDING_MILLIS, TimeUnit.MILLISECONDS)) {
      return "libtorch's process closed its answers and goes on";
    }
    if (log != null) {
      log.join(ENDING_MILLIS);
    }
    String last = lastLine;
    return "libtorch's process ended with exit code %d%s%s"
        .formatted(
            process.exitValue(),
            process.exitValue() == 137 ? " (killed, perhaps for the host's lack of memory)" : "",
            last.isEmpty() ? "" : ": " + Words.bounded(last));
  }

  /** Kills the child and waits until it is gone. */
  @Override
  public void close() {
    closed = true;
    process.destroyForcibly();
    boolean interrupted = false;
    try {
      process.waitFor(ENDING_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
