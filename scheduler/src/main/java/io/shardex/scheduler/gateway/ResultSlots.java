package io.shardex.scheduler.gateway;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.scheduler.gateway.Ticket.Slot;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which blobs each worker put for its latest lease through this node: no more than its slot has.
 */
final class ResultSlots {
  private static final int WORKERS = 20_000;

  private record Taken(String lease, Set<Digest> blobs) {}

  private final Map<Address, Taken> taken =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Address, Taken> eldest) {
          return size() > WORKERS;
        }
      };

  /** Whether the blob may go into one of the slots; if so, it takes one of its places. */
  boolean take(Address worker, List<Slot> slots, Digest blob) {
    return slots.stream().anyMatch(slot -> slot.only().equals(Optional.of(blob)))
        || slots.stream()
            .filter(slot -> slot.only().isEmpty())
            .anyMatch(slot -> take(worker, slot, blob));
  }

  private synchronized boolean take(Address worker, Slot slot, Digest blob) {
    Taken before = taken.get(worker);
    if (before == null || !before.lease().equals(slot.lease())) {
      before = new Taken(slot.lease(), new HashSet<>());
      taken.put(worker, before);
    }
    return before.blobs().contains(blob)
        || (before.blobs().size() < slot.blobs() && before.blobs().add(blob));
  }
}
