package io.shardex.scheduler.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.Stamp;
import io.shardex.market.decide.MarketMachine;
import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.MarketState;
import io.shardex.protocol.client.InvalidCall;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.SettledJob;
import io.shardex.protocol.client.Watch;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.log.LogEntry;
import io.shardex.protocol.log.SignedEntry;
import io.shardex.protocol.network.NetworkId;
import io.shardex.protocol.wire.ArchiveReply;
import io.shardex.protocol.wire.ArchiveRequest;
import io.shardex.protocol.wire.MarketGrpc;
import io.shardex.protocol.wire.WatchReply;
import io.shardex.protocol.wire.WatchRequest;
import io.shardex.protocol.wire.WireValues;
import io.shardex.scheduler.archive.NodeHistory;
import io.shardex.scheduler.events.Committed;
import io.shardex.scheduler.events.CommittedEvents;
import io.shardex.scheduler.events.JobsOf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a gateway tells of the past: the log's entries, and jobs that are long over. */
class HistoryTest {
  private static final Digest SPEC = Digest.sha256(new byte[] {1});
  private static final Digest DATA = Digest.sha256(new byte[] {2});
  private static final Digest MODEL = Digest.sha256(new byte[] {3});
  private static final int KEPT = 5;

  private final TestDoor door = new TestDoor(KEPT);
  private final LocalMarket market = door.market;

  private final List<Watch> watches = new ArrayList<>();

  @AfterEach
  void close() {
    watches.forEach(Watch::close);
    door.close();
  }

  // The archive.

  @Test
  void theArchivesEntriesMakeTheSameMarketAgain() throws Exception {
    endedJob();

    List<LogEntry> entries = read(client(door.gateway()), 0, 0);

    MarketMachine machine = new MarketMachine();
    AuthorRecovery recovery = new AuthorRecovery(TypedData.of(market.network), Runnable::run, 1);
    long previous = -1;
    for (LogEntry entry : entries) {
      assertEquals(previous, entry.previous());
      var unused =
          SignedEntry.read(entry.bytes(), recovery)
              .applyTo(machine, entry.index(), (outcome, offset) -> {});
      previous = entry.index();
    }
    assertEquals(market.read(MarketState::hash), machine.state().hash());
  }

  @Test
  void aPartOfTheArchiveIsExactlyWhatWasAskedFor() throws Exception {
    market.sync();
    market.sync();
    market.sync();
    assertEquals(
        List.of(1L, 2L, 3L),
        read(client(door.gateway()), 1, 3).stream().map(LogEntry::index).toList());
  }

  @Test
  void whatNoNodeHoldsIsRefusedWithWhatEachDoesHold() throws Exception {
    MarketClient client = client(door.gateway());
    long last = market.index();

    InvalidCall refused = assertThrows(InvalidCall.class, () -> read(client, last, last + 1_000));

    String text = String.valueOf(refused.getMessage());
    assertTrue(
        text.contains(
            "asked for log indices %d to %d, but this node's archive holds 0 to %d"
                .formatted(last, last + 1_000, last)),
        text);
  }

  @Test
  void anotherNodeIsAskedForWhatTheFirstDoesNotHold() throws Exception {
    LocalMarket young = new LocalMarket(KEPT);
    endedJob();
    Gateway first = door.gateway(young);
    Gateway second = door.gateway();
    MarketClient client =
        new MarketClient(door.nodes(market.builder, first.address(), second.address()));

    List<LogEntry> entries = read(client, 0, market.index());

    assertEquals(market.index(), entries.getLast().index());
    young.close();
  }

  @Test
  void aReaderThatDoesNotReadHoldsAPlaceAndThereAreFew() throws Exception {
    long first = market.index() + 1;
    for (int i = 0; i < 40; i++) {
      market.history().log().append(first + i, new byte[100_000]);
    }
    Gateway gateway = door.gateway();
    MarketGrpc.MarketStub stub = MarketGrpc.newStub(door.channel(gateway));
    List<ClientCallStreamObserver<ArchiveRequest>> idle =
        Collections.synchronizedList(new ArrayList<>());
    CountDownLatch served = new CountDownLatch(ArchiveSessions.AT_A_TIME);
    for (int i = 0; i < ArchiveSessions.AT_A_TIME; i++) {
      stub.archive(ArchiveRequest.getDefaultInstance(), idleReader(idle, served));
    }
    assertTrue(served.await(20, TimeUnit.SECONDS), "the idle ones have their places");
    MarketGrpc.MarketBlockingStub another =
        MarketGrpc.newBlockingStub(door.channel(gateway)).withDeadlineAfter(20, TimeUnit.SECONDS);

    StatusRuntimeException refused =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                another.archive(ArchiveRequest.getDefaultInstance()).forEachRemaining(reply -> {}));
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());

    idle.forEach(call -> call.cancel("enough", null));
    assertEquals(
        first + 39, read(client(gateway), 0, 0).getLast().index(), "the places are free again");
  }

  // The chronicle.

  @Test
  void whoFollowsAJobFromTheBeginningHearsAllOfItOnceAndThenWhatComes() throws Exception {
    JobId job = job();
    for (int i = 0; i < 3 * KEPT; i++) {
      market.sync();
    }
    Heard heard = follow(door.gateway(), 0, job);
    heard.await(Event.JobFunded.class);
    market.say(market.builder, new Command.CancelJob(job));
    heard.await(Event.JobEnded.class);
    assertEquals(of(job), heard.events());
    assertEquals(List.of(), heard.resyncs());
  }

  @Test
  void aWatchThatGoesOnInTheMiddleIsToldNothingTwice() throws Exception {
    JobId job = job();
    long from = market.index() + 1;
    market.say(market.builder, new Command.CancelJob(job));
    for (int i = 0; i < 3 * KEPT; i++) {
      market.sync();
    }
    Heard heard = follow(door.gateway(), from, job);
    heard.await(Event.JobEnded.class);
    market.sync();
    assertEquals(Event.JobEnding.class, heard.events().getFirst().getClass());
    assertEquals(1, heard.events().stream().filter(Event.JobEnded.class::isInstance).count());
  }

  @Test
  void aJobsHistoryOutlivesARestartOfItsNodeWithoutGapOrDoubling() throws Exception {
    JobId job = job();
    long snapshot = market.index();
    market.say(market.builder, new Command.CancelJob(job));
    NodeHistory history = reopened();
    CommittedEvents events = new CommittedEvents(KEPT, 1_000);
    history.restored(snapshot);
    events.resync(snapshot);
    replayAfter(snapshot, history, events);
    Gateway gateway = door.gateway(new RestartedPort(market, events, history));
    Heard heard = follow(gateway, 0, job);
    heard.await(Event.JobEnded.class);
    assertEquals(of(job), heard.events());
    assertEquals(List.of(), heard.resyncs());
    history.close();
  }

  @Test
  void aFeedThatIsInTheMiddleOfAnEntryDoublesNothing() throws Exception {
    JobId job = job();
    long index = market.index() + 1;
    List<Event> first = List.of(new Event.RoundOpened(job, 7));
    List<Event> second = List.of(new Event.RoundOpened(job, 8));
    MarketState state = market.read(now -> now);
    market.history().happened(new Stamp(index, 0), first, state);
    market.history().happened(new Stamp(index, 1), second, state);
    CommittedEvents events = new CommittedEvents(KEPT, 1_000);
    events.resync(index - 1);
    events.publish(new Committed.Happened(index, 0, first));
    Gateway gateway = door.gateway(new RestartedPort(market, events, market.history()));
    // Not by the client, which would drop what it has had.
    Iterator<WatchReply> replies =
        MarketGrpc.newBlockingStub(door.channel(gateway))
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .watch(WatchRequest.newBuilder().setJob(WireValues.bytes(job)).build());

    List<Stamp> places = new ArrayList<>();
    readUntil(new Stamp(index, 1), replies, places);
    events.publish(new Committed.Happened(index, 1, second));
    events.publish(new Committed.Happened(index + 1, 0, first));
    readUntil(new Stamp(index + 1, 0), replies, places);

    assertEquals(places.stream().distinct().sorted().toList(), places);
    assertTrue(places.contains(new Stamp(index, 0)), places::toString);
  }

  private static void readUntil(Stamp last, Iterator<WatchReply> replies, List<Stamp> places) {
    do {
      io.shardex.protocol.wire.Committed next = replies.next().getCommitted();
      places.add(new Stamp(next.getIndex(), next.getOffset()));
    } while (!places.getLast().equals(last));
  }

  @Test
  void whatACrashLeftOfAJobsLastRecordIsWrittenAgain() throws Exception {
    JobId job = job();
    long snapshot = market.index();
    market.say(market.builder, new Command.CancelJob(job));
    market.history().written().sync();
    Path file = market.folder.resolve("jobs").resolve(job.toString());
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 3));

    NodeHistory history = NodeHistory.open(market.folder, NetworkId.of(market.network));
    replayAfter(snapshot, history, new CommittedEvents(KEPT, 1_000));

    List<Event> read = new ArrayList<>();
    history.jobs().read(job, 0, Long.MAX_VALUE, what -> read.addAll(what.events()));
    assertEquals(of(job), read);
    history.close();
  }

  @Test
  void aHoleThatASnapshotMadeIsToldAsAResyncInItsPlace() throws Exception {
    JobId job = job();
    market.history().restored(market.index() + 10);
    long hole = market.index() + 10;
    market.jumpTo(hole);
    market.say(market.builder, new Command.CancelJob(job));
    for (int i = 0; i < 3 * KEPT; i++) {
      market.sync();
    }
    Heard heard = follow(door.gateway(), 0, job);
    heard.await(Event.BatchSealed.class);
    assertEquals(of(job), heard.events());
    assertEquals(List.of(hole), heard.resyncs());
    List<Object> told = heard.told();
    assertTrue(told.indexOf(hole) > place(told, Event.JobFunded.class), told::toString);
    assertTrue(told.indexOf(hole) < place(told, Event.JobEnding.class), told::toString);
  }

  @Test
  void settledJobsAreListedByBuilderWithTheirFinalFactsAlsoAfterARestart() throws Exception {
    JobId job = endedJob();
    NodeHistory history = reopened();
    replayAfter(-1, history, new CommittedEvents(KEPT, 1_000));
    Gateway gateway =
        door.gateway(new RestartedPort(market, new CommittedEvents(KEPT, 10), history));
    MarketClient client = client(gateway);

    List<SettledJob> jobs = client.settledJobs(Optional.of(market.builder.address()));

    assertEquals(List.of(job), jobs.stream().map(one -> one.job().id()).toList());
    SettledJob ended = jobs.getFirst();
    assertTrue(ended.job().phase().ended() && ended.job().settled());
    assertEquals("10.000000", ended.refunded().toString());
    assertTrue(ended.submittedMillis() > LocalMarket.START_MILLIS);
    assertEquals(
        List.of(), client.settledJobs(Optional.of(SigningKey.fromSeed(1, "other").address())));
    assertEquals(1, client.settledJobs(Optional.empty()).size());
    history.close();
  }

  private static int place(List<Object> told, Class<? extends Event> kind) {
    return told.indexOf(told.stream().filter(kind::isInstance).findFirst().orElseThrow());
  }

  private JobId job() {
    return market.job(SPEC, DATA, MODEL, 1);
  }

  /** A job that was cancelled, and whose refund the chain has confirmed. */
  private JobId endedJob() {
    JobId job = job();
    market.say(market.builder, new Command.CancelJob(job));
    for (int slot = 0; market.signed().isEmpty(); slot++) {
      assertTrue(slot < 100, "no batch is signed");
      market.sync();
    }
    market.signed().forEach(market::settles);
    boolean confirmed =
        market.read(
            state ->
                state.batches().values().stream()
                    .anyMatch(batch -> batch.phase() == BatchPhase.CONFIRMED));
    assertTrue(confirmed);
    return job;
  }

  private List<Event> of(JobId job) {
    return market.happened.stream().filter(event -> JobsOf.touches(event, job)).toList();
  }

  /** The history on disk, as a node finds it that starts again. */
  private NodeHistory reopened() throws IOException {
    market.history().written().sync();
    return NodeHistory.open(market.folder, NetworkId.of(market.network));
  }

  /** The log after a snapshot is applied again. */
  private void replayAfter(long snapshot, NodeHistory history, CommittedEvents events) {
    for (LocalMarket.Applied one : market.applied) {
      if (one.at().index() > snapshot) {
        history.happened(one.at(), one.events(), market.read(state -> state));
        events.publish(new Committed.Happened(one.at().index(), one.at().offset(), one.events()));
      }
    }
  }

  private Heard follow(Gateway gateway, long from, JobId job) {
    Heard heard = new Heard();
    watches.add(client(gateway).watch(from, Optional.of(job), heard));
    return heard;
  }

  private MarketClient client(Gateway gateway) {
    return new MarketClient(door.nodes(market.builder, gateway.address()));
  }

  private static List<LogEntry> read(MarketClient client, long from, long to) {
    List<LogEntry> entries = new ArrayList<>();
    client.archive(from, to, entries::add);
    return entries;
  }

  private static ClientResponseObserver<ArchiveRequest, ArchiveReply> idleReader(
      List<ClientCallStreamObserver<ArchiveRequest>> calls, CountDownLatch served) {
    return new ClientResponseObserver<>() {
      @Override
      public void beforeStart(ClientCallStreamObserver<ArchiveRequest> call) {
        call.disableAutoRequestWithInitial(1);
        calls.add(call);
      }

      @Override
      public void onNext(ArchiveReply reply) {
        served.countDown();
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {}
    };
  }

  /** What a watch told, in its order. */
  private static final class Heard implements Watch.Reader {
    private final List<Event> events = new ArrayList<>();
    private final List<Long> resyncs = new ArrayList<>();
    private final List<Object> told = new ArrayList<>();

    @Override
    public synchronized void committed(Stamp at, List<Event> happened) {
      events.addAll(happened);
      told.addAll(happened);
      notifyAll();
    }

    @Override
    public synchronized void resync(long index) {
      resyncs.add(index);
      told.add(index);
    }

    synchronized List<Event> events() {
      return List.copyOf(events);
    }

    /** Events and the indices of resyncs in the order they came. */
    synchronized List<Object> told() {
      return List.copyOf(told);
    }

    synchronized List<Long> resyncs() {
      return List.copyOf(resyncs);
    }

    synchronized void await(Class<? extends Event> kind) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (events.stream().noneMatch(kind::isInstance)) {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        assertTrue(millis > 0, () -> "no " + kind.getSimpleName() + " came, only " + events);
        wait(millis);
      }
    }
  }
}
