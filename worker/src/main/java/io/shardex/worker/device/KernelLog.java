package io.shardex.worker.device;

import io.shardex.worker.device.GpuFinding.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Xid errors that NVIDIA's driver wrote to the kernel's log, as {@code dmesg} shows it. Each
 * counts for a while: what it meant for the GPU then shows otherwise, or is over.
 */
final class KernelLog {
  /** How long an error counts. */
  static final Duration COUNTS = Duration.ofMinutes(10);

  private static final String NAME = "dmesg";

  private static final Pattern XID =
      Pattern.compile(
          "\\[\\s*([0-9]{1,12}\\.[0-9]{1,9})].*NVRM: Xid \\(PCI:([0-9A-Fa-f:.]{7,16})"
              // The MIG instances that it names: of the GPU, and of its computing.
              + "(?: GPU-C?I:[0-9]{1,4}){0,2}\\): "
              + "([0-9]{1,4}),?\\s*(.*)");

  private static final Pattern BUS =
      Pattern.compile("([0-9a-f]{4,8}):([0-9a-f]{2}):([0-9a-f]{2})(?:\\.[0-9a-f])?");

  /** Errors of programs, after which a GPU is healthy: NVIDIA/k8s-device-plugin, rm/health.go. */
  private static final Set<Integer> OF_PROGRAMS = Set.of(13, 31, 43, 45, 68, 109);

  /** A repair that succeeded, and corrected errors: NVIDIA's catalog of Xid errors, 63 and 92. */
  private static final Set<Integer> REPAIRED = Set.of(63, 92);

  private static final int LONGEST = 120;

  private final Tool tool;
  private final Supplier<Duration> uptime;

  /**
   * The log.
   *
   * @param uptime since the kernel started, the clock of the log
   */
  KernelLog(Tool tool, Supplier<Duration> uptime) {
    this.tool = tool;
    this.uptime = uptime;
  }

  /**
   * An error.
   *
   * @param bus of the GPU, in one form
   */
  record Xid(String bus, GpuFinding finding) {}

  /**
   * The errors of late.
   *
   * @throws ToolFault if the log cannot be read, which often only root may
   */
  List<Xid> xids() throws ToolFault {
    String log = tool.run(List.of(NAME)).orElseThrow(() -> new ToolFault(NAME, "it is not here"));
    Duration from = uptime.get().minus(COUNTS);
    List<Xid> xids = new ArrayList<>();
    for (String line : log.lines().toList()) {
      Matcher xid = XID.matcher(line);
      if (xid.matches() && Figures.seconds(xid.group(1)).compareTo(from) >= 0) {
        xids.add(new Xid(bus(xid.group(2)), finding(xid.group(3), xid.group(4))));
      }
    }
    return xids;
  }

  private static GpuFinding finding(String number, String words) {
    int xid = Integer.parseInt(number);
    Kind kind = OF_PROGRAMS.contains(xid) || REPAIRED.contains(xid) ? Kind.MINOR_XID : Kind.XID;
    String said = words.length() > LONGEST ? words.substring(0, LONGEST) : words;
    return new GpuFinding(kind, "Xid %d: %s".formatted(xid, said));
  }

  /** Domain, bus and device, as both the log and {@code nvidia-smi} can be written. */
  static String bus(String text) {
    Matcher bus = BUS.matcher(text.toLowerCase(Locale.ROOT));
    return bus.matches()
        ? "%04x:%s:%s".formatted(Long.parseLong(bus.group(1), 16), bus.group(2), bus.group(3))
        : text;
  }
}
