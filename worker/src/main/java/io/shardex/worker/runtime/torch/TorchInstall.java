package io.shardex.worker.runtime.torch;

import io.shardex.training.model.Parameters;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * libtorch and its Java binding in a folder of their own, as {@code shardex worker install-torch}
 * puts them there: {@code lib} has the jars, {@code cache} the library unpacked.
 */
public final class TorchInstall {
  private static final List<String> NEEDED = List.of("api-", "pytorch-engine-", "pytorch-jni-");

  /** With another libtorch than the one in the folder, such as one for CUDA, go these. */
  private static final List<String> HANDED_ON =
      List.of(
          "PYTORCH_LIBRARY_PATH",
          "PYTORCH_VERSION",
          "PYTORCH_FLAVOR",
          "CUDA_VISIBLE_DEVICES",
          "CUDA_MPS_PIPE_DIRECTORY",
          "CUDA_MPS_ACTIVE_THREAD_PERCENTAGE",
          "CUDA_MPS_PINNED_DEVICE_MEM_LIMIT",
          "LD_LIBRARY_PATH");

  /**
   * From here on memory is the system's again when it is freed: the most that the C library lets.
   */
  private static final int MAPPED_BYTES = 32 << 20;

  /** Of what is smaller so much is kept. */
  private static final int KEPT_BYTES = 256 << 20;

  /**
   * Bounds itself, then is the child. Data (not file maps) is what the library and the heap take;
   * no file may grow and no core be dumped; the answers' way is file 3, so that what a module
   * prints goes to the log.
   */
  private static final String BOUNDED = "ulimit -f 0 && ulimit -d \"$1\"";

  /** Without a network where the kernel lets it be so, to root or in a user's own namespace. */
  private static final String CHILD =
      """
       && ulimit -c 0 && shift || exit
      for way in -n -rn; do
        if unshare "$way" true 2>/dev/null; then set -- unshare "$way" "$@"; break; fi
      done
      exec 3>&1 >&2
      exec "$@"
      """;

  private static final Duration UNPACKING = Duration.ofMinutes(5);
  private static final int LOADING_HEAP_MIB = 64;

  /** The device that is none. */
  public static final String PROCESSORS = "cpu";

  private final Path folder;
  private final Map<String, String> variables;

  private TorchInstall(Path folder, Map<String, String> variables) {
    this.folder = folder;
    this.variables = Map.copyOf(variables);
  }

  /**
   * The installation in a folder.
   *
   * @throws IOException naming what is missing and what brings it
   */
  public static TorchInstall at(Path folder) throws IOException {
    return at(folder, System.getenv());
  }

  static TorchInstall at(Path folder, Map<String, String> variables) throws IOException {
    Path there = folder.toAbsolutePath().normalize();
    List<String> jars = jars(there);
    for (String needed : NEEDED) {
      if (jars.stream().noneMatch(jar -> jar.startsWith(needed))) {
        throw new IOException(
            "%s has no %s*.jar in lib; 'shardex worker install-torch --dir %s' brings it"
                .formatted(there, needed, there));
      }
    }
    return new TorchInstall(there, variables);
  }

  private static List<String> jars(Path folder) throws IOException {
    Path lib = folder.resolve("lib");
    if (!Files.isDirectory(lib)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(lib)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.endsWith(".jar"))
          .toList();
    }
  }

  /**
   * The same for children with some of the variables that are handed on set otherwise, such as
   * {@code CUDA_VISIBLE_DEVICES}.
   */
  public TorchInstall with(Map<String, String> others) {
    Map<String, String> all = new TreeMap<>(variables);
    all.putAll(others);
    return new TorchInstall(folder, all);
  }

  /**
   * Unpacks the library out of its jar, which the binding does when it first loads it; done
   * already, it only loads it.
   *
   * @throws IOException when it does not load here
   */
  public void unpack() throws IOException, InterruptedException {
    var unused =
        loaded("true", new TorchLimits(TorchLimits.LEAST_MEMORY_MIB, 1, UNPACKING, UNPACKING));
  }

  /**
   * What it computes on, {@link #PROCESSORS} or another device; loads it for that.
   *
   * @throws IOException when it does not load here
   */
  public String device(TorchLimits limits) throws IOException, InterruptedException {
    return loaded(BOUNDED, limits).device();
  }

  private TorchReady loaded(String bounds, TorchLimits limits)
      throws IOException, InterruptedException {
    StartedChild.Maker maker =
        (within, heapMiB, scratch) -> process(bounds, within, heapMiB, scratch);
    try (StartedChild child = StartedChild.start(maker, limits, LOADING_HEAP_MIB)) {
      Frame ready =
          child
              .process()
              .next(limits.start())
              .orElseThrow(
                  () ->
                      new IOException(
                          "libtorch was not loaded within %d s"
                              .formatted(limits.start().toSeconds())));
      return TorchReady.of(ready);
    } catch (TorchProcess.Ended e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Where it is. */
  public Path folder() {
    return folder;
  }

  /**
   * A child that waits for jobs.
   *
   * @param heapMiB what its jobs need of the Java heap
   * @param scratch its working folder
   */
  ProcessBuilder child(TorchLimits limits, int heapMiB, Path scratch) {
    return process(BOUNDED, limits, heapMiB, scratch);
  }

  private ProcessBuilder process(String bounds, TorchLimits limits, int heapMiB, Path scratch) {
    List<String> command = new ArrayList<>();
    long kib = (long) limits.memoryMiB() << 10;
    command.addAll(List.of("/bin/sh", "-c", bounds + CHILD, "shardex-torch", String.valueOf(kib)));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xms16m",
            "-Xmx" + heapMiB + "m",
            "-XX:+UseSerialGC",
            // Java only carries bytes here: the first compiler is enough and takes less.
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.io.tmpdir=" + scratch,
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-Dai.djl.pytorch.num_threads=" + limits.threads(),
            "-Dai.djl.pytorch.num_interop_threads=1",
            "-Dslf4j.internal.verbosity=ERROR",
            "-cp",
            classPath(),
            TorchChild.class.getName(),
            "/dev/fd/3"));
    ProcessBuilder builder = new ProcessBuilder(command).directory(scratch.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment(limits));
    return builder;
  }

  private Map<String, String> environment(TorchLimits limits) {
    Map<String, String> environment = new TreeMap<>();
    for (String name : HANDED_ON) {
      String value = variables.get(name);
      if (value != null) {
        environment.put(name, value);
      }
    }
    environment.put("LC_ALL", "C");
    environment.put("DJL_CACHE_DIR", folder.resolve("cache").toString());
    environment.put("OMP_NUM_THREADS", String.valueOf(limits.threads()));
    environment.put("MKL_NUM_THREADS", String.valueOf(limits.threads()));
    // One arena, not one for each thread: they count against the limit of memory.
    environment.put("MALLOC_ARENA_MAX", "2");
    // The C library hands out zeros only (it fills with 255 XOR 255). libtorch's convolutions on
    // processors (oneDNN 3.7.1) multiply what they find behind channels that fill no block of 8 or
    // 16 by zero, which gives NaN where an earlier owner of the memory left one. And it keeps what
    // a
    // step's tensors leave for the next step's: given back to the system, 8 MiB of a small
    // network came as 2,000 fresh pages a step, a fifth of its time.
    environment.put(
        "GLIBC_TUNABLES",
        "glibc.malloc.perturb=255:glibc.malloc.mmap_threshold=%d:glibc.malloc.trim_threshold=%d"
            .formatted(MAPPED_BYTES, KEPT_BYTES));
    return environment;
  }

  private String classPath() {
    return Stream.of(TorchChild.class, Parameters.class)
        .map(TorchInstall::origin)
        .collect(Collectors.joining(":", "", ":" + folder.resolve("lib") + "/*"));
  }

  /** The jar or folder a class of ours was loaded from. */
  private static String origin(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
