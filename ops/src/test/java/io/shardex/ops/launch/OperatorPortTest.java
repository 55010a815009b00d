package io.shardex.ops.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Gauge;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OperatorPortTest {
  private final AtomicBoolean healthy = new AtomicBoolean(true);
  private final AtomicBoolean firstReady = new AtomicBoolean(true);
  private OperatorPort port;

  @BeforeEach
  void open() throws Exception {
    port =
        OperatorPort.open(
            0,
            List.of(registryOf("node-1", 3), registryOf("node-2", 4)),
            healthy::get,
            Map.of("node-1", firstReady::get, "node-2", () -> true));
  }

  @AfterEach
  void close() {
    port.close();
  }

  @Test
  void aFamilyOfSeveralNodesStandsOnThePageOnce() throws Exception {
    Answer page = get("/metrics");

    assertEquals(200, page.status());
    assertTrue(page.body().contains("shardex_leases_active{node=\"node-1\",} 3.0"), page.body());
    assertTrue(page.body().contains("shardex_leases_active{node=\"node-2\",} 4.0"), page.body());
    assertEquals(1, page.body().split("# TYPE shardex_leases_active ", -1).length - 1);
  }

  @Test
  void readinessIsPerNodeAndOfAll() throws Exception {
    assertEquals(200, get("/readyz").status());

    firstReady.set(false);

    assertEquals(503, get("/readyz?node=node-1").status());
    assertEquals(200, get("/readyz?node=node-2").status());
    assertEquals(503, get("/readyz").status());
  }

  @Test
  void anUnknownNodeIsAnsweredWithThoseThereAre() throws Exception {
    Answer answer = get("/readyz?node=node-9");

    assertEquals(404, answer.status());
    assertTrue(answer.body().contains("[node-1, node-2]"), answer.body());
  }

  @Test
  void healthIsTheGivenSupplier() throws Exception {
    assertEquals("healthy\n", get("/healthz").body());

    healthy.set(false);

    assertEquals(503, get("/healthz").status());
  }

  @Test
  void aPortInUseIsNamedWithTheFlagThatChangesIt() {
    Trouble trouble =
        assertThrows(
            Trouble.class, () -> OperatorPort.open(port.port(), List.of(), () -> true, Map.of()));

    assertTrue(trouble.what().contains("port " + port.port()), trouble.what());
    assertTrue(trouble.fix().contains("--operator-port"), trouble.fix());
  }

  private record Answer(int status, String body) {}

  private Answer get(String path) throws Exception {
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + port.port() + path).toURL().openConnection();
    int status = connection.getResponseCode();
    try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      return new Answer(status, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static CollectorRegistry registryOf(String node, int leases) {
    CollectorRegistry registry = new CollectorRegistry();
    Gauge.build("shardex_leases_active", "Live leases.")
        .labelNames("node")
        .register(registry)
        .labels(node)
        .set(leases);
    return registry;
  }
}
