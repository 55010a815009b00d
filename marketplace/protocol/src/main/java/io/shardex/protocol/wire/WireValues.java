package io.shardex.protocol.wire;

import com.google.protobuf.ByteString;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.codec.Codec;
import io.shardex.market.codec.MalformedBytes;
import java.util.List;
import java.util.Optional;

/**
 * Ids and market values as bytes fields and back. Every reader throws {@link MalformedBytes} for
 * bytes that are not one.
 */
public final class WireValues {
  private WireValues() {}

  public static <T> ByteString bytes(Codec<T> codec, T value) {
    return ByteString.copyFrom(codec.encode(value));
  }

  public static <T> List<ByteString> bytes(Codec<T> codec, List<T> values) {
    return values.stream().map(value -> bytes(codec, value)).toList();
  }

  public static <T> T value(Codec<T> codec, ByteString bytes) {
    return codec.decode(bytes.toByteArray());
  }

  public static <T> List<T> values(Codec<T> codec, List<ByteString> bytes) {
    return bytes.stream().map(one -> value(codec, one)).toList();
  }

  public static ByteString bytes(Address address) {
    return ByteString.copyFrom(address.bytes());
  }

  public static ByteString bytes(JobId job) {
    return bytes(job.value());
  }

  public static ByteString bytes(Digest digest) {
    return ByteString.copyFrom(digest.bytes());
  }

  public static Address address(ByteString bytes) {
    return Address.of(exactly(Address.BYTES, bytes));
  }

  public static Digest digest(ByteString bytes) {
    return Digest.of(exactly(Digest.BYTES, bytes));
  }

  public static JobId job(ByteString bytes) {
    return new JobId(digest(bytes));
  }

  /** Empty bytes for nothing. */
  public static Optional<JobId> optionalJob(ByteString bytes) {
    return bytes.isEmpty() ? Optional.empty() : Optional.of(job(bytes));
  }

  /** Empty bytes for nothing. */
  public static Optional<Address> optionalAddress(ByteString bytes) {
    return bytes.isEmpty() ? Optional.empty() : Optional.of(address(bytes));
  }

  private static byte[] exactly(int count, ByteString bytes) {
    if (bytes.size() != count) {
      throw new MalformedBytes("expected " + count + " bytes, but found " + bytes.size());
    }
    return bytes.toByteArray();
  }
}
