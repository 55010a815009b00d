package io.shardex.ops.localnet;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A child process that never outlives this JVM, however the JVM ends, kill -9 included.
 *
 * <p>A small shell holds the reading end of a pipe whose writing end only this JVM has. When the
 * pipe closes, by {@link #close} or because the kernel closes a dead process' files, the shell asks
 * the child to end (SIGTERM) and after fifteen seconds kills it. A parent-death signal would be
 * shorter, but it is Linux only and fires when the <em>thread</em> that forked ends. Where there is
 * {@code setsid} shell and child have a session of their own, so that Ctrl-C reaches this JVM alone
 * and the child is still there while the JVM winds down.
 */
public final class TetheredProcess implements AutoCloseable {
  // A session of its own, if it can be had: then neither Ctrl-C nor a kill of the JVM's group
  // reaches the shell that has to end the child.
  private static final String SESSION =
      """
      ! command -v setsid >/dev/null 2>&1 || exec setsid sh -c "$@"
      exec sh -c "$@"
      """;

  // $1 is the log, the rest the command. The child's number goes to standard output.
  private static final String TETHER =
      """
      trap '' INT HUP TERM
      log=$1
      shift
      exec 3<&0
      (trap - HUP TERM; exec "$@") </dev/null >>"$log" 2>&1 3<&- &
      child=$!
      echo "$child"
      exec >/dev/null 2>&1
      (
        trap - TERM
        while read -r line; do :; done <&3
        kill -TERM "$child"
        waited=0
        while kill -0 "$child" && [ "$waited" -lt 150 ]; do
          sleep 0.1
          waited=$((waited + 1))
        done
        kill -KILL "$child"
      ) &
      watch=$!
      exec 3<&- </dev/null
      wait "$child"
      status=$?
      kill "$watch"
      exit "$status"
      """;

  private final Process shell;
  private final ProcessHandle child;
  private final CompletableFuture<Integer> exit;
  private final Thread atShutdown;
  private volatile boolean closed;

  private TetheredProcess(Process shell, ProcessHandle child) {
    this.shell = shell;
    this.child = child;
    this.exit = shell.onExit().thenApply(Process::exitValue);
    this.atShutdown = Thread.ofPlatform().name("tether-shutdown").unstarted(this::end);
  }

  /**
   * Starts the command with no input; what it prints is appended to the log.
   *
   * @throws IOException when there is no {@code sh}. A program that cannot be run ends at once with
   *     126 or 127 instead, as in any shell.
   */
  public static TetheredProcess start(List<String> command, Path log) throws IOException {
    List<String> all =
        new ArrayList<>(List.of("sh", "-c", SESSION, "session", TETHER, "tether", log.toString()));
    all.addAll(command);
    Process shell = new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try {
      BufferedReader out = shell.inputReader(StandardCharsets.US_ASCII);
      String pid = out.readLine();
      if (pid == null) {
        throw new IOException("the shell that holds " + command.getFirst() + " did not start it");
      }
      // A child that has ended already has no handle any more; the shell then ends at once, too.
      TetheredProcess process =
          new TetheredProcess(
              shell, ProcessHandle.of(Long.parseLong(pid)).orElse(shell.toHandle()));
      Runtime.getRuntime().addShutdownHook(process.atShutdown);
      return process;
    } catch (IOException | RuntimeException e) {
      shell.getOutputStream().close();
      throw e;
    }
  }

  /** The child's process id. */
  public long pid() {
    return child.pid();
  }

  /** Completes with the child's exit status (128 + n after signal n) when it has ended. */
  public CompletableFuture<Integer> exit() {
    return exit.copy();
  }

  /** Whether {@link #close} was called. */
  public boolean isClosing() {
    return closed;
  }

  /** Ends the child, politely first, and returns when it is gone. A second call does nothing. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(atShutdown);
    } catch (IllegalStateException e) {
      // The JVM is ending, and the hook does the same; both may.
    }
    end();
  }

  private void end() {
    closed = true;
    try {
      shell.getOutputStream().close();
      // The shell kills after fifteen seconds; if the shell itself was killed, its watcher still does.
      exit.get(20, TimeUnit.SECONDS);
      if (child.isAlive()) {
        child.onExit().get(10, TimeUnit.SECONDS);
      }
    } catch (TimeoutException | ExecutionException e) {
      kill();
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void kill() {
    child.destroyForcibly();
    shell.destroyForcibly();
  }
}
