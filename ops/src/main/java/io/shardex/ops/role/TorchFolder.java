package io.shardex.ops.role;

import io.shardex.ops.launch.Folders;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.Program;
import io.shardex.ops.localnet.TetheredProcess;
import io.shardex.worker.runtime.torch.TorchCanary;
import io.shardex.worker.runtime.torch.TorchInstall;
import io.shardex.worker.runtime.torch.TorchLimits;
import io.shardex.worker.runtime.torch.TorchTrainer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The folder that libtorch and its binding are installed to. Maven fetches what {@code
 * ops/torch/pom.xml} names; each file must have the digest that {@code ops/torch/sha256sums} gives
 * it.
 */
public final class TorchFolder {
  private static final Duration FETCH_LIMIT = Duration.ofMinutes(15);
  private static final String PLATFORM = "Linux amd64";

  private final Path source;
  private final Path folder;
  private final Map<String, String> environment;

  /**
   * A folder to fill.
   *
   * @param source has pom.xml and sha256sums
   * @param folder made if it does not exist
   * @param environment the variables of this process; PATH leads to Maven
   */
  TorchFolder(Path source, Path folder, Map<String, String> environment) {
    this.source = source;
    this.folder = folder.toAbsolutePath().normalize();
    this.environment = Map.copyOf(environment);
  }

  /** The folder of this distribution's libtorch. */
  static TorchFolder at(Path folder) {
    return new TorchFolder(
        Path.of(System.getProperty("shardex.home", ""), "ops", "torch"), folder, System.getenv());
  }

  /** Where libtorch is unless somebody says otherwise: what SHARDEX_TORCH names, or at home. */
  public static Path standard() {
    String named = System.getenv().getOrDefault("SHARDEX_TORCH", "");
    return named.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".shardex", "torch")
        : Path.of(named);
  }

  /**
   * Fetches what is not there, unpacks it and trains a toy with it.
   *
   * @param progress gets a line before work that takes time
   * @return what is installed
   * @throws Trouble when Maven is missing or refuses, or when libtorch does not work here
   */
  String install(Consumer<String> progress) throws InterruptedException {
    String here = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!here.equals(PLATFORM)) {
      throw Trouble.environment(
          "libtorch is installed on %s only, and this is %s".formatted(PLATFORM, here),
          "Run the worker on such a machine, or without TorchScript");
    }
    try {
      SortedMap<String, String> expected = expected();
      if (!expected.equals(found(folder.resolve("lib")))) {
        fetch(expected, progress);
      }
      progress.accept("unpacking and trying libtorch");
      TorchInstall install = TorchInstall.at(folder);
      install.unpack();
      return "%s: %d MiB, %s".formatted(folder, size() >> 20, tried(install));
    } catch (IOException e) {
      throw Trouble.environment(
          "libtorch cannot be installed in %s: %s".formatted(folder, e),
          "Mend that, or name another folder by --dir");
    }
  }

  /** Trains a toy with what is installed, and tells how that went. */
  static String tried(TorchInstall install) throws IOException, InterruptedException {
    TorchTrainer trainer =
        new TorchTrainer(install, TorchLimits.of(TorchLimits.LEAST_MEMORY_MIB * 2, 1));
    return switch (TorchCanary.sing(trainer)) {
      case TorchCanary.Repeats repeats ->
          "a toy was trained to equal bits in %d processes".formatted(repeats.runs());
      case TorchCanary.Differs differs ->
          "a toy was trained, but not to equal bits in process %d".formatted(differs.run());
      case TorchCanary.Fails fails -> throw new IOException("a toy: " + fails.reason());
    };
  }

  private void fetch(SortedMap<String, String> expected, Consumer<String> progress)
      throws IOException, InterruptedException {
    Path maven =
        Program.find("mvn", environment.getOrDefault("PATH", ""))
            .orElseThrow(
                () ->
                    Trouble.environment(
                        "Maven is missing: no 'mvn' on the PATH",
                        "Install Maven 3.8.7 or later and put 'mvn' on the PATH"));
    progress.accept("fetching libtorch and its binding (Maven, 115 MB)");
    Files.createDirectories(folder);
    Path fetched = folder.resolve("lib.new");
    Folders.remove(fetched);
    run(maven, fetched);
    SortedMap<String, String> found = found(fetched);
    if (!found.equals(expected)) {
      SortedMap<String, String> other = new TreeMap<>(found);
      other.entrySet().removeAll(expected.entrySet());
      Folders.remove(fetched);
      throw Trouble.environment(
          "Maven brought files that are not the pinned ones: "
              + (other.isEmpty() ? "some are missing" : other),
          "Find out where its repository has them from; they were removed again");
    }
    Folders.remove(folder.resolve("lib"));
    Folders.remove(folder.resolve("cache"));
    Files.move(fetched, folder.resolve("lib"), StandardCopyOption.ATOMIC_MOVE);
  }

  private void run(Path maven, Path fetched) throws IOException, InterruptedException {
    Path log = folder.resolve("maven.log");
    Files.deleteIfExists(log);
    List<String> command =
        List.of(
            maven.toString(),
            "-B",
            "-ntp",
            "-f",
            source.resolve("pom.xml").toString(),
            "dependency:copy-dependencies",
            "-DoutputDirectory=" + fetched);
    try (TetheredProcess process = TetheredProcess.start(command, log)) {
      int status = process.exit().get(FETCH_LIMIT.toSeconds(), TimeUnit.SECONDS);
      if (status != 0) {
        throw refused("ended with status " + status, log);
      }
    } catch (TimeoutException e) {
      throw refused("did not end within " + FETCH_LIMIT.toMinutes() + " minutes", log);
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
    Files.delete(log);
  }

  private static Trouble refused(String how, Path log) throws IOException {
    String said;
    try (Stream<String> lines = Files.lines(log)) {
      said = lines.filter(line -> line.startsWith("[ERROR]")).findFirst().orElse("");
    }
    return Trouble.environment(
        "Maven %s%s; what it printed is in %s"
            .formatted(how, said.isEmpty() ? "" : ": " + said.substring(7).strip(), log),
        "Check the network and the repository that Maven uses, then run this again");
  }

  private SortedMap<String, String> expected() throws IOException {
    SortedMap<String, String> digests = new TreeMap<>();
    for (String line : Files.readAllLines(source.resolve("sha256sums"))) {
      String[] words = line.split(" +", 2);
      digests.put(words[1], words[0]);
    }
    return digests;
  }

  /** SHA-256 of each file of a folder by its name; none if it does not exist. */
  private static SortedMap<String, String> found(Path lib) throws IOException {
    SortedMap<String, String> digests = new TreeMap<>();
    if (Files.isDirectory(lib)) {
      try (Stream<Path> files = Files.list(lib)) {
        for (Path file : files.toList()) {
          digests.put(String.valueOf(file.getFileName()), digest(file));
        }
      }
    }
    return digests;
  }

  private static String digest(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        DigestInputStream digested =
            new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
      digested.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digested.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private long size() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .map(Path::toFile)
          .filter(file -> file.isFile())
          .mapToLong(file -> file.length())
          .sum();
    }
  }
}
