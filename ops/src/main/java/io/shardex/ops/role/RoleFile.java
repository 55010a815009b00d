package io.shardex.ops.role;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.job.EditDistance;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.KeyFileException;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.InvalidNetworkFile;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.protocol.tls.NodeCertificate;
import io.shardex.protocol.tls.TlsRefused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A role's config file, HOCON, with no key but the known ones. Paths in it are relative to it. What
 * is wrong ends the command with {@link ExitCode#USAGE} and names the file and the key.
 */
final class RoleFile {
  private final Path path;
  private final Config config;

  private RoleFile(Path path, Config config) {
    this.path = path;
    this.config = config;
  }

  /** Reads a file; {@code known} are the keys that may stand in it. */
  static RoleFile read(Path path, SortedSet<String> known) {
    if (!Files.isRegularFile(path)) {
      throw wrong("there is no config file " + path, "Check the path after --config");
    }
    Config config;
    try {
      config =
          ConfigFactory.parseFile(
                  path.toFile(), ConfigParseOptions.defaults().setAllowMissing(false))
              .resolve();
    } catch (ConfigException e) {
      throw wrong("the config file cannot be read: " + e.getMessage(), "Mend it");
    }
    requireKnown(path, config, known);
    return new RoleFile(path.toAbsolutePath().normalize(), config);
  }

  private static void requireKnown(Path path, Config config, SortedSet<String> known) {
    config
        .entrySet()
        .forEach(
            entry -> {
              if (!known.contains(entry.getKey())) {
                throw wrong(
                    "%s: unknown key '%s'; the nearest known one is '%s'"
                        .formatted(
                            path, entry.getKey(), EditDistance.nearest(entry.getKey(), known)),
                    "The known keys are " + String.join(", ", known));
              }
            });
  }

  /**
   * The objects in the key's list, each with this file's own keys where it has none; no objects if
   * the key is missing.
   *
   * @param known keys that may stand in such an object
   */
  List<RoleFile> parts(String key, SortedSet<String> known) {
    List<? extends Config> objects =
        this.<List<? extends Config>>value(key, Config::getConfigList).orElse(List.of());
    Config beneath = config.withoutPath(key);
    return objects.stream()
        .map(
            object -> {
              requireKnown(path, object, known);
              return new RoleFile(path, object.withFallback(beneath));
            })
        .toList();
  }

  /** The file's folder. */
  Path folder() {
    return path.resolveSibling("").toAbsolutePath().normalize();
  }

  String text(String key) {
    return value(key, Config::getString)
        .orElseThrow(() -> wrong(path + ": '" + key + "' is missing", "Add it"));
  }

  Path file(String key) {
    return resolved(text(key));
  }

  Path file(String key, String otherwise) {
    return resolved(value(key, Config::getString).orElse(otherwise));
  }

  long bytes(String key, long otherwise) {
    return value(key, Config::getBytes).orElse(otherwise);
  }

  int number(String key, int otherwise) {
    return value(key, Config::getInt).orElse(otherwise);
  }

  /** Whether it is {@code on}, as HOCON writes that; off if the key is missing. */
  boolean on(String key) {
    return value(key, this::onOrOff).orElse(false);
  }

  private boolean onOrOff(Config from, String key) {
    try {
      return from.getBoolean(key);
    } catch (ConfigException.WrongType e) {
      throw wrong(
          "%s: '%s': expected on or off, but it is '%s'"
              .formatted(path, key, from.getValue(key).unwrapped()),
          "Choose one of them");
    }
  }

  Duration duration(String key, Duration otherwise) {
    return value(key, Config::getDuration).orElse(otherwise);
  }

  Optional<String> maybe(String key) {
    return value(key, Config::getString);
  }

  /**
   * The value whose {@code toString} the key's text is.
   *
   * @param besides further words the key may have, which stand for none of the values
   * @return nothing for these words, or if the key is missing
   */
  <E extends Enum<E>> Optional<E> chosen(String key, E[] values, String... besides) {
    try {
      return maybe(key).flatMap(text -> choice(text, values, besides));
    } catch (IllegalArgumentException e) {
      throw wrong(path + ": '" + key + "': " + e.getMessage(), "Choose one of them");
    }
  }

  /**
   * The value whose {@code toString} the text is; nothing for a word besides them.
   *
   * @throws IllegalArgumentException naming all the words, if it is none of them
   */
  static <E extends Enum<E>> Optional<E> choice(String text, E[] values, String... besides) {
    if (List.of(besides).contains(text)) {
      return Optional.empty();
    }
    for (E value : values) {
      if (value.toString().equals(text)) {
        return Optional.of(value);
      }
    }
    List<String> words =
        Stream.concat(Stream.of(besides), Stream.of(values).map(Enum::toString)).toList();
    throw new IllegalArgumentException(
        "expected %s or %s, but it is '%s'"
            .formatted(
                String.join(", ", words.subList(0, words.size() - 1)), words.getLast(), text));
  }

  /** What the key's text is, read by a parser that throws IllegalArgumentException. */
  <T> T parsed(String key, Function<String, T> parser) {
    try {
      return parser.apply(text(key));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw wrong(path + ": '" + key + "': " + e.getMessage(), "Mend it");
    }
  }

  /** The network file that 'network' names. */
  NetworkFile network() {
    return network(file("network"), "'network' in " + path);
  }

  /**
   * Reads a network file.
   *
   * @param named who names it
   */
  static NetworkFile network(Path file, String named) {
    try {
      return NetworkFile.read(file);
    } catch (InvalidNetworkFile e) {
      throw wrong("the network file " + file + ": " + e.getMessage(), "Get it anew");
    } catch (NoSuchFileException e) {
      throw wrong(
          "there is no network file " + file,
          "Get it from whoever founded the network; " + named + " says where it is");
    } catch (IOException e) {
      throw wrong(
          "the network file " + file + " cannot be read: " + e,
          "Give whoever runs this the right to read it; " + named + " says where it is");
    }
  }

  /** The key that 'key' and 'passphrase-file' open. */
  SigningKey key() {
    Path file = file("key");
    try {
      char[] passphrase = Passphrase.fromFile(file("passphrase-file"));
      try {
        return KeyFile.read(file, passphrase);
      } finally {
        Arrays.fill(passphrase, '\0');
      }
    } catch (KeyFileException e) {
      throw new Trouble(
          ExitCode.USAGE, String.valueOf(e.getMessage()), "Mend the key file or its rights", e);
    }
  }

  /**
   * The certificate that 'tls.certificate' and 'tls.key' name; the network says if there is one.
   */
  Optional<NodeCertificate> certificate(NetworkFile network, NodeEntry self) {
    if (network.ca().isEmpty()) {
      if (maybe("tls.certificate").isPresent() || maybe("tls.key").isPresent()) {
        throw refused(
            "it has a certificate, and the network file has no 'ca'",
            "Get the network file with the network's 'ca', or remove 'tls' here");
      }
      return Optional.empty();
    }
    Set<String> hosts =
        Stream.of(self.gateway(), self.raft(), self.grid())
            .map(Endpoint::host)
            .collect(Collectors.toCollection(TreeSet::new));
    try {
      return Optional.of(
          NodeCertificate.read(
              file("tls.certificate"), file("tls.key"), network.ca().get(), hosts, Instant.now()));
    } catch (TlsRefused e) {
      throw refused(String.valueOf(e.getMessage()), e.fix());
    }
  }

  Path path() {
    return path;
  }

  Trouble refused(String what, String fix) {
    return wrong(path + ": " + what, fix);
  }

  private <T> Optional<T> value(String key, BiFunction<Config, String, T> read) {
    try {
      return config.hasPath(key) ? Optional.of(read.apply(config, key)) : Optional.empty();
    } catch (ConfigException e) {
      throw wrong(path + ": '" + key + "': " + e.getMessage(), "Mend it");
    }
  }

  private Path resolved(String text) {
    return folder().resolve(text).toAbsolutePath().normalize();
  }

  private static Trouble wrong(String what, String fix) {
    return new Trouble(ExitCode.USAGE, what, fix);
  }
}
