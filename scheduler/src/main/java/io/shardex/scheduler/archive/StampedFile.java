package io.shardex.scheduler.archive;

import io.shardex.market.codec.Codec;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.protocol.log.DamagedRecord;
import io.shardex.protocol.log.RecordFrame;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An append-only file of values in the log's order. One that is there already is passed over, so
 * that a log may be applied again; a part of one that a crash left is cut off.
 */
final class StampedFile<T, K extends Comparable<K>> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StampedFile.class);

  private final FileChannel channel;
  private final Codec<T> codec;
  private final Function<T, K> placeOf;
  private @Nullable K last;

  private StampedFile(FileChannel channel, Codec<T> codec, Function<T, K> placeOf) {
    this.channel = channel;
    this.codec = codec;
    this.placeOf = placeOf;
  }

  static <T, K extends Comparable<K>> StampedFile<T, K> open(
      Path file, Codec<T> codec, Function<T, K> placeOf) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    StampedFile<T, K> opened = new StampedFile<>(channel, codec, placeOf);
    long whole = 0;
    try (Values<T> values = values(file, 0, codec)) {
      for (Optional<T> value = values.next(); value.isPresent(); value = values.next()) {
        opened.last = placeOf.apply(value.get());
        whole = values.position();
      }
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    if (channel.size() > whole) {
      LOG.warn("{} ends in half a record: cut from {} to {} bytes", file, channel.size(), whole);
      channel.truncate(whole);
    }
    channel.position(whole);
    return opened;
  }

  /** Returns whether it was not there yet. */
  boolean append(T value) throws IOException {
    K place = placeOf.apply(value);
    K before = last;
    if (before != null && place.compareTo(before) <= 0) {
      return false;
    }
    ByteBuffer frame = ByteBuffer.wrap(RecordFrame.of(codec.encode(value)));
    while (frame.hasRemaining()) {
      int written = channel.write(frame);
      if (written < 1) {
        throw new IOException("the disk takes no more bytes");
      }
    }
    last = place;
    return true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** The whole values in a file from a byte on; none if there is no file, or behind its end. */
  static <T> Values<T> values(Path file, long from, Codec<T> codec) throws IOException {
    InputStream in;
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      // Callers may ask for any byte; the system knows no position far behind a file's end.
      channel.position(Math.min(from, channel.size()));
      in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
    } catch (NoSuchFileException e) {
      in = InputStream.nullInputStream();
    }
    return new Values<>(in, from, codec);
  }

  /** Values one by one; the end is where no whole one follows. */
  static final class Values<T> implements AutoCloseable {
    private final InputStream in;
    private final Codec<T> codec;
    private long position;

    private Values(InputStream in, long position, Codec<T> codec) {
      this.in = in;
      this.position = position;
      this.codec = codec;
    }

    Optional<T> next() throws IOException {
      try {
        Optional<byte[]> record = RecordFrame.read(in);
        if (record.isEmpty()) {
          return Optional.empty();
        }
        T value = codec.decode(record.get());
        position += RecordFrame.OVERHEAD + record.get().length;
        return Optional.of(value);
      } catch (DamagedRecord | MalformedBytes e) {
        return Optional.empty();
      }
    }

    /** Where the next one begins, in bytes. */
    long position() {
      return position;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
