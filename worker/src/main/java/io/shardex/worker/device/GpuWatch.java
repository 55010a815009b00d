package io.shardex.worker.device;

import io.shardex.worker.device.GpuFinding.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Looks after the GPUs of an agent's slots every few seconds: asks the driver, reads Xid errors in
 * the kernel's log, and tells each slot what it found, nothing included.
 */
public final class GpuWatch {
  /** Between two looks. */
  public static final Duration EVERY = Duration.ofSeconds(15);

  /** How long a GPU may be as hot as where it slows down. */
  static final Duration HOT = Duration.ofMinutes(1);

  /** Of its share of the memory a slot has at least so much; drivers keep some for themselves. */
  private static final int LEAST_MEMORY_PERCENT = 90;

  private final Map<String, Watched> slots;
  private final NvidiaQuery query;
  private final KernelLog log;
  private final Supplier<Gpus> slices;
  private final Supplier<Set<Long>> own;
  private final Supplier<Duration> uptime;

  /** Since when each GPU has been hot, by its id. */
  private final Map<String, Duration> hotSince = new HashMap<>();

  /**
   * A slot's GPU.
   *
   * @param at its reading when the agent started
   */
  public record Watched(GpuReading at, GpuShare share) {}

  /**
   * What a look brought for a slot.
   *
   * @param temperatureC if the driver tells it
   * @param findings none where all is well
   */
  public record Look(OptionalInt temperatureC, List<GpuFinding> findings) {
    public Look {
      findings = List.copyOf(findings);
    }
  }

  GpuWatch(
      Map<String, Watched> slots, Tool tool, Supplier<Set<Long>> own, Supplier<Duration> uptime) {
    this.slots = new TreeMap<>(slots);
    this.query = new NvidiaQuery(tool);
    this.log = new KernelLog(tool, uptime);
    this.slices = () -> Gpus.of(tool);
    this.own = own;
    this.uptime = uptime;
  }

  /** A watch over these GPUs of NVIDIA's, by the programs of this host. */
  public static GpuWatch over(Map<String, Watched> slots) {
    return over(slots, BoundedTool.onPath());
  }

  /** The same, by any programs. */
  public static GpuWatch over(Map<String, Watched> slots, Tool tool) {
    return new GpuWatch(slots, tool, GpuWatch::ownProcesses, GpuWatch::sinceBoot);
  }

  private static Set<Long> ownProcesses() {
    ProcessHandle self = ProcessHandle.current();
    return Stream.concat(Stream.of(self), self.descendants())
        .map(ProcessHandle::pid)
        .collect(Collectors.toSet());
  }

  private static Duration sinceBoot() {
    try {
      return Figures.seconds(Files.readString(Path.of("/proc/uptime")).split(" ", 2)[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Looks once; takes some seconds where a driver is in trouble. What each slot's GPU is like. */
  public Map<String, Look> look() {
    Optional<Map<String, NvidiaQuery.Row>> cards = cards();
    Optional<Gpus> cut = anySlice() ? Optional.of(slices.get()) : Optional.empty();
    List<KernelLog.Xid> xids = new ArrayList<>();
    List<GpuFinding> blind = new ArrayList<>();
    try {
      xids.addAll(log.xids());
    } catch (ToolFault e) {
      blind.add(
          new GpuFinding(
              Kind.LOG_UNREADABLE, "Xid errors are not seen, %s".formatted(e.getMessage())));
    }
    Set<Long> processes = own.get();
    Map<String, Look> looks = new TreeMap<>();
    slots.forEach(
        (slot, gpu) -> {
          List<GpuFinding> findings = new ArrayList<>(blind);
          OptionalInt temperature = OptionalInt.empty();
          try {
            GpuHealth health = health(gpu.at().gpu(), cards, cut, xids, findings);
            temperature = health.temperatureC();
            findings.addAll(findings(gpu, health, processes));
          } catch (ToolFault e) {
            findings.add(new GpuFinding(Kind.SILENT, String.valueOf(e.getMessage())));
          }
          looks.put(slot, new Look(temperature, findings));
        });
    return looks;
  }

  private boolean anySlice() {
    return slots.values().stream().anyMatch(slot -> slot.at().gpu().slice().isPresent());
  }

  /** All cards at once; empty if that does not work, and they are to be asked one by one. */
  private Optional<Map<String, NvidiaQuery.Row>> cards() {
    try {
      return Optional.of(query.all());
    } catch (ToolFault e) {
      return Optional.empty();
    }
  }

  private GpuHealth health(
      Gpu gpu,
      Optional<Map<String, NvidiaQuery.Row>> cards,
      Optional<Gpus> cut,
      List<KernelLog.Xid> xids,
      List<GpuFinding> findings)
      throws ToolFault {
    // Of a slice the card's, which is what the log tells of.
    String card = gpu.id().split("/", 2)[0];
    Optional<NvidiaQuery.Row> row =
        cards.isPresent() ? Optional.ofNullable(cards.get().get(card)) : query.one(card);
    if (row.isEmpty()) {
      throw new ToolFault("nvidia-smi", "it does not tell of GPU " + card);
    }
    String bus = KernelLog.bus(row.get().bus());
    xids.stream().filter(xid -> xid.bus().equals(bus)).forEach(xid -> findings.add(xid.finding()));
    if (gpu.slice().isEmpty()) {
      return row.get().health();
    }
    return cut.orElseThrow().readings().stream()
        .filter(reading -> reading.gpu().id().equals(gpu.id()))
        .findFirst()
        .map(GpuReading::health)
        .orElseThrow(() -> new ToolFault("nvidia-smi", "it does not tell of slice " + gpu.id()));
  }

  private List<GpuFinding> findings(Watched slot, GpuHealth now, Set<Long> processes) {
    GpuHealth health = now.slowingDownAt(slot.at().health().slowdownC());
    List<GpuFinding> findings = new ArrayList<>();
    for (GpuFinding finding : health.findings(processes)) {
      boolean shared =
          finding.kind() == Kind.FOREIGN_PROCESS || finding.kind() == Kind.MEMORY_TAKEN;
      // Of a share the rest is the owner's, to do with it whatever it likes.
      if (slot.share().whole() || !shared) {
        findings.add(finding);
      }
    }
    room(slot, health, processes).ifPresent(findings::add);
    longHot(slot.at().gpu().id(), findings).ifPresent(findings::add);
    return findings;
  }

  private static Optional<GpuFinding> room(Watched slot, GpuHealth health, Set<Long> processes) {
    if (slot.share().whole()) {
      return Optional.empty();
    }
    long promised = slot.at().gpu().vramMiB() * slot.share().percent() / GpuShare.WHOLE;
    long there = health.vramMiBFor(processes);
    return there * 100 < promised * LEAST_MEMORY_PERCENT
        ? Optional.of(
            new GpuFinding(
                Kind.MEMORY_TAKEN,
                "only %d MiB are left for slots, and this one's share is %d MiB"
                    .formatted(there, promised)))
        : Optional.empty();
  }

  private Optional<GpuFinding> longHot(String gpu, List<GpuFinding> findings) {
    if (findings.stream().noneMatch(finding -> finding.kind() == Kind.HOT)) {
      hotSince.remove(gpu);
      return Optional.empty();
    }
    Duration now = uptime.get();
    Duration since = hotSince.computeIfAbsent(gpu, any -> now);
    return now.minus(since).compareTo(HOT) >= 0
        ? Optional.of(
            new GpuFinding(
                Kind.HOT_FOR_LONG,
                "it has been that hot for %d s".formatted(now.minus(since).toSeconds())))
        : Optional.empty();
  }
}
