package io.shardex.scheduler.replica;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Lets others wait until the replica has come as far as an index. */
final class AppliedIndex {
  private final TreeMap<Long, List<CompletableFuture<Void>>> waiting = new TreeMap<>();
  private long applied = -1;

  void reached(long index) {
    List<CompletableFuture<Void>> due = new ArrayList<>();
    synchronized (this) {
      applied = index;
      var reached = waiting.headMap(index, true);
      reached.values().forEach(due::addAll);
      reached.clear();
    }
    due.forEach(future -> future.complete(null));
  }

  synchronized CompletableFuture<Void> until(long index) {
    if (index <= applied) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> future = new CompletableFuture<>();
    waiting.computeIfAbsent(index, at -> new ArrayList<>()).add(future);
    return future;
  }
}
