package io.shardex.worker;

import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.Outcome;
import io.shardex.market.Rejection;
import io.shardex.market.ResourceClass;
import io.shardex.market.RuntimeKind;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.market.state.Worker;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.client.AgentListener;
import io.shardex.protocol.client.BlobProgress;
import io.shardex.worker.link.Line;
import io.shardex.worker.link.Link;
import io.shardex.worker.link.LinkFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A network in memory: keeps blobs, takes every command that a test does not refuse. */
public final class FakeNetwork implements Link {
  private static final Outcome ACCEPTED = new Outcome.Accepted(List.of());

  private final Map<Digest, byte[]> blobs = new HashMap<>();
  private final List<String> fetched = new CopyOnWriteArrayList<>();
  private final List<Digest> uploaded = new CopyOnWriteArrayList<>();
  private final List<Path> files = new CopyOnWriteArrayList<>();
  private final List<Envelope> envelopes = new CopyOnWriteArrayList<>();
  private final BlockingQueue<Command> commands = new LinkedBlockingQueue<>();
  private final BlockingQueue<AgentListener> listeners = new LinkedBlockingQueue<>();
  private volatile Function<Envelope, Outcome> answers = envelope -> ACCEPTED;
  private volatile Consumer<String> fetches = what -> {};
  private volatile Consumer<Integer> steps = step -> {};
  private volatile @Nullable Worker worker;
  private volatile long clockMillis;
  private final AtomicInteger clockReads = new AtomicInteger();
  private volatile boolean breaking;
  private volatile boolean lying;

  public static Outcome accepted() {
    return ACCEPTED;
  }

  public static Outcome rejected(Rejection.Reason reason) {
    return new Outcome.Rejected(new Rejection(reason, "as the test says"));
  }

  public static LinkFailure trouble() {
    return LinkFailure.passing(new IOException("the line is down"));
  }

  /** How commands are answered from now on; may throw. */
  public void answer(Function<Command, Outcome> how) {
    judge(envelope -> how.apply(envelope.command()));
  }

  /** The same by time and number of what was signed, too. */
  public void judge(Function<Envelope, Outcome> how) {
    answers = how;
  }

  /** What happens while a blob, or a part of one, is on its way. */
  public void onFetch(Consumer<String> what) {
    fetches = what;
  }

  /** What happens after each training step that the line hears of. */
  public void onStep(Consumer<Integer> what) {
    steps = what;
  }

  /** What the market knows of the worker. */
  public void knows(Worker known) {
    worker = known;
  }

  public void clock(long millis) {
    clockMillis = millis;
  }

  /** How often market time was asked for. */
  public int clockReads() {
    return clockReads.get();
  }

  public synchronized Digest store(byte[] content) {
    Digest id = Manifest.of(content).id();
    blobs.put(id, content);
    return id;
  }

  /** As a blob would be that does not have what its description promises. */
  public synchronized void storeAs(Digest id, byte[] content) {
    blobs.put(id, content);
  }

  public synchronized byte[] stored(Digest id) {
    byte[] content = blobs.get(id);
    if (content == null) {
      throw new AssertionError("no blob " + id);
    }
    return content;
  }

  /** What was fetched since the last call: {@code id} or {@code id+offset}. */
  public List<String> takeFetched() {
    List<String> all = List.copyOf(fetched);
    fetched.clear();
    return all;
  }

  /** Blobs that were uploaded, in their order. */
  public List<Digest> uploaded() {
    return uploaded;
  }

  /** Files that were uploaded, in their order. */
  public List<Path> uploadedFiles() {
    return files;
  }

  public List<Envelope> envelopes() {
    return envelopes;
  }

  /** The next command, waited for up to 30 s. */
  public Command nextCommand() throws InterruptedException {
    return present(commands.poll(30, TimeUnit.SECONDS), "a command");
  }

  /** The agent's next stream, waited for up to 30 s. */
  public AgentListener nextListener() throws InterruptedException {
    return present(listeners.poll(30, TimeUnit.SECONDS), "a stream");
  }

  private static <T> T present(@Nullable T found, String what) {
    if (found == null) {
      throw new AssertionError("expected " + what + " within 30 s, but there was none");
    }
    return found;
  }

  @Override
  public Outcome submit(Envelope envelope) {
    envelopes.add(envelope);
    try {
      Outcome outcome = answers.apply(envelope);
      if (outcome instanceof Outcome.Accepted) {
        apply(envelope.command());
      }
      return outcome;
    } finally {
      commands.add(envelope.command());
    }
  }

  private void apply(Command command) {
    if (command instanceof Command.RegisterWorker register) {
      worker = worker(register.owner(), register.resources(), Optional.empty(), false, 0);
    } else if (command instanceof Command.PlaceAsk ask && worker != null) {
      worker = worker(worker.owner(), worker.resources(), Optional.of(ask.reserve()), false, 0);
    }
  }

  public static Worker worker(
      Address owner,
      ResourceClass resources,
      Optional<UnitPrice> ask,
      boolean draining,
      long notBeforeMillis) {
    return new Worker(
        Address.ZERO,
        owner,
        resources,
        0,
        ask,
        Set.of(RuntimeKind.REFERENCE),
        new Stamp(0, 0),
        Optional.empty(),
        draining,
        notBeforeMillis,
        0,
        0,
        List.of());
  }

  @Override
  public Optional<Worker> worker(Address key) {
    return Optional.ofNullable(worker);
  }

  @Override
  public long clockMillis() {
    clockReads.incrementAndGet();
    return clockMillis;
  }

  @Override
  public byte[] blob(Digest id, int maxBytes) {
    byte[] content = find(id);
    if (content.length > maxBytes) {
      throw LinkFailure.lasting(new IOException("expected at most " + maxBytes + " bytes"));
    }
    fetched.add(id.toString());
    fetches.accept(id.toString());
    return content;
  }

  @Override
  public byte[] blob(Digest id, long offset, int length) {
    byte[] content = find(id);
    fetched.add(id + "+" + offset);
    fetches.accept(id + "+" + offset);
    int from = (int) Math.min(offset, content.length);
    return Arrays.copyOfRange(content, from, (int) Math.min(offset + length, content.length));
  }

  /** The first half comes, then there is trouble as long as the test says so. */
  @Override
  public void blob(Digest id, Path file, long maxBytes, BlobProgress progress) {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      if (Files.exists(part)) {
        fetched.add(id + " behind " + Files.size(part));
      }
      byte[] content = blob(id, Math.toIntExact(maxBytes));
      if (breaking) {
        Files.write(part, Arrays.copyOf(content, content.length / 2));
        throw trouble();
      }
      Files.deleteIfExists(part);
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether blobs for files stop half-way. */
  public void breakHalfWay(boolean so) {
    breaking = so;
  }

  private synchronized byte[] find(Digest id) {
    byte[] content = blobs.get(id);
    if (content == null) {
      throw trouble();
    }
    return content;
  }

  @Override
  public Digest upload(byte[] content) {
    Digest id = store(content);
    uploaded.add(id);
    return lying ? Digest.sha256(id.bytes()) : id;
  }

  /** Whether the id that an upload is answered with is another blob's. */
  public void liesAboutUploads(boolean so) {
    lying = so;
  }

  @Override
  public Digest upload(Path file) {
    files.add(file);
    try {
      return upload(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Line connect(AgentListener listener) {
    listeners.add(listener);
    return new Line() {
      @Override
      public void progress(TaskId task, long fence, int step, int all, double loss) {
        steps.accept(step);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() {}
}
