package io.shardex.ops.localnet;

import io.shardex.ops.launch.Trouble;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * The packages that a committed lock file names (the development chain and the data set), installed
 * by npm with their scripts off.
 */
public final class NodePackages {
  private static final int OLDEST_NODE = 20;
  private static final Duration INSTALL_LIMIT = Duration.ofMinutes(5);
  private static final Duration ASK_LIMIT = Duration.ofSeconds(20);

  private final Path folder;
  private final Map<String, String> environment;

  /**
   * The packages of a folder that holds {@code package-lock.json}.
   *
   * @param environment the variables of this process; PATH leads to node and npm
   */
  public NodePackages(Path folder, Map<String, String> environment) {
    this.folder = folder;
    this.environment = Map.copyOf(environment);
  }

  /** The packages of this distribution, {@code ops/localnet}, or of what SHARDEX_LOCALNET names. */
  public static NodePackages ofDistribution() {
    Map<String, String> environment = System.getenv();
    return new NodePackages(
        folderOf(environment, System.getProperty("shardex.home", "")), environment);
  }

  static Path folderOf(Map<String, String> environment, String home) {
    String named = environment.getOrDefault("SHARDEX_LOCALNET", "");
    Path folder = named.isEmpty() ? Path.of(home, "ops", "localnet") : Path.of(named);
    return folder.toAbsolutePath().normalize();
  }

  /** Where the packages are once installed. */
  public Path modules() {
    return folder.resolve("node_modules");
  }

  /**
   * Installs what the lock file names unless just that is installed; node and npm are looked for
   * only if something is to be installed.
   *
   * @param progress gets one line before work that takes time
   * @throws Trouble when node or npm is missing or too old, or when npm fails
   */
  public void install(Consumer<String> progress) throws InterruptedException {
    try {
      if (isInstalled()) {
        return;
      }
      Path npm = npm();
      progress.accept("installing the development chain and the data set (npm ci)");
      run(npm);
      Files.copy(lock(), stamp(), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw Trouble.environment(
          "the packages in " + folder + " cannot be installed: " + e,
          "Make it a writable folder with the package files of ops/localnet, or name such a one in"
              + " SHARDEX_LOCALNET");
    }
  }

  private boolean isInstalled() throws IOException {
    return Files.exists(stamp()) && Files.mismatch(lock(), stamp()) == -1;
  }

  private Path lock() {
    return folder.resolve("package-lock.json");
  }

  /** A copy of the lock file that was installed last; npm removes it with the folder. */
  private Path stamp() {
    return modules().resolve(".shardex-installed.json");
  }

  private Path npm() throws InterruptedException {
    String path = Program.path(environment);
    String fix = "Install Node " + OLDEST_NODE + " or later with npm and put both on the PATH";
    Path node =
        Program.find("node", path)
            .orElseThrow(() -> Trouble.environment("Node is missing: no 'node' on the PATH", fix));
    String version = Program.firstLine(ASK_LIMIT, List.of(node.toString(), "--version"));
    if (major(version) < OLDEST_NODE) {
      throw Trouble.environment(
          "Node %d or later is needed, but %s says '%s'".formatted(OLDEST_NODE, node, version),
          fix);
    }
    return Program.find("npm", path)
        .orElseThrow(() -> Trouble.environment("npm is missing: no 'npm' on the PATH", fix));
  }

  /** The major of a version such as {@code v20.20.2}; 0 if it is none. */
  static int major(String version) {
    String digits = version.replaceFirst("^v", "").replaceFirst("\\..*$", "");
    return digits.matches("[0-9]{1,4}") ? Integer.parseInt(digits) : 0;
  }

  private void run(Path npm) throws IOException, InterruptedException {
    Path log = folder.resolve("npm.log");
    Files.deleteIfExists(log);
    // The folder is named to npm, not changed into: a tethered process keeps this one's folder.
    List<String> command =
        List.of(
            npm.toString(), "--prefix", folder.toString(), "ci", "--ignore-scripts", "--no-audit");
    try (TetheredProcess process = TetheredProcess.start(command, log)) {
      int status = process.exit().get(INSTALL_LIMIT.toSeconds(), TimeUnit.SECONDS);
      if (status != 0) {
        throw failed("ended with status " + status, log);
      }
    } catch (TimeoutException e) {
      throw failed("did not end within " + INSTALL_LIMIT.toMinutes() + " minutes", log);
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
    Files.deleteIfExists(log);
  }

  private Trouble failed(String how, Path log) {
    return Trouble.environment(
        "'npm ci' in " + folder + " " + how + "; what it printed is in " + log,
        "Check the network and the registry npm uses, then run 'npm ci --ignore-scripts' in "
            + folder
            + File.separator);
  }
}
