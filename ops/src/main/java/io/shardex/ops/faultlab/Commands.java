package io.shardex.ops.faultlab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** {@code ops/shardex} as one user runs it: every call is a process, as in a terminal. */
public final class Commands {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LIMIT_SECONDS = 300;

  private final Path folder;
  private final Map<String, String> environment;

  /**
   * @param folder for outputs; one a user
   * @param environment SHARDEX_NETWORK and the like
   */
  Commands(Path folder, Map<String, String> environment) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.environment = new TreeMap<>(environment);
    this.environment.put("SHARDEX_BUILT", "1");
  }

  /**
   * A new builder's, who has a wallet with tokens of the development chain.
   *
   * @param folder of the builder, not there yet
   * @param net the folder of the network
   */
  public static Commands ofBuilder(Path folder, Path net) throws IOException, InterruptedException {
    Path passphrase =
        Files.createFile(
            Files.createDirectories(folder).resolve("passphrase"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(passphrase, "not a secret of " + folder.getFileName() + "\n");
    Commands commands =
        new Commands(
            folder,
            Map.of(
                "SHARDEX_NETWORK", net.resolve("network.json").toString(),
                "SHARDEX_KEY", folder.resolve("wallet.json").toString(),
                "SHARDEX_PASSPHRASE_FILE", passphrase.toString()));
    commands.run("wallet", "new", "--light").require(0);
    commands.run("wallet", "faucet").require(0);
    return commands;
  }

  private static String launcher() {
    return Path.of(System.getProperty("shardex.home", ""), "ops", "shardex").toString();
  }

  /** What a command came to. */
  public record Result(List<String> arguments, int status, String out, String err) {
    /** This, if its exit status is the wanted one; else throws. */
    public Result require(int wanted) {
      if (status != wanted) {
        throw new Broken(
            "expected status %d of 'shardex %s', but it was %d: %s%s"
                .formatted(wanted, String.join(" ", arguments), status, err, out));
      }
      return this;
    }

    /** The last line of what it printed, which is JSON. */
    public JsonNode json() {
      List<String> lines = out.lines().filter(line -> !line.isBlank()).toList();
      try {
        return JSON.readTree(lines.isEmpty() ? "" : lines.getLast());
      } catch (IOException e) {
        throw new Broken("'shardex %s' printed no JSON: %s".formatted(arguments, out));
      }
    }
  }

  /** A new file for an output. */
  Path newFile(String what) throws IOException {
    return Files.createTempFile(folder, what, ".txt");
  }

  /** The command line of a call that somebody else starts. */
  List<String> line(String... arguments) {
    List<String> command = new ArrayList<>(List.of("env"));
    environment.forEach((name, value) -> command.add(name + "=" + value));
    command.add(launcher());
    command.addAll(List.of(arguments));
    return command;
  }

  /** Runs a command to its end. */
  public Result run(String... arguments) throws IOException, InterruptedException {
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    List<String> command = new ArrayList<>(List.of(launcher()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new Broken(
          "'shardex %s' did not end in %d s".formatted(String.join(" ", arguments), LIMIT_SECONDS));
    }
    Result result =
        new Result(
            List.of(arguments),
            process.exitValue(),
            Files.readString(out, StandardCharsets.UTF_8),
            Files.readString(err, StandardCharsets.UTF_8));
    Files.delete(out);
    Files.delete(err);
    return result;
  }
}
