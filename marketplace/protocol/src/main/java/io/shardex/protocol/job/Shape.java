package io.shardex.protocol.job;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a value of a job file may be. The reader and the published JSON Schema both follow it. */
sealed interface Shape {
  /** A mapping with these fields and no others. */
  record Fields(List<Field> fields) implements Shape {
    static Fields of(Field... fields) {
      return new Fields(List.of(fields));
    }
  }

  /** One of several mappings; the word in the field {@code key} says which. */
  record Variants(String key, List<Fields> options) implements Shape {
    /** Options that each have a {@code key} of one word. */
    static Variants by(String key, Fields... options) {
      return new Variants(key, List.of(options));
    }

    /** The words that may stand in the field {@code key}. */
    Choice words() {
      return new Choice(options.stream().map(this::word).toList());
    }

    /** The mapping this word asks for. */
    Optional<Fields> of(String word) {
      return options.stream().filter(option -> word(option).equals(word)).findFirst();
    }

    private String word(Fields option) {
      return option.fields().stream()
          .filter(field -> field.name().equals(key))
          .map(field -> ((Choice) field.shape()).words().getFirst())
          .findFirst()
          .orElseThrow();
    }
  }

  /** A string, such as {@code example}, that the whole pattern matches. */
  record Text(Pattern pattern, String example) implements Shape {
    static Text of(String pattern, String example) {
      return new Text(Pattern.compile(pattern), example);
    }
  }

  /** One of some words. */
  record Choice(List<String> words) implements Shape {
    static Choice of(String... words) {
      return new Choice(List.of(words));
    }
  }

  /** A whole number in decimal digits. */
  record Whole(long min, long max) implements Shape {}

  /** A number with or without a fraction; its range is checked where it is used. */
  record Numeric() implements Shape {}

  /** True or false. */
  record Truth() implements Shape {}

  /** A list. */
  record Items(Shape each, int min, int max) implements Shape {}

  /** A field of a mapping; {@code about} is one sentence for people. */
  record Field(String name, boolean required, String about, Shape shape) {
    static Field required(String name, String about, Shape shape) {
      return new Field(name, true, about, shape);
    }

    static Field optional(String name, String about, Shape shape) {
      return new Field(name, false, about, shape);
    }
  }
}
