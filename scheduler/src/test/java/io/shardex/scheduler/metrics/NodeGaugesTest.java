package io.shardex.scheduler.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import io.shardex.consensus.Leadership;
import io.shardex.consensus.ReplicaStatus;
import io.shardex.market.Command;
import io.shardex.protocol.network.NetworkId;
import io.shardex.scheduler.archive.LogArchive;
import io.shardex.scheduler.grid.GridStatus;
import io.shardex.scheduler.replica.LocalLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeGaugesTest {
  private static final Path DOCUMENT = Path.of("../docs/operating.md");
  private static final Pattern DOCUMENTED = Pattern.compile("`(shardex_[a-z_]+)`");

  private final LocalLog log = new LocalLog().born();
  private final CollectorRegistry registry = new CollectorRegistry();
  private final NodeMetrics counts = new NodeMetrics("one", registry);
  private long now = LocalLog.NOW;
  @TempDir private Path folder;
  private LogArchive archive;

  @BeforeEach
  void register() throws Exception {
    archive = LogArchive.open(folder.resolve("archive"), NetworkId.of(log.network), 1 << 20);
    new NodeGauges(
            "one",
            log.replica,
            new NodeGauges.Sources(
                () ->
                    new ReplicaStatus(
                        true, new Leadership(3, Optional.of("one"), true), 90, 100, 80),
                () -> new GridStatus(true, 2, 3, 5, 6, 7),
                () -> true,
                () -> 12,
                () -> true,
                archive,
                folder.resolve("raft"),
                Optional.of(Instant.ofEpochMilli(now).plusSeconds(90)),
                () -> Instant.ofEpochMilli(now)),
            counts)
        .register(registry);
  }

  @AfterEach
  void close() throws Exception {
    archive.close();
  }

  @Test
  void everyMetricIsInTheOperatorsTableAndNoOther() throws Exception {
    SortedSet<String> documented = new TreeSet<>();
    for (String line : Files.readAllLines(DOCUMENT)) {
      if (line.startsWith("| `shardex_") && !line.startsWith("| `shardex_worker_")) {
        Matcher names = DOCUMENTED.matcher(line.split("\\|", -1)[1]);
        while (names.find()) {
          documented.add(names.group(1));
        }
      }
    }

    SortedSet<String> exported = new TreeSet<>();
    for (MetricFamilySamples family : Collections.list(registry.metricFamilySamples())) {
      exported.add(family.type == Collector.Type.COUNTER ? family.name + "_total" : family.name);
    }

    assertEquals(exported, documented);
  }

  @Test
  void figuresOfRaftAndTheGridAreThoseOfTheirSources() {
    assertEquals(3, value("raft_term"));
    assertEquals(10, value("raft_lag_entries"));
    assertEquals(80, value("raft_snapshot_index"));
    assertEquals(2, value("grid_nodes"));
    assertEquals(3, value("grid_nodes_expected"));
    assertEquals(7, value("grid_lost_partitions"));
    assertEquals(12, value("chain_final_block"));
    assertEquals(2, value("validators"));
  }

  @Test
  void raftsFilesAreMeasured() throws Exception {
    Path raft = Files.createDirectories(folder.resolve("raft/group/current"));
    Files.write(raft.resolve("log_0-9"), new byte[100]);
    Files.write(raft.resolve("log_inprogress_10"), new byte[20]);
    Files.write(raft.resolve("raft-meta"), new byte[7]);
    Path snapshot = Files.createFile(raft.resolve("snapshot.2_9"));
    Files.createFile(raft.resolve("snapshot.2_9.md5"));
    Files.setLastModifiedTime(snapshot, FileTime.fromMillis(now - 30_000));

    assertEquals(120, value("raft_log_bytes"));
    assertEquals(30, value("raft_snapshot_age_seconds"));
    assertTrue(value("disk_free_bytes") > 0);
  }

  @Test
  void anOpenQuestionAgesFromTheFirstLookThatSawIt() {
    assertEquals(0, age("questions"));
    var unused =
        log.voice
            .say(
                new Command.Beat(
                    0, now, 5, 0, log.replica.hashAt(0).orElseThrow(), Optional.empty()))
            .join();
    log.fellowBeats(5);

    assertEquals(0, age("questions"));
    now += 7_000;

    assertEquals(7, age("questions"));
    assertEquals(0, age("disputes"));
  }

  @Test
  void callsAreTimedByMethod() {
    counts.answered("Market/Query", Status.Code.OK);
    counts.took("Market/Query", 0.07);

    assertEquals(
        1,
        registry.getSampleValue(
            "shardex_gateway_request_seconds_bucket",
            new String[] {"node", "method", "le"},
            new String[] {"one", "Market/Query", "0.1"}));
  }

  private double age(String queue) {
    return registry.getSampleValue(
        "shardex_queue_age_seconds", new String[] {"node", "queue"}, new String[] {"one", queue});
  }

  private double value(String name) {
    return registry.getSampleValue("shardex_" + name, new String[] {"node"}, new String[] {"one"});
  }
}
