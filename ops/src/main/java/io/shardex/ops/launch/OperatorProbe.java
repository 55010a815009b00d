package io.shardex.ops.launch;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Asks {@link OperatorPort}s on this machine. */
public final class OperatorProbe implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(3);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();

  /** Whether all of the process's roles are ready; false when nobody answers. */
  public boolean isReady(int port) {
    return page(port, "/readyz").isPresent();
  }

  /** The first sample of a metric; empty when nobody answers or it is not there. */
  public Optional<Double> value(int port, String metric) {
    return page(port, "/metrics")
        .flatMap(
            page ->
                page.lines()
                    .filter(line -> line.startsWith(metric + "{") || line.startsWith(metric + " "))
                    .map(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .findFirst());
  }

  /** What a path answers; empty when nobody does, or with another status than 200. */
  public Optional<String> page(int port, String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(LIMIT)
            .build();
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200 ? Optional.of(answer.body()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
