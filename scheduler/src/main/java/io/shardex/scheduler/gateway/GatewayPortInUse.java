package io.shardex.scheduler.gateway;

import java.io.IOException;

/** The gateway's port is taken by another process. */
public final class GatewayPortInUse extends IOException {
  private static final long serialVersionUID = 1;

  private final int port;

  GatewayPortInUse(String host, int port, Throwable cause) {
    super("port %s:%d for the gateway is in use".formatted(host, port), cause);
    this.port = port;
  }

  /** The taken port. */
  public int port() {
    return port;
  }
}
