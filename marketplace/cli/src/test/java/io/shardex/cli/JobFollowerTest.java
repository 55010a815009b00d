package io.shardex.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.cli.RoundView.Score;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.client.BlobProgress;
import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.model.MalformedBlob;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.SafeTensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobFollowerTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir private Path folder;

  private final LocalEscrow escrow = new LocalEscrow();
  private final LocalMarketplace market = new LocalMarketplace(escrow);
  private final List<JobView> heard = new ArrayList<>();
  private PlannedJob job;
  private RoundModel model;

  // JUnit fills the folder in and calls the method below before each test.
  @SuppressWarnings("NullAway.Init")
  JobFollowerTest() {}

  @BeforeEach
  void closeOneRound() throws Exception {
    job =
        new JobSubmission(
                SmallJob.NETWORK, escrow, market, folder, () -> Instant.EPOCH, millis -> {})
            .plan(SmallJob.in(folder).file());
    RoundModel initial = InitialModel.of(job.training().model());
    model = new RoundModel(initial.model(), 1, initial.parameters());
  }

  @Test
  void aClosedRoundsModelIsFetchedAndTestedOnTheBuildersData() throws Exception {
    market.put(model.encode(), BlobProgress.NONE);
    market.log.add(closed(model.encode()));

    JobView view = follow();

    // All images of the small job are black, so that all get one label: half of them rightly.
    assertEquals(OptionalDouble.of(0.5), view.accuracy());
    assertEquals(view, heard.getLast());
  }

  @Test
  void aModelThatIsNotTheRoundsHasNoScore() throws Exception {
    byte[] initial = InitialModel.of(job.training().model()).encode();
    market.put(initial, BlobProgress.NONE);
    market.log.add(closed(initial));

    assertInstanceOf(Score.Unknown.class, follow().closed().getFirst().score());
  }

  @Test
  void aJobThatDoesNotComeFurtherStalls() throws Exception {
    try (JobFollower follower = new JobFollower(market, job, heard::add)) {
      Stalled stalled =
          assertThrows(Stalled.class, () -> follower.follow(JobView::ended, Duration.ZERO));

      assertTrue(String.valueOf(stalled.getMessage()).contains("round 0 of 3"));
    }
  }

  @Test
  void aFetchedModelIsSavedAsSafetensors() throws Exception {
    market.put(model.encode(), BlobProgress.NONE);
    Path file = folder.resolve("model.safetensors");

    RoundModel fetched =
        new ModelFetch(market, job.training().model()).round(1, digest(model.encode()));
    ModelFetch.save(fetched, file);

    assertArrayEquals(SafeTensors.write(model), Files.readAllBytes(file));
    assertThrows(
        MalformedBlob.class,
        () -> new ModelFetch(market, job.training().model()).round(2, digest(model.encode())));
  }

  private JobView follow() throws Exception {
    try (JobFollower follower = new JobFollower(market, job, heard::add)) {
      return follower.follow(view -> !view.closed().isEmpty() && view.scored(), LIMIT);
    }
  }

  private Event closed(byte[] blob) {
    return new Event.RoundClosed(job.id(), 1, digest(blob), Double.doubleToRawLongBits(0.25));
  }

  private static Digest digest(byte[] blob) {
    return Manifest.of(blob).id();
  }
}
