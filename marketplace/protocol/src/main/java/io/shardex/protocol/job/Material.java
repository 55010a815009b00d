package io.shardex.protocol.job;

import java.nio.file.Path;
import java.util.List;

/** The builder's files that a job is made from, read and checked. */
public sealed interface Material permits LocalData, LocalModule, LocalCommand {
  /** A file to upload, with a word for people. */
  record Part(String what, Path file) {}

  /** The canonical bytes by which the market names all of it. */
  byte[] described();

  /** What is uploaded beside them. */
  List<Part> parts();
}
