package io.shardex.scheduler.grid;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import io.shardex.market.state.Task;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.job.JobRefused;
import io.shardex.protocol.job.OutputIndex;
import io.shardex.protocol.key.SigningKey;
import io.shardex.scheduler.attest.TinyCommand;
import io.shardex.scheduler.attest.TinyJob;
import io.shardex.scheduler.events.Committed;
import io.shardex.scheduler.replica.TwoNodes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a sweep leaves of the grid, as the market's state needs it. */
class GridHostTest {
  private static final Duration TTL = Duration.ofHours(1);

  private final TwoNodes nodes = new TwoNodes();
  private Instant now = nodes.now();
  private final MapGrid grid = new MapGrid(new BlobQuota(1 << 24, 1 << 25), TTL, () -> now);
  private final TinyJob tiny = new TinyJob(nodes, grid);
  private final Digest unrelated = store("what nobody needs");

  GridHostTest() throws JobRefused {}

  @Test
  void whatALiveJobIsMadeOfStaysAndTheRestGoes() {
    Digest initial = store("the initial model");
    JobId unusedJob = nodes.funded(tiny.spec, tiny.terms(), initial);
    Digest one = store("a committed result");
    Digest other = store("another committed result");
    Task unused = nodes.committed("one", one);
    now = now.plus(TTL);

    assertLeft(made(initial, one));

    Digest late = store("another committed result");
    assertEquals(other, late);
    Task second = nodes.committed("other", late);
    now = now.plus(TTL);
    assertLeft(made(initial, one, second.commitment().orElseThrow().result()));
  }

  @Test
  void aCheckpointStaysWhileItsShardMayGoOnFromItAndItsClaimGoesWithIt() throws Exception {
    Digest initial = store("the initial model");
    Address first = SigningKey.fromSeed(1, "first").address();
    Digest saved = grid.store(Uploader.WORKER.named(first), "a checkpoint".getBytes(UTF_8));
    JobId job = nodes.funded(tiny.spec, tiny.savedTerms(), initial);
    TaskId task = nodes.left("first", 2, saved);
    Event.CheckpointSaved event = new Event.CheckpointSaved(task, 1, first, 2, saved, false);
    try (GridHost host = GridHost.start(nodes.first, grid, Duration.ofDays(1))) {
      host.hear(new Committed.Happened(1, 0, List.of(event)));
      host.sweep();
      assertTrue(grid.load(saved).isPresent());
      nodes.cancels(job);
      nodes.beat();
      assertTrue(nodes.first.read(state -> state.task(task)).isEmpty());
      host.sweep();
    }
    assertTrue(grid.load(saved).isEmpty(), "long before its time to live is over");
    assertTrue(grid.load(initial).isPresent());
  }

  @Test
  void whoNamesAnothersBlobAsItsCheckpointDoesNotRemoveIt() {
    Event.CheckpointSaved event =
        new Event.CheckpointSaved(
            new TaskId(new JobId(tiny.spec), 1, 0), 1, Address.ZERO, 2, unrelated, false);
    try (GridHost host = GridHost.start(nodes.first, grid, Duration.ofDays(1))) {
      host.hear(new Committed.Happened(1, 0, List.of(event)));
      host.sweep();
    }
    assertTrue(grid.load(unrelated).isPresent());
  }

  @Test
  void theModelsOfClosedRoundsStayAndTheirResultsGo() {
    Digest initial = store("the initial model");
    JobId unused = nodes.funded(tiny.spec, tiny.terms(), initial);
    Task one = nodes.committed("one", store("a committed result"));
    Task other = nodes.committed("other", store("another committed result"));
    nodes.proves();
    Fact round = nodes.openFacts(Fact.RoundModel.class).getFirst();
    Digest next = store("the model of " + one.id().round() + " " + other.id().round());
    nodes.agree(round, new FactValue.Averaged(next, 0));
    now = now.plus(TTL);

    assertLeft(made(initial, next));
  }

  @Test
  void whatACommandIsMadeFromAndTheOutputsOfItsIndexStay() throws Exception {
    TinyCommand command = new TinyCommand(nodes.network, nodes.now(), grid);
    JobId job = nodes.funded(command.spec, command.terms(), command.terms().data());
    Digest data = command.terms().data();
    Task one = nodes.committed("one", store("an output"));
    Task other = nodes.committed("other", store("another output"));
    OutputIndex index =
        new OutputIndex(
            List.of(
                new OutputIndex.Output(0, one.commitment().orElseThrow().result(), 9),
                new OutputIndex.Output(1, other.commitment().orElseThrow().result(), 14)));
    assertEquals(List.of(), nodes.draws());
    nodes.agree(
        nodes.openFacts(Fact.RoundModel.class).getFirst(),
        new FactValue.Averaged(command.upload(index.encoded()), 0));
    assertTrue(nodes.first.read(state -> state.tasksOf(job)).isEmpty());
    nodes.beat();
    nodes.settles(nodes.signsBatch());
    assertTrue(nodes.first.read(state -> state.resultsOf(job)).isEmpty());
    now = now.plus(TTL);

    assertLeft(
        Set.of(
            command.spec,
            data,
            id("the root file system"),
            id("echo hello"),
            id("an output"),
            id("another output"),
            Manifest.of(index.encoded()).id()));
  }

  @Test
  void theDataOfAJobThatWaitsForItsFundingStays() {
    JobId unused = nodes.submitted(tiny.spec, tiny.terms());
    now = now.plus(TTL);
    assertLeft(made());
  }

  @Test
  void theFileOfADepositStaysThoughItsJobIsNotSubmitted() {
    JobId unused = nodes.deposited(tiny.spec);
    now = now.plus(TTL);
    assertLeft(Set.of(tiny.spec));
  }

  @Test
  void whatIsYoungStaysThoughNoJobNamesIt() {
    Set<Digest> all = made(unrelated);
    now = now.plus(TTL).minusMillis(1);
    assertLeft(all);
    now = now.plusMillis(1);
    assertLeft(Set.of());
  }

  @Test
  void aJobThatEndedKeepsItsModelsWhileItIsInTheState() {
    Digest initial = store("the initial model");
    JobId job = nodes.funded(tiny.spec, tiny.terms(), initial);
    nodes.cancels(job);
    nodes.beat();
    nodes.settles(nodes.signsBatch());
    now = now.plus(TTL);
    assertLeft(made(initial));
  }

  @Test
  void aDescriptionThatIsNoneKeepsNothingElse() {
    Digest images = tiny.data.images();
    JobId job = nodes.submitted(images, tiny.terms());
    assertTrue(grid.delete(tiny.terms().data()), job::toString);
    now = now.plus(TTL);
    assertLeft(Set.of(images));
  }

  private void assertLeft(Set<Digest> expected) {
    try (GridHost host = GridHost.start(nodes.first, grid, Duration.ofDays(1))) {
      host.sweep();
    }
    Set<Digest> left = new TreeSet<>();
    grid.claims.keys().forEach(name -> left.add(Digest.parse(name)));
    assertEquals(new TreeSet<>(expected), left);
    left.forEach(blob -> assertTrue(grid.load(blob).isPresent(), blob::toString));
  }

  /** The blobs of the tiny job, and some more. */
  private Set<Digest> made(Digest... more) {
    Set<Digest> blobs = new TreeSet<>(Set.of(more));
    blobs.addAll(Set.of(tiny.spec, tiny.terms().data(), tiny.data.images(), tiny.data.labels()));
    return blobs;
  }

  private static Digest id(String content) {
    return Manifest.of(content.getBytes(StandardCharsets.UTF_8)).id();
  }

  private Digest store(String content) {
    return grid.store("somebody", content.getBytes(StandardCharsets.UTF_8));
  }
}
