package io.shardex.scheduler.grid;

/** A blob does not fit in what its uploader, or all uploaders together, may claim. */
public final class QuotaExceeded extends GridFailure {
  private static final long serialVersionUID = 1;

  /** Whose limit was met. */
  public enum Scope {
    UPLOADER,
    GRID
  }

  private final Scope scope;
  private final String uploader;
  private final long usedBytes;
  private final long askedBytes;
  private final long limitBytes;

  QuotaExceeded(Scope scope, String uploader, long usedBytes, long askedBytes, long limitBytes) {
    super(
        "%s asked for %d bytes, but %d of the %d bytes of %s are in use"
            .formatted(
                uploader,
                askedBytes,
                usedBytes,
                limitBytes,
                scope == Scope.GRID ? "the grid" : "its quota"),
        null);
    this.scope = scope;
    this.uploader = uploader;
    this.usedBytes = usedBytes;
    this.askedBytes = askedBytes;
    this.limitBytes = limitBytes;
  }

  /** Whose limit was met. */
  public Scope scope() {
    return scope;
  }

  /** Who asked. */
  public String uploader() {
    return uploader;
  }

  /** Bytes in use in that scope before the call. */
  public long usedBytes() {
    return usedBytes;
  }

  /** Bytes the blob would have been charged with. */
  public long askedBytes() {
    return askedBytes;
  }

  /** Bytes that may be in use in that scope. */
  public long limitBytes() {
    return limitBytes;
  }
}
