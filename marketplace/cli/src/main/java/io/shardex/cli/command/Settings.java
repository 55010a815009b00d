package io.shardex.cli.command;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.shardex.cli.InputRefused;
import io.shardex.protocol.job.EditDistance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The settings in force. A flag goes before a variable, that before the file, that before none. */
final class Settings {
  private static final String FILE_VARIABLE = "SHARDEX_CONFIG";

  private final Map<Setting, Value> values;

  /**
   * @param text empty when nothing is set
   * @param source who said so
   */
  record Value(String text, String source) {}

  private Settings(Map<Setting, Value> values) {
    this.values = values;
  }

  /**
   * @param flags what the command line says
   * @throws InputRefused when the configuration file cannot be used
   */
  static Settings resolve(Map<Setting, String> flags, Surroundings around) throws InputRefused {
    Map<Setting, Value> values = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      values.put(setting, new Value(around.expanded(setting.standard()), "default"));
    }
    readFile(values, around);
    for (Setting setting : Setting.values()) {
      Optional.ofNullable(around.environment().get(setting.variable()))
          .filter(text -> !text.isBlank())
          .ifPresent(
              text -> values.put(setting, new Value(around.expanded(text), setting.variable())));
      Optional.ofNullable(flags.get(setting))
          .ifPresent(text -> values.put(setting, new Value(text, setting.flag())));
    }
    return new Settings(values);
  }

  private static void readFile(Map<Setting, Value> values, Surroundings around)
      throws InputRefused {
    Optional<String> named = Optional.ofNullable(around.environment().get(FILE_VARIABLE));
    Path file =
        named.map(around::expanded).map(Path::of).orElse(around.folder().resolve("shardex.conf"));
    if (!Files.exists(file)) {
      if (named.isPresent()) {
        throw new InputRefused(
            FILE_VARIABLE + " names " + file + ", and there is no such file",
            "Write the file, or unset " + FILE_VARIABLE);
      }
      return;
    }
    try {
      Config config = ConfigFactory.parseFile(file.toFile()).resolve();
      for (String key : config.root().keySet()) {
        Setting setting = named(key, file);
        values.put(
            setting,
            new Value(text(setting, config.getString(key), file, around), file.toString()));
      }
    } catch (ConfigException e) {
      throw new InputRefused(
          "the configuration file cannot be read: " + e.getMessage(),
          "Mend " + file + "; docs/commands.md shows what may stand there");
    }
  }

  private static Setting named(String key, Path file) throws InputRefused {
    for (Setting setting : Setting.values()) {
      if (setting.key().equals(key)) {
        return setting;
      }
    }
    String nearest =
        Arrays.stream(Setting.values())
            .map(Setting::key)
            .min(Comparator.comparingInt(known -> EditDistance.between(key, known)))
            .orElseThrow();
    throw new InputRefused(
        file + ": there is no setting '" + key + "'; the nearest is '" + nearest + "'",
        "Mend its name or take it out; there are "
            + Arrays.stream(Setting.values()).map(Setting::key).collect(Collectors.joining(", ")));
  }

  /** Paths in the file are relative to it. */
  private static String text(Setting setting, String text, Path file, Surroundings around) {
    String expanded = around.expanded(text);
    return setting.isPath() && !expanded.isEmpty()
        ? file.toAbsolutePath().resolveSibling(expanded).toString()
        : expanded;
  }

  Value value(Setting setting) {
    return Optional.ofNullable(values.get(setting)).orElseThrow();
  }

  Path path(Setting setting) {
    return Path.of(value(setting).text());
  }

  Optional<Path> passphraseFile() {
    String text = value(Setting.PASSPHRASE_FILE).text();
    return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
  }

  boolean json() throws InputRefused {
    Value output = value(Setting.OUTPUT);
    return switch (output.text()) {
      case "json" -> true;
      case "text" -> false;
      default ->
          throw new InputRefused(
              "the output is text or json, but "
                  + output.source()
                  + " says '"
                  + output.text()
                  + "'",
              "Say '-o json' or '-o text'");
    };
  }
}
