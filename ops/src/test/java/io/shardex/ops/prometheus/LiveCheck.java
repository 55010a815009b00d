package io.shardex.ops.prometheus;

import io.grpc.Status;
import io.shardex.ops.prometheus.LivePrometheus.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs every query of the dashboards and the alert rules against a running network, through a
 * Prometheus of its own. A panel must show data; every metric and every label value that is named
 * must exist, so that a rule which is silent is silent because all is well.
 *
 * <p>{@code ops/prometheus/live-check URL...} calls it; {@code worker=URL} is a process that has
 * workers only, {@code @FILE} a file with one target a line.
 */
public final class LiveCheck {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration SCRAPED = Duration.ofSeconds(20);

  /** Panels that are empty in a healthy network, and why. */
  private static final Map<String, String> MAY_BE_EMPTY =
      Map.of(
          "market.json, Refused commands",
          "nobody may have been refused",
          "nodes.json, Questions it cannot answer",
          "every look may have succeeded",
          "nodes.json, Time to answer, 95 %",
          "there are quantiles only while calls come",
          "nodes.json, Time to answer, mean",
          "there is a mean only while calls come");

  /** Values that come into being only when something happens, by metric and label. */
  private static final Map<String, Set<String>> KNOWN_VALUES =
      Map.of(
          "shardex_gateway_requests_total code",
          Stream.of(Status.Code.values()).map(Enum::name).collect(Collectors.toSet()),
          "shardex_attestations_total outcome",
          Set.of("attested", "could_not_tell"),
          "up job",
          Set.of(Target.NODES, Target.WORKERS));

  private final Path module;
  private final LivePrometheus prometheus;
  private final Instant from;
  private final List<String> failures = new ArrayList<>();
  private final SortedMap<String, String> empty = new TreeMap<>();
  private final List<String> full = new ArrayList<>();
  private final List<String> firing = new ArrayList<>();

  /**
   * What was found.
   *
   * @param full panels with data
   * @param empty panels without, by name, and why that is no failure
   * @param firing rules whose condition holds; for a healthy network none
   * @param failures what is wrong, one line each
   */
  public record Report(
      List<String> full,
      SortedMap<String, String> empty,
      List<String> firing,
      List<String> failures) {}

  private LiveCheck(Path module, LivePrometheus prometheus, Instant from) {
    this.module = module;
    this.prometheus = prometheus;
    this.from = from;
  }

  /**
   * Scrapes the targets for a while and checks.
   *
   * @param module the folder {@code ops}
   * @param folder for Prometheus' files
   */
  public static Report of(Path module, Path binary, List<Target> targets, Path folder)
      throws IOException, InterruptedException {
    String rules = Files.readString(module.resolve("prometheus").resolve(AlertRule.FILE));
    try (LivePrometheus prometheus = LivePrometheus.start(binary, targets, rules, folder)) {
      prometheus.awaitTargets(PATIENCE);
      Instant begun = Instant.now();
      Thread.sleep(SCRAPED.toMillis());
      return of(module, prometheus, begun);
    }
  }

  /** Checks what a Prometheus has scraped since a moment. */
  static Report of(Path module, LivePrometheus prometheus, Instant since) throws IOException {
    return new LiveCheck(module, prometheus, since).report();
  }

  private Report report() throws IOException {
    for (Panel panel : Panel.all(module)) {
      check(panel);
    }
    for (AlertRule rule : AlertRule.all(module)) {
      check(rule);
    }
    return new Report(full, empty, firing, failures);
  }

  private void check(Panel panel) throws IOException {
    for (String template : panel.expressions()) {
      String expression = template.replace("$__rate_interval", "10s").replace("$node", ".+");
      checkNames(panel.name(), expression);
      if (samples(panel.name(), expression, from).filter(List::isEmpty).isPresent()) {
        String why = MAY_BE_EMPTY.get(panel.name());
        if (why == null) {
          failures.add(panel.name() + ": no data for " + expression);
        } else {
          empty.put(panel.name(), why);
        }
      }
    }
    if (!empty.containsKey(panel.name())
        && failures.stream().noneMatch(failure -> failure.startsWith(panel.name() + ":"))) {
      full.add(panel.name());
    }
  }

  private void check(AlertRule rule) throws IOException {
    checkNames(rule.name(), rule.expression());
    Instant now = Instant.now();
    if (samples(rule.name(), rule.expression(), now)
        .filter(found -> !found.isEmpty())
        .isPresent()) {
      firing.add(rule.name());
    }
  }

  /** The samples from a moment to now; empty after an error, which is noted. */
  private Optional<List<Double>> samples(String whose, String expression, Instant since) {
    try {
      return Optional.of(prometheus.samples(expression, since, Instant.now()));
    } catch (IOException e) {
      failures.add(whose + ": " + e.getMessage() + " in " + expression);
      return Optional.empty();
    }
  }

  private void checkNames(String whose, String expression) throws IOException {
    for (Selector selector : Selector.in(expression)) {
      if (prometheus.labelValues(selector.metric(), "__name__").isEmpty()) {
        failures.add(whose + ": nobody exports " + selector.metric());
      }
      for (Map.Entry<String, SortedSet<String>> label : selector.values().entrySet()) {
        Set<String> exist =
            KNOWN_VALUES.getOrDefault(
                selector.metric() + " " + label.getKey(),
                prometheus.labelValues(selector.metric(), label.getKey()));
        label.getValue().stream()
            .filter(value -> !exist.contains(value))
            .map(
                value ->
                    "%s: %s has no %s=\"%s\""
                        .formatted(whose, selector.metric(), label.getKey(), value))
            .forEach(failures::add);
      }
    }
  }

  /**
   * Checks the network whose operator ports are named.
   *
   * @param arguments the folder {@code ops}, a folder for Prometheus' files, then targets
   */
  public static void main(String[] arguments) throws Exception {
    Optional<Path> binary = LivePrometheus.binary();
    if (binary.isEmpty()) {
      System.out.println("live-check: skipped, there is no prometheus on the PATH");
      return;
    }
    List<Target> targets = new ArrayList<>();
    for (String argument : List.of(arguments).subList(2, arguments.length)) {
      List<String> texts =
          argument.startsWith("@")
              ? Files.readAllLines(Path.of(argument.substring(1)))
              : List.of(argument);
      texts.stream().filter(text -> !text.isBlank()).map(Target::of).forEach(targets::add);
    }
    if (targets.isEmpty()) {
      System.err.println("usage: live-check URL|worker=URL|@FILE...");
      System.exit(2);
    }
    Report report = of(Path.of(arguments[0]), binary.get(), targets, Path.of(arguments[1]));
    print(report);
    System.exit(report.failures().isEmpty() ? 0 : 1);
  }

  static void print(Report report) {
    System.out.println("panels with data: " + report.full().size());
    report
        .empty()
        .forEach((panel, why) -> System.out.println("empty: " + panel + " (" + why + ")"));
    System.out.println("alert conditions that hold: " + report.firing());
    report.failures().forEach(failure -> System.out.println("FAILED: " + failure));
  }
}
