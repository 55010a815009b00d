package io.shardex.cli.command;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * What commands stand on, besides their own line.
 *
 * @param home the user's home folder
 * @param prompt asks for passphrases
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

  /** Asks a person for a passphrase without echo; empty when nobody is there. */
  @FunctionalInterface
  public interface Prompt {
    Optional<char[]> ask(String question);
  }

  /** Those of this process. */
  public static Surroundings ofThisProcess() {
    return new Surroundings(
        System.getenv(),
        Path.of(System.getProperty("user.home")),
        InstantSource.system(),
        Terminal::passphrase,
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
