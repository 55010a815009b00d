package io.shardex.ops.localnet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Linux knows about a process of ours: its resident peak and its processor time.
 *
 * @param peakRssKib the largest resident size it ever had, in KiB ({@code VmHWM})
 * @param cpuSeconds processor time of all its threads so far, user and system
 * @param reapedCpuSeconds the same of its children that ended and were waited for, and of theirs
 */
public record ProcessFigures(long peakRssKib, double cpuSeconds, double reapedCpuSeconds) {
  // USER_HZ: the unit of /proc/PID/stat, 100 on every architecture Java runs on.
  private static final double TICKS_A_SECOND = 100;
  private static final Pattern PEAK = Pattern.compile("(?m)^VmHWM:\\s+([0-9]+) kB$");

  /** The figures of a live process; empty if it has ended or the system has no {@code /proc}. */
  public static Optional<ProcessFigures> of(long pid) {
    Path folder = Path.of("/proc", Long.toString(pid));
    try {
      return parse(
          Files.readString(folder.resolve("status")), Files.readString(folder.resolve("stat")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * The sum of the resident peaks of this JVM and of the given live processes, in KiB; those that
   * have ended count nothing, so ask before closing them. Shared pages count once for each.
   */
  public static OptionalLong totalPeakRssKib(long... pids) {
    Optional<ProcessFigures> own = of(ProcessHandle.current().pid());
    if (own.isEmpty()) {
      return OptionalLong.empty();
    }
    long sum = own.get().peakRssKib();
    for (long pid : pids) {
      sum += of(pid).map(ProcessFigures::peakRssKib).orElse(0L);
    }
    return OptionalLong.of(sum);
  }

  /** CPU seconds so far of this JVM, of its ended children and of the given live processes. */
  public static double totalCpuSeconds(long... pids) {
    double sum =
        of(ProcessHandle.current().pid())
            .map(own -> own.cpuSeconds() + own.reapedCpuSeconds())
            .orElse(0.0);
    for (long pid : pids) {
      sum += of(pid).map(ProcessFigures::cpuSeconds).orElse(0.0);
    }
    return sum;
  }

  /** Reads proc(5)'s status and stat; a zombie has no memory left and gives nothing. */
  static Optional<ProcessFigures> parse(String status, String stat) {
    Matcher peak = PEAK.matcher(status);
    if (!peak.find()) {
      return Optional.empty();
    }
    // The second field, the program's name in brackets, may itself hold spaces and brackets.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ", -1);
    return Optional.of(
        new ProcessFigures(
            Long.parseLong(peak.group(1)), ticks(fields, 14, 15), ticks(fields, 16, 17)));
  }

  /** Two fields of stat by their numbers in proc(5), where the state is number 3. */
  private static double ticks(String[] fields, int user, int system) {
    return (Long.parseLong(fields[user - 3]) + Long.parseLong(fields[system - 3])) / TICKS_A_SECOND;
  }
}
