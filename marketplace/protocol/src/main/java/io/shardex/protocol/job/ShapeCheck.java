package io.shardex.protocol.job;

import io.shardex.protocol.job.Shape.Field;
import io.shardex.protocol.job.Yaml.Kind;
import io.shardex.protocol.job.Yaml.Scalar;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Holds a document against its shape and collects all that does not fit. */
final class ShapeCheck {
  private static final Pattern DECIMAL_DIGITS = Pattern.compile("[-+]?[0-9]{1,19}");
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?[0-9]{1,30}(\\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?");
  private static final int MAX_PROBLEMS = 50;

  private final List<Problem> problems = new ArrayList<>();

  /** Everything wrong with the document; empty when it fits. */
  static List<Problem> problems(Shape shape, Yaml document) {
    ShapeCheck check = new ShapeCheck();
    check.check(shape, document, "");
    return check.problems;
  }

  private void check(Shape shape, Yaml value, String path) {
    switch (shape) {
      case Shape.Fields fields -> checkFields(fields, value, path);
      case Shape.Variants variants -> checkVariants(variants, value, path);
      case Shape.Items items -> checkItems(items, value, path);
      case Shape.Text text -> checkText(text, value, path);
      case Shape.Choice choice -> checkChoice(choice, value, path);
      case Shape.Whole whole -> checkWhole(whole, value, path);
      case Shape.Numeric numeric -> checkNumber(value, path);
      case Shape.Truth truth -> checkTruth(value, path);
    }
  }

  private void checkFields(Shape.Fields shape, Yaml value, String path) {
    if (!(value instanceof Yaml.Mapping mapping)) {
      wrong(value, path, "a mapping with " + names(shape));
      return;
    }
    mapping.fields().forEach((name, child) -> checkKnown(shape, name, child, path));
    for (Field field : shape.fields()) {
      mapping
          .find(field.name())
          .ifPresentOrElse(
              child -> check(field.shape(), child, join(path, field.name())),
              () -> checkMissing(field, mapping, path));
    }
  }

  private void checkVariants(Shape.Variants shape, Yaml value, String path) {
    if (!(value instanceof Yaml.Mapping mapping)) {
      wrong(value, path, "a mapping with " + shape.key());
      return;
    }
    Optional<Yaml> word = mapping.find(shape.key());
    String where = join(path, shape.key());
    if (word.isEmpty()) {
      add(mapping, where, "missing; " + expectation(shape.words()));
    } else if (word.get() instanceof Scalar scalar && shape.of(scalar.text()).isPresent()) {
      checkFields(shape.of(scalar.text()).get(), value, path);
    } else {
      checkChoice(shape.words(), word.get(), where);
    }
  }

  private void checkKnown(Shape.Fields shape, String name, Yaml value, String path) {
    if (shape.fields().stream().noneMatch(field -> field.name().equals(name))) {
      String nearest =
          shape.fields().stream()
              .map(Field::name)
              .min(Comparator.comparingInt(known -> EditDistance.between(name, known)))
              .orElseThrow();
      add(value, join(path, name), "unknown field; the nearest known one is " + nearest);
    }
  }

  private void checkMissing(Field field, Yaml.Mapping mapping, String path) {
    if (field.required()) {
      add(mapping, join(path, field.name()), "missing; " + expectation(field.shape()));
    }
  }

  private void checkItems(Shape.Items shape, Yaml value, String path) {
    if (!(value instanceof Yaml.Sequence sequence)) {
      wrong(value, path, "a list");
      return;
    }
    List<Yaml> items = sequence.items();
    if (items.size() < shape.min() || items.size() > shape.max()) {
      add(
          value,
          path,
          "expected %d to %d items, but there are %d"
              .formatted(shape.min(), shape.max(), items.size()));
      return;
    }
    for (int i = 0; i < items.size(); i++) {
      check(shape.each(), items.get(i), path + "[" + i + "]");
    }
  }

  private void checkText(Shape.Text shape, Yaml value, String path) {
    boolean isText = value instanceof Scalar scalar && scalar.kind() == Kind.TEXT;
    if (isText && shape.pattern().matcher(((Scalar) value).text()).matches()) {
      return;
    }
    boolean needsQuotes =
        !isText
            && value instanceof Scalar scalar
            && shape.pattern().matcher(scalar.text()).matches();
    add(
        value,
        path,
        "%s, but it is %s%s"
            .formatted(
                expectation(shape), value.described(), needsQuotes ? "; put it in quotes" : ""));
  }

  private void checkChoice(Shape.Choice shape, Yaml value, String path) {
    if (!(value instanceof Scalar scalar
        && scalar.kind() == Kind.TEXT
        && shape.words().contains(scalar.text()))) {
      add(value, path, expectation(shape) + ", but it is " + value.described());
    }
  }

  private void checkWhole(Shape.Whole shape, Yaml value, String path) {
    if (!(value instanceof Scalar scalar
        && scalar.kind() == Kind.WHOLE
        && isWithin(scalar.text(), shape))) {
      add(value, path, expectation(shape) + ", but it is " + value.described());
    }
  }

  private static boolean isWithin(String digits, Shape.Whole shape) {
    if (!DECIMAL_DIGITS.matcher(digits).matches()) {
      return false;
    }
    try {
      long number = Long.parseLong(digits);
      return number >= shape.min() && number <= shape.max();
    } catch (NumberFormatException tooLong) {
      return false;
    }
  }

  private void checkNumber(Yaml value, String path) {
    boolean isNumber =
        value instanceof Scalar scalar
            && (scalar.kind() == Kind.WHOLE || scalar.kind() == Kind.DECIMAL)
            && NUMBER.matcher(scalar.text()).matches();
    if (!isNumber) {
      wrong(value, path, "a number");
    }
  }

  private void checkTruth(Yaml value, String path) {
    if (!(value instanceof Scalar scalar && scalar.kind() == Kind.TRUTH)) {
      wrong(value, path, "true or false");
    }
  }

  private static String expectation(Shape shape) {
    return "expected "
        + switch (shape) {
          case Shape.Fields fields -> "a mapping with " + names(fields);
          case Shape.Variants variants -> "a mapping with " + variants.key();
          case Shape.Items items -> "a list of %d to %d items".formatted(items.min(), items.max());
          case Shape.Text text -> "a text such as " + text.example();
          case Shape.Choice choice -> String.join(" or ", choice.words());
          case Shape.Whole whole -> whole.min() + " to " + whole.max();
          case Shape.Numeric numeric -> "a number";
          case Shape.Truth truth -> "true or false";
        };
  }

  private static String names(Shape.Fields shape) {
    return String.join(", ", shape.fields().stream().map(Field::name).toList());
  }

  private void wrong(Yaml value, String path, String expected) {
    add(value, path, "expected " + expected + ", but it is " + value.described());
  }

  private void add(Yaml value, String path, String detail) {
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(new Problem(path, OptionalInt.of(value.line()), detail));
    }
  }

  private static String join(String path, String name) {
    String bounded = name.length() <= 60 ? name : name.substring(0, 60) + "...";
    return path.isEmpty() ? bounded : path + "." + bounded;
  }
}
