package io.shardex.ops.prometheus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardex.ops.localnet.LoopbackPort;
import io.shardex.ops.localnet.TetheredProcess;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A real Prometheus on a free port of 127.0.0.1 that scrapes each target once a second and
 * evaluates alert rules as often; it ends with the test.
 *
 * <pre>{@code
 * try (LivePrometheus prometheus = LivePrometheus.start(binary, targets, rules, folder)) {
 *   kill(node);
 *   prometheus.awaitFiring("NodeDown", Duration.ofSeconds(20));
 *   start(node);
 *   prometheus.awaitResolved("NodeDown", Duration.ofSeconds(20));
 * }
 * }</pre>
 */
public final class LivePrometheus implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(30);
  private static final long LOOK_MILLIS = 200;

  private final TetheredProcess process;
  private final URI api;
  private final HttpClient http = HttpClient.newHttpClient();

  /**
   * An operator port to scrape.
   *
   * @param job {@code shardex} for a process with a node, {@code shardex-workers} for workers only
   * @param address host and port
   */
  public record Target(String job, String address) {
    public static final String NODES = "shardex";
    public static final String WORKERS = "shardex-workers";

    /** An address or URL, with {@code worker=} before it for a process that has workers only. */
    public static Target of(String text) {
      String job = text.startsWith("worker=") ? WORKERS : NODES;
      String url = text.startsWith("worker=") ? text.substring("worker=".length()) : text;
      return new Target(job, url.replaceFirst("^http://", "").replaceFirst("/.*$", ""));
    }
  }

  private LivePrometheus(TetheredProcess process, URI api) {
    this.process = process;
    this.api = api;
  }

  /** Where the program is; empty if it is not installed. */
  public static Optional<Path> binary() {
    return program("prometheus");
  }

  static Optional<Path> program(String name) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** The rules we ship with their patience multiplied; tests run in the module's folder. */
  public static String rules(double factor) throws IOException {
    return ScaledRules.of(Files.readString(Path.of("prometheus", AlertRule.FILE)), factor);
  }

  /**
   * Starts one.
   *
   * @param rules the text of a rules' file
   * @param folder for its settings, data and log; made if it is not there
   */
  public static LivePrometheus start(Path binary, List<Target> targets, String rules, Path folder)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(AlertRule.FILE), rules);
    Files.writeString(folder.resolve("prometheus.yml"), settings(targets));
    int port = LoopbackPort.free();
    String listen = "127.0.0.1:" + port;
    TetheredProcess process =
        TetheredProcess.start(
            List.of(
                binary.toString(),
                "--config.file=" + folder.resolve("prometheus.yml"),
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=" + listen),
            folder.resolve("prometheus.log"));
    LivePrometheus started =
        new LivePrometheus(process, URI.create("http://" + listen + "/api/v1/"));
    try {
      started.await("its answer, see " + folder.resolve("prometheus.log"), START, started::answers);
      return started;
    } catch (RuntimeException | InterruptedException e) {
      started.close();
      throw e;
    }
  }

  private static String settings(List<Target> targets) {
    StringBuilder settings =
        new StringBuilder(
            """
            global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
            rule_files: [alerts.yml]
            scrape_configs:
            """);
    Map<String, List<Target>> jobs = targets.stream().collect(Collectors.groupingBy(Target::job));
    jobs.forEach(
        (job, all) ->
            settings.append(
                """
                  - job_name: %s
                    static_configs: [{targets: [%s]}]
                """
                    .formatted(
                        job,
                        all.stream()
                            .map(target -> '"' + target.address() + '"')
                            .collect(Collectors.joining(", ")))));
    return settings.toString();
  }

  private boolean answers() {
    if (process.exit().isDone()) {
      throw new IllegalStateException("Prometheus ended with " + process.exit().join());
    }
    try {
      return !get("status/buildinfo", Map.of()).isMissingNode();
    } catch (IOException e) {
      return false;
    }
  }

  /** Waits until every target has answered. */
  public void awaitTargets(Duration limit) throws InterruptedException {
    await(
        "every target to answer",
        limit,
        () -> {
          try {
            JsonNode targets = get("targets", Map.of("state", "active")).path("activeTargets");
            List<String> health = targets.findValuesAsText("health");
            return !health.isEmpty() && health.stream().allMatch("up"::equals);
          } catch (IOException e) {
            return false;
          }
        });
  }

  /** Every sample of an expression between two moments, a second apart; NaN left out. */
  List<Double> samples(String expression, Instant from, Instant to) throws IOException {
    JsonNode answer =
        get(
            "query_range",
            Map.of(
                "query",
                expression,
                "start",
                String.valueOf(from.getEpochSecond()),
                "end",
                String.valueOf(to.getEpochSecond()),
                "step",
                "1"));
    List<Double> samples = new ArrayList<>();
    for (JsonNode series : answer.path("result")) {
      for (JsonNode sample : series.path("values")) {
        double value = Double.parseDouble(sample.path(1).asText().replace("Inf", "Infinity"));
        if (!Double.isNaN(value)) {
          samples.add(value);
        }
      }
    }
    return samples;
  }

  /** Every value that a metric's label has had; empty if the metric does not exist. */
  SortedSet<String> labelValues(String metric, String label) throws IOException {
    SortedSet<String> values = new TreeSet<>();
    get("label/" + label + "/values", Map.of("match[]", metric))
        .forEach(value -> values.add(value.asText()));
    return values;
  }

  /** The names of the rules that fire now. */
  public SortedSet<String> firing() throws IOException {
    SortedSet<String> names = new TreeSet<>();
    for (JsonNode alert : get("alerts", Map.of()).path("alerts")) {
      if (alert.path("state").asText().equals("firing")) {
        names.add(alert.path("labels").path("alertname").asText());
      }
    }
    return names;
  }

  /** Waits until a rule fires, and says how long that took. */
  public Duration awaitFiring(String alert, Duration limit) throws InterruptedException {
    return await(alert + " to fire", limit, () -> fires(alert));
  }

  /** Waits until a rule does not fire, and says how long that took. */
  public Duration awaitResolved(String alert, Duration limit) throws InterruptedException {
    return await(alert + " to be resolved", limit, () -> !fires(alert));
  }

  private boolean fires(String alert) {
    try {
      return firing().contains(alert);
    } catch (IOException e) {
      throw new IllegalStateException("Prometheus does not say what fires", e);
    }
  }

  private Duration await(String what, Duration limit, BooleanSupplier holds)
      throws InterruptedException {
    long begun = System.nanoTime();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() - begun > limit.toNanos()) {
        throw new IllegalStateException(
            "waited " + limit.toSeconds() + " s in vain for " + what + describeFiring());
      }
      Thread.sleep(LOOK_MILLIS);
    }
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  private String describeFiring() {
    try {
      return "; firing: " + firing();
    } catch (IOException e) {
      return "";
    }
  }

  /** The data of an answer. An expression that cannot be evaluated is an {@link IOException}. */
  private JsonNode get(String path, Map<String, String> parameters) throws IOException {
    String query =
        parameters.entrySet().stream()
            .map(each -> each.getKey() + "=" + encoded(each.getValue()))
            .collect(Collectors.joining("&"));
    HttpRequest request =
        HttpRequest.newBuilder(api.resolve(path + "?" + query))
            .timeout(Duration.ofSeconds(10))
            .build();
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      JsonNode json = new ObjectMapper().readTree(answer.body());
      if (!json.path("status").asText().equals("success")) {
        throw new IOException(json.path("error").asText(answer.body()));
      }
      return json.path("data");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    process.close();
    http.close();
  }
}
