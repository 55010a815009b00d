package io.shardex.worker.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Processors by their numbers, written as Linux does: {@code 0-3,8}.
 *
 * @param numbers at least one, each 0 to 4,095
 */
public record CpuSet(SortedSet<Integer> numbers) {
  private static final int MOST = 4_096;
  private static final Pattern RANGE = Pattern.compile("([0-9]{1,4})(?:-([0-9]{1,4}))?");
  private static final Pattern ALLOWED = Pattern.compile("(?m)^Cpus_allowed_list:\\s+(\\S+)$");

  public CpuSet {
    numbers = Collections.unmodifiableSortedSet(new TreeSet<>(numbers));
    if (numbers.isEmpty() || numbers.first() < 0 || numbers.last() >= MOST) {
      throw new IllegalArgumentException(
          "expected processors of 0 to %d, but they are %s".formatted(MOST - 1, numbers));
    }
  }

  /** Reads {@code 0-3,8}. */
  public static CpuSet parse(String text) {
    TreeSet<Integer> numbers = new TreeSet<>();
    for (String part : text.strip().split(",", -1)) {
      Matcher range = RANGE.matcher(part.strip());
      if (!range.matches()) {
        throw new IllegalArgumentException(
            "expected processors like 0-3,8, but it is '" + text + "'");
      }
      int from = Integer.parseInt(range.group(1));
      int to = range.group(2) == null ? from : Integer.parseInt(range.group(2));
      if (to < from) {
        throw new IllegalArgumentException("expected '" + part + "' to rise, but it falls");
      }
      for (int number = from; number <= to; number++) {
        numbers.add(number);
      }
    }
    return new CpuSet(numbers);
  }

  /** The processors that the calling thread may run on, by Linux's own word. */
  public static CpuSet ofThisThread() throws IOException {
    Matcher found = ALLOWED.matcher(Files.readString(Path.of("/proc/thread-self/status")));
    if (!found.find()) {
      throw new IOException("expected /proc to tell of processors, but it does not");
    }
    return parse(found.group(1));
  }

  /**
   * Keeps the calling thread on these processors, and the threads and processes that it starts from
   * now on: Linux hands the set on to them.
   *
   * @throws IOException naming the processors, if the thread may not run on them
   */
  public void bindThisThread() throws IOException {
    bindThisThread(BoundedTool.onPath());
  }

  void bindThisThread(Tool tool) throws IOException {
    // PID/task/TID
    String self = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString();
    try {
      if (tool.run(List.of("taskset", "-p", "-c", toString(), self)).isEmpty()) {
        throw new IOException(
            "processors %s need taskset, which this host does not have; it is in util-linux"
                .formatted(this));
      }
    } catch (ToolFault e) {
      throw new IOException("processors %s: %s".formatted(this, e.getMessage()), e);
    }
    CpuSet now = ofThisThread();
    if (!now.equals(this)) {
      throw new IOException(
          "expected to run on processors %s, but of these only %s are left".formatted(this, now));
    }
  }

  /** As Linux writes it. */
  @Override
  public String toString() {
    List<String> ranges = new ArrayList<>();
    int from = -1;
    int last = -1;
    for (int number : numbers) {
      if (from >= 0 && number != last + 1) {
        ranges.add(range(from, last));
        from = number;
      } else if (from < 0) {
        from = number;
      }
      last = number;
    }
    ranges.add(range(from, last));
    return String.join(",", ranges);
  }

  private static String range(int from, int last) {
    return from == last ? String.valueOf(from) : from + "-" + last;
  }
}
