package io.shardex.scheduler.archive;

import io.shardex.protocol.log.ArchiveReader;
import io.shardex.protocol.log.ArchiveWriter;
import io.shardex.protocol.log.DamagedRecord;
import io.shardex.protocol.log.LogEntry;
import io.shardex.protocol.network.NetworkId;
import io.shardex.scheduler.replica.LogKeeper;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every log entry this node applied, on its disk. Entries go to {@code open.log}; when that is long
 * enough it is synced and named after the indices it covers, {@code FIRST-LAST.log}. Each file is a
 * whole {@code shardex.archive/1}, see {@link ArchiveWriter}.
 *
 * <p>A node that was given a snapshot has a hole: its next entry begins a new file. One thread
 * appends, any may read.
 */
public final class LogArchive implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogArchive.class);
  private static final String OPEN = "open.log";
  private static final Pattern SEALED = Pattern.compile("(\\d{20})-(\\d{20})\\.log");
  private static final int BUFFER = 1 << 16;

  private final Path folder;
  private final NetworkId network;
  private final long segmentBytes;
  private final TreeMap<Long, Sealed> sealed = new TreeMap<>();
  private @Nullable Growing growing;
  private @Nullable UncheckedIOException failure;

  /** Index of the entry before the next one. */
  private long through = -1;

  private record Sealed(IndexRange range, Path file, long bytes) {}

  /** The file that is written to; it covers the indices from {@code first} on. */
  private static final class Growing {
    final long first;
    final FileChannel channel;
    final BufferedOutputStream out;
    final ArchiveWriter writer;
    long last;
    volatile boolean synced;

    Growing(long first, FileChannel channel, BufferedOutputStream out, ArchiveWriter writer) {
      this.first = first;
      this.last = first - 1;
      this.channel = channel;
      this.out = out;
      this.writer = writer;
    }

    void force() throws IOException {
      try {
        channel.force(false);
      } catch (ClosedChannelException e) {
        if (!synced) { // sealed meanwhile: that syncs too
          throw e;
        }
      }
    }
  }

  private LogArchive(Path folder, NetworkId network, long segmentBytes) {
    this.folder = folder;
    this.network = network;
    this.segmentBytes = segmentBytes;
  }

  /**
   * Opens the archive, and cuts off what a crash has left of an entry half written.
   *
   * @param segmentBytes length at which a file is closed and the next begun
   * @throws IOException if it cannot be read, or is of another network
   */
  public static LogArchive open(Path folder, NetworkId network, long segmentBytes)
      throws IOException {
    LogArchive archive = new LogArchive(folder, network, segmentBytes);
    Files.createDirectories(folder);
    archive.findSealed();
    archive.resume();
    return archive;
  }

  /** Keeps an entry; one that is there already, as after a restart, is passed over. */
  public synchronized void append(long index, byte[] entry) {
    if (index <= through) {
      return;
    }
    writing(
        index,
        () -> {
          Growing file = growing == null ? begin() : growing;
          file.writer.write(new LogEntry(through, index, entry));
          file.last = index;
          through = index;
          if (file.writer.bytes() >= segmentBytes) {
            seal(file);
          }
        });
  }

  /** The state came from a snapshot up to this index; what is missing before it stays missing. */
  public synchronized void restored(long index) {
    if (index <= through) {
      return;
    }
    LOG.warn(
        "the log archive in {} has no entries of indices {} to {}: the state came from a snapshot",
        folder,
        through + 1,
        index);
    writing(
        index,
        () -> {
          if (growing != null) {
            seal(growing);
          }
          through = index;
        });
  }

  /** All that was appended so far, to be synced on any thread. */
  public synchronized LogKeeper.Durable written() {
    Growing file = growing;
    if (file == null) {
      return () -> {};
    }
    flush();
    return () -> sync(file);
  }

  /** What is held, ascending, with a hole between any two. */
  public synchronized List<IndexRange> ranges() {
    List<IndexRange> ranges = new ArrayList<>();
    sealed.values().forEach(file -> join(ranges, file.range()));
    if (growing != null && growing.last >= growing.first) {
      join(ranges, new IndexRange(growing.first, growing.last));
    }
    return ranges;
  }

  /** The last index that was archived, or that a snapshot stands for; -1 before the first. */
  public synchronized long through() {
    return through;
  }

  /** Bytes on disk. */
  public synchronized long bytes() {
    return sealed.values().stream().mapToLong(Sealed::bytes).sum()
        + (growing == null ? 0 : growing.writer.bytes());
  }

  /** The first index from which on everything is held; 0 unless a snapshot made a hole. */
  public long firstIndex() {
    List<IndexRange> ranges = ranges();
    return ranges.isEmpty() ? 0 : ranges.getLast().first();
  }

  /**
   * The entries with these indices, both included.
   *
   * @param to 0 for all there are now
   * @throws NotArchived unless all of them are held
   */
  public synchronized Reading read(long from, long to) throws IOException {
    List<IndexRange> ranges = ranges();
    IndexRange range =
        ranges.stream()
            .filter(held -> held.holds(from) && (to == 0 || (from <= to && held.holds(to))))
            .findFirst()
            .orElseThrow(() -> new NotArchived(from, to, ranges));
    flush();
    return new Reading(from, to == 0 ? range.last() : to);
  }

  @Override
  public synchronized void close() throws IOException {
    if (growing != null) {
      growing.out.close();
    }
  }

  /** A place in the archive. Not for several threads. */
  public final class Reading implements AutoCloseable {
    private final long to;
    private long next;
    private InputStream in;
    private ArchiveReader reader;

    private Reading(long from, long to) throws IOException {
      this.next = from;
      this.to = to;
      this.in = fileHolding(from);
      this.reader = new ArchiveReader(in, network);
    }

    /** The next entry, or nothing after the last. */
    public Optional<LogEntry> next() throws IOException {
      while (next <= to) {
        Optional<LogEntry> found = reader.next();
        if (found.isEmpty()) {
          in.close();
          in = fileHolding(next);
          reader = new ArchiveReader(in, network);
        } else if (found.get().index() >= next) {
          next = found.get().index() + 1;
          return found.filter(entry -> entry.index() <= to);
        }
      }
      return Optional.empty();
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  private synchronized InputStream fileHolding(long index) throws IOException {
    Map.Entry<Long, Sealed> before = sealed.floorEntry(index);
    boolean isSealed = before != null && before.getValue().range().holds(index);
    Path file = isSealed ? before.getValue().file() : folder.resolve(OPEN);
    return new BufferedInputStream(Files.newInputStream(file), BUFFER);
  }

  private void findSealed() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*-*.log")) {
      for (Path file : files) {
        Matcher name = SEALED.matcher(String.valueOf(file.getFileName()));
        if (name.matches()) {
          IndexRange range =
              new IndexRange(Long.parseLong(name.group(1)), Long.parseLong(name.group(2)));
          sealed.put(range.first(), new Sealed(range, file, Files.size(file)));
          through = Math.max(through, range.last());
        }
      }
    }
  }

  /** Goes on with the file that was written to last. */
  private void resume() throws IOException {
    Path file = folder.resolve(OPEN);
    if (!Files.exists(file)) {
      return;
    }
    long first = -1;
    long last = -1;
    long whole = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
      ArchiveReader reader = new ArchiveReader(in, network);
      whole = reader.position();
      for (Optional<LogEntry> entry = reader.next(); entry.isPresent(); entry = reader.next()) {
        first = first < 0 ? entry.get().previous() + 1 : first;
        last = entry.get().index();
        whole = reader.position();
      }
    } catch (DamagedRecord e) {
      if (whole == 0 && Files.size(file) >= ArchiveWriter.headerBytes(network)) {
        throw new IOException("the log archive " + file + ": " + e.getMessage(), e);
      }
      LOG.warn("{}: {}; cut from {} to {} bytes", file, e.getMessage(), Files.size(file), whole);
    }
    if (last < 0) {
      Files.delete(file);
      return;
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
    channel.truncate(whole);
    channel.position(whole);
    BufferedOutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
    Growing resumed = new Growing(first, channel, out, new ArchiveWriter(out, whole));
    resumed.last = last;
    growing = resumed;
    through = last;
  }

  private Growing begin() throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve(OPEN), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    BufferedOutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
    Growing begun = new Growing(through + 1, channel, out, ArchiveWriter.begin(out, network));
    growing = begun;
    syncFolder();
    return begun;
  }

  private void seal(Growing file) throws IOException {
    file.out.flush();
    file.channel.force(true);
    file.synced = true;
    file.out.close();
    IndexRange range = new IndexRange(file.first, file.last);
    Path named = folder.resolve("%020d-%020d.log".formatted(range.first(), range.last()));
    Files.move(folder.resolve(OPEN), named, StandardCopyOption.ATOMIC_MOVE);
    syncFolder();
    sealed.put(range.first(), new Sealed(range, named, file.writer.bytes()));
    growing = null;
  }

  private void flush() {
    Growing file = growing;
    if (file != null) {
      writing(through, file.out::flush);
    }
  }

  private void sync(Growing file) throws IOException {
    try {
      file.force();
    } catch (IOException e) {
      fail(file.last, e); // what is lost now cannot be had again: the next entry stops the node
      throw e;
    }
  }

  /** Nothing is written after the first failure. */
  private void writing(long index, Write write) {
    if (failure != null) {
      throw failure;
    }
    try {
      write.run();
    } catch (IOException e) {
      throw fail(index, e);
    }
  }

  private synchronized UncheckedIOException fail(long index, IOException e) {
    UncheckedIOException failed =
        new UncheckedIOException(
            "the log archive in %s cannot be written at index %d: %s"
                .formatted(folder, index, e.getMessage()),
            e);
    failure = failed;
    return failed;
  }

  private interface Write {
    void run() throws IOException;
  }

  private void syncFolder() throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void join(List<IndexRange> ranges, IndexRange next) {
    if (!ranges.isEmpty() && ranges.getLast().last() + 1 == next.first()) {
      ranges.add(new IndexRange(ranges.removeLast().first(), next.last()));
    } else {
      ranges.add(next);
    }
  }
}
