package io.shardex.ops.launch;

/** How a command prints: for people, or for programs. */
public enum Output {
  TEXT,
  JSON
}
