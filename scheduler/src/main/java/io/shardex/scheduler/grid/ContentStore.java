package io.shardex.scheduler.grid;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The rules of the grid over two maps: pieces (chunks and manifests by digest) and claims (by the
 * blob's name). A claim is written before its manifest and the manifest before its chunks, so a
 * crash leaves at most pieces nobody claims, which the next sweep removes.
 */
final class ContentStore {
  /** Each failed one is another caller's success, and a blob has few. */
  private static final int MOST_ATTEMPTS = 100;

  /**
   * A claim no older than this part of an upload's time to live is not renewed: validators store a
   * round's model all at once, and each renewal is a transaction that the others wait for.
   */
  private static final int FRESH = 10;

  private final ByteMap pieces;
  private final ByteMap claims;
  private final BlobQuota quota;
  private final Duration uploadTtl;
  private final InstantSource clock;

  ContentStore(
      ByteMap pieces, ByteMap claims, BlobQuota quota, Duration uploadTtl, InstantSource clock) {
    this.pieces = pieces;
    this.claims = claims;
    this.quota = quota;
    this.uploadTtl = uploadTtl;
    this.clock = clock;
  }

  List<Integer> announce(String uploader, Manifest manifest) {
    byte[] encoded = manifest.encoded();
    Digest blob = Digest.sha256(encoded);
    // In this order: a manifest comes after its claim, which its quota may take back before that.
    if (!isSound(blob) || !isClaimedJustNow(blob)) {
      claim(blob, Claim.on(manifest, encoded.length, uploader, clock.instant()));
      write(blob, encoded);
    }
    return missing(manifest);
  }

  void put(Manifest manifest, int index, byte[] chunk) {
    manifest.verifyChunk(index, chunk);
    Digest blob = manifest.id();
    if (!claims.contains(blob.hex())) {
      throw new BlobUnknown(blob);
    }
    write(manifest.chunks().get(index), chunk);
  }

  Optional<Manifest> manifest(Digest blob) {
    return claims.contains(blob.hex()) ? chunk(blob).map(Manifest::decode) : Optional.empty();
  }

  Optional<byte[]> chunk(Digest digest) {
    Optional<byte[]> stored = unverified(digest);
    if (stored.isPresent()) {
      Digest found = Digest.sha256(stored.get());
      if (!found.equals(digest)) {
        pieces.remove(digest.hex(), stored.get());
        throw new ChunkCorrupted(digest, found);
      }
    }
    return stored;
  }

  Optional<byte[]> unverified(Digest digest) {
    return pieces.get(digest.hex());
  }

  Optional<byte[]> held(Digest digest) {
    return pieces.held(digest.hex());
  }

  BlobStat stat(Digest blob) {
    Optional<Manifest> manifest = manifestIfSound(blob);
    if (manifest.isEmpty()) {
      return new BlobStat.Absent();
    }
    long totalBytes = manifest.get().totalBytes();
    List<Integer> missing = missing(manifest.get());
    return missing.isEmpty()
        ? new BlobStat.Complete(totalBytes)
        : new BlobStat.Partial(totalBytes, missing);
  }

  boolean delete(Digest blob) {
    Optional<byte[]> claim = claims.get(blob.hex());
    claims.remove(blob.hex());
    return claim.isPresent();
  }

  boolean release(Digest blob, String uploader) {
    return claims
        .get(blob.hex())
        .filter(claim -> Claim.decode(claim).uploader().equals(uploader))
        .filter(claim -> claims.remove(blob.hex(), claim))
        .isPresent();
  }

  Swept sweep(Set<Digest> live) {
    // Names before claims: a piece that arrives now has its claim already, or is not in the names.
    Set<String> unclaimed = new HashSet<>(pieces.keys());
    int blobs = 0;
    for (Map.Entry<String, byte[]> entry : claims.entries().entrySet()) {
      Digest blob = Digest.parse(entry.getKey());
      if (isDue(Claim.decode(entry.getValue()), live.contains(blob))
          && claims.remove(blob.hex(), entry.getValue())) {
        blobs++;
      } else {
        unclaimed.remove(blob.hex());
        manifestIfSound(blob).ifPresent(m -> m.chunks().forEach(c -> unclaimed.remove(c.hex())));
      }
    }
    unclaimed.forEach(pieces::remove);
    return new Swept(blobs, unclaimed.size());
  }

  Collection<Claim> claimed() {
    return claims.entries().values().stream().map(Claim::decode).toList();
  }

  private boolean isClaimedJustNow(Digest blob) {
    return claims
        .get(blob.hex())
        .filter(claim -> age(Claim.decode(claim)) < uploadTtl.toMillis() / FRESH)
        .isPresent();
  }

  /** Renews the claim there is, or makes one and takes it back if it does not fit. */
  private void claim(Digest blob, Claim claim) {
    byte[] encoded = claim.encoded();
    int attempts = 0;
    while (!claims.putIfAbsent(blob.hex(), encoded)) {
      if (++attempts > MOST_ATTEMPTS) {
        throw new GridUnavailable("the claim on " + blob + " changes all the time", null);
      }
      Optional<byte[]> old = claims.get(blob.hex());
      if (old.isPresent()
          && claims.replace(
              blob.hex(), old.get(), Claim.decode(old.get()).renewed(clock.instant()).encoded())) {
        return;
      }
    }
    // Claim first, count then: of two that race for the last room, the later sees the earlier.
    try {
      refuseIfOver(claim);
    } catch (GridFailure e) {
      claims.remove(blob.hex(), encoded);
      throw e;
    }
  }

  private void refuseIfOver(Claim claim) {
    Collection<Claim> all = claimed();
    long used = sum(all);
    if (used > quota.totalBytes()) {
      throw exceeded(QuotaExceeded.Scope.GRID, claim, used, quota.totalBytes());
    }
    long own = sum(all.stream().filter(c -> c.uploader().equals(claim.uploader())).toList());
    if (own > quota.uploaderBytes()) {
      throw exceeded(QuotaExceeded.Scope.UPLOADER, claim, own, quota.uploaderBytes());
    }
  }

  private static QuotaExceeded exceeded(
      QuotaExceeded.Scope scope, Claim claim, long usedWithClaim, long limit) {
    return new QuotaExceeded(
        scope, claim.uploader(), usedWithClaim - claim.bytes(), claim.bytes(), limit);
  }

  private static long sum(Collection<Claim> claims) {
    return claims.stream().mapToLong(Claim::bytes).sum();
  }

  private boolean isDue(Claim claim, boolean live) {
    return !live && age(claim) >= uploadTtl.toMillis();
  }

  private long age(Claim claim) {
    return clock.millis() - claim.announcedMillis();
  }

  /**
   * Stores sound bytes under their digest, over corrupted ones, and over a copy that lacks them:
   * there is nothing else that may stand there.
   */
  private void write(Digest digest, byte[] bytes) {
    if (!pieces.putIfAbsent(digest.hex(), bytes) && !isSound(digest)) {
      pieces.put(digest.hex(), bytes);
    }
  }

  private boolean isSound(Digest digest) {
    return pieces.get(digest.hex()).map(Digest::sha256).filter(digest::equals).isPresent();
  }

  private List<Integer> missing(Manifest manifest) {
    List<Integer> missing = new ArrayList<>();
    IntStream.range(0, manifest.chunks().size())
        .filter(i -> !pieces.contains(manifest.chunks().get(i).hex()))
        .forEach(missing::add);
    return missing;
  }

  private Optional<Manifest> manifestIfSound(Digest blob) {
    try {
      return manifest(blob);
    } catch (ChunkCorrupted e) {
      return Optional.empty();
    }
  }
}
