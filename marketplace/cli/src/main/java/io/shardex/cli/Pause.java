package io.shardex.cli;

/** Lets time pass between two looks at something; {@code Thread::sleep} outside of tests. */
@FunctionalInterface
public interface Pause {
  void millis(long millis) throws InterruptedException;
}
