package io.shardex.protocol.job;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A piece of a YAML document and the line it starts on, from 1. Scalars keep their exact text. */
sealed interface Yaml {
  int line();

  /** What it is, in an error message. */
  String described();

  /** Fields in file order; their line is the key's. */
  record Mapping(int line, Map<String, Yaml> fields) implements Yaml {
    Optional<Yaml> find(String name) {
      return Optional.ofNullable(fields.get(name));
    }

    /** A field that the shape has already required. */
    Yaml get(String name) {
      return find(name).orElseThrow(() -> new IllegalStateException("no field " + name));
    }

    Mapping mapping(String name) {
      return (Mapping) get(name);
    }

    String text(String name) {
      return ((Scalar) get(name)).text;
    }

    @Override
    public String described() {
      return "a mapping";
    }
  }

  record Sequence(int line, List<Yaml> items) implements Yaml {
    @Override
    public String described() {
      return "a list";
    }
  }

  record Scalar(int line, Kind kind, String text) implements Yaml {
    @Override
    public String described() {
      return switch (kind) {
        case TEXT -> "'" + shortened() + "'";
        case WHOLE, DECIMAL -> "the number " + shortened();
        case TRUTH -> text;
        case NOTHING -> "empty";
      };
    }

    private String shortened() {
      return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
  }

  /** What a plain or quoted scalar is in YAML's core schema. */
  enum Kind {
    TEXT,
    WHOLE,
    DECIMAL,
    TRUTH,
    NOTHING
  }
}
