package io.shardex.scheduler.gateway;

import io.grpc.Status;

/** Hears what the gateway does. Called on many threads; must return at once. */
public interface GatewayMetrics {
  GatewayMetrics NONE =
      new GatewayMetrics() {
        @Override
        public void sessions(Role role, int change) {}

        @Override
        public void answered(String method, Status.Code code) {}

        @Override
        public void took(String method, double seconds) {}
      };

  /** What a stream or session is for. */
  enum Role {
    WORKER,
    WATCHER
  }

  /**
   * Streams of a role were opened or closed.
   *
   * @param change 1 or -1
   */
  void sessions(Role role, int change);

  /**
   * A call ended.
   *
   * @param method such as {@code Market/Submit}
   */
  void answered(String method, Status.Code code);

  /** A call that is answered once, not by a stream, was answered this long after it began. */
  void took(String method, double seconds);
}
