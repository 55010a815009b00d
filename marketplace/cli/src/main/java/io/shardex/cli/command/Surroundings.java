package io.shardex.cli.command;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * What commands stand on, besides their own line.
 *
 * @param home the user's home folder
 * @param prompt asks whoever sits at the terminal
 * @param terminal whether lines on standard output may be written over
 */
public record Surroundings(
    Map<String, String> environment,
    Path home,
    InstantSource clock,
    Prompt prompt,
    Connector connector,
    boolean terminal) {
  public Surroundings {
    environment = Map.copyOf(environment);
  }

  /** Asks a person; what comes back is empty when nobody is there. */
  @FunctionalInterface
  public interface Prompt {
    /** Asks for a passphrase, without echo. */
    Optional<char[]> ask(String question);

    /** Asks for what may be seen. */
    default Optional<String> askOpenly(String question) {
      return Optional.empty();
    }
  }

  /** Those of this process. */
  public static Surroundings ofThisProcess() {
    return new Surroundings(
        System.getenv(),
        Path.of(System.getProperty("user.home")),
        InstantSource.system(),
        new Terminal(),
        NetworkConnections::new,
        Terminal.isOutput());
  }

  /** Where Shardex keeps what is the user's. */
  Path folder() {
    return home.resolve(".shardex");
  }

  /** With the home folder in place of a tilde at the front. */
  String expanded(String path) {
    return path.startsWith("~/") ? home + path.substring(1) : path;
  }
}
