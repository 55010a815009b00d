package io.shardex.cli.audit;

import java.util.List;
import java.util.StringJoiner;

/** One JSON object on one line, its fields in the order they are put. */
final class JsonLine {
  private final StringJoiner fields = new StringJoiner(",", "{", "}");

  JsonLine put(String name, long value) {
    fields.add(quoted(name) + ":" + value);
    return this;
  }

  JsonLine put(String name, String value) {
    fields.add(quoted(name) + ":" + quoted(value));
    return this;
  }

  JsonLine put(String name, List<String> values) {
    StringJoiner list = new StringJoiner(",", "[", "]");
    values.forEach(value -> list.add(quoted(value)));
    fields.add(quoted(name) + ":" + list);
    return this;
  }

  @Override
  public String toString() {
    return fields.toString();
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.chars()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
              } else if (c < ' ') {
                quoted.append("\\u%04x".formatted(c));
              } else {
                quoted.append((char) c);
              }
            });
    return quoted.append('"').toString();
  }
}
