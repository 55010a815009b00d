package io.shardex.ops.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardex.ops.prometheus.LivePrometheus.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The critical alerts fire and are resolved in a real Prometheus, on figures that a test sets. */
class LivePrometheusTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String PAY_AGE = "shardex_outbox_unconfirmed_age_seconds{node=\"one\"}";
  private static final String DISPUTE_AGE =
      "shardex_queue_age_seconds{node=\"one\",queue=\"disputes\"}";

  @TempDir private Path folder;

  @Test
  void criticalAlertsFireAndAreResolved() throws Exception {
    Optional<Path> binary = LivePrometheus.binary();
    assumeTrue(binary.isPresent(), "there is no prometheus on the PATH (Debian: prometheus)");
    try (FakeTarget node = new FakeTarget();
        FakeTarget other = new FakeTarget();
        LivePrometheus prometheus = start(binary.get(), node, other)) {
      other.show("shardex_raft_is_leader{node=\"two\"}", 1);
      node.show(PAY_AGE, 1);
      node.show(DISPUTE_AGE, 0);
      prometheus.awaitTargets(LIMIT);
      Instant begun = Instant.now();
      prometheus.awaitResolved("NoLeader", LIMIT);

      node.show(PAY_AGE, 31);
      node.show(DISPUTE_AGE, 7);
      prometheus.awaitFiring("SettlementStuck", LIMIT);
      prometheus.awaitFiring("DisputesOpen", LIMIT);
      assertEquals(Set.of("SettlementStuck", "DisputesOpen"), prometheus.firing());

      node.show(PAY_AGE, 30);
      node.show(DISPUTE_AGE, 6);
      prometheus.awaitResolved("SettlementStuck", LIMIT);
      prometheus.awaitResolved("DisputesOpen", LIMIT);

      node.goAway();
      prometheus.awaitFiring("NodeDown", LIMIT);
      node.comeBack();
      prometheus.awaitResolved("NodeDown", LIMIT);

      assertTrue(
          prometheus.samples("shardex_queue_age_seconds", begun, Instant.now()).contains(7.0));
      assertEquals(
          Set.of("disputes"), prometheus.labelValues("shardex_queue_age_seconds", "queue"));
      assertTrue(prometheus.labelValues("shardex_nowhere", "__name__").isEmpty());
      assertThrows(IOException.class, () -> prometheus.samples("sum(", begun, Instant.now()));
    }
  }

  @Test
  void aTargetIsANodesOrAWorkersOnly() {
    assertEquals(
        new Target("shardex", "127.0.0.1:9464"), Target.of("http://127.0.0.1:9464/metrics"));
    assertEquals(
        new Target("shardex-workers", "127.0.0.1:9471"), Target.of("worker=127.0.0.1:9471"));
    assertFalse(LivePrometheus.program("no-such-program").isPresent());
  }

  private LivePrometheus start(Path binary, FakeTarget... targets) throws Exception {
    return LivePrometheus.start(
        binary,
        List.of(targets).stream().map(FakeTarget::target).toList(),
        LivePrometheus.rules(0.1),
        folder);
  }
}
