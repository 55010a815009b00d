package io.shardex.scheduler.grid;

import org.jspecify.annotations.Nullable;

/** A port the grid was told to listen on is taken. */
public final class PortInUse extends GridFailure {
  private static final long serialVersionUID = 1;

  private final int port;

  PortInUse(String host, int port, String purpose, @Nullable Throwable cause) {
    super("port %s:%d for the grid's %s is in use".formatted(host, port, purpose), cause);
    this.port = port;
  }

  /** The taken port. */
  public int port() {
    return port;
  }
}
