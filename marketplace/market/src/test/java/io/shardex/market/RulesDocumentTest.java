package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/rules.md} to the code. */
class RulesDocumentTest {
  /** {@code | `pace.beat` | 200 | ms | meaning |}, each cell filled. */
  private static final Pattern ROW =
      Pattern.compile("\\| `(?<name>[^`]+)` \\| (?<local>\\d+) \\| \\S[^|]* \\| \\S[^|]* \\|");

  /** A rule and its value in the local preset. */
  private record Row(String name, long local) {}

  @Test
  void theTableOfRulesSaysWhatTheLocalPresetIs() throws Exception {
    List<Row> rules = new ArrayList<>();
    collect("", Rules.local(), rules);

    assertEquals(rules, documented());
  }

  private static List<Row> documented() throws Exception {
    try (Stream<String> lines = Files.lines(Path.of("../../docs/rules.md"))) {
      return lines
          .map(ROW::matcher)
          .filter(Matcher::matches)
          .map(row -> new Row(row.group("name"), Long.parseLong(row.group("local"))))
          .toList();
    }
  }

  private static void collect(String prefix, Record group, List<Row> rules) throws Exception {
    for (RecordComponent field : group.getClass().getRecordComponents()) {
      Object value = field.getAccessor().invoke(group);
      String name = prefix + field.getName();
      switch (value) {
        case Integer number -> rules.add(new Row(name, number));
        case Long number -> rules.add(new Row(name, number));
        case PartsPerMillion rate -> rules.add(new Row(name, rate.value()));
        case Amount amount -> rules.add(new Row(name, amount.units()));
        case Record inner -> collect(name + ".", inner, rules);
        default -> throw new AssertionError("the table has no way to write " + name);
      }
    }
  }
}
