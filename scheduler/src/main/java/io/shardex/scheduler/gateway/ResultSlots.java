package io.shardex.scheduler.gateway;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.scheduler.gateway.Ticket.Slot;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which blob each worker put for its latest lease through this node: one lease, one result. */
final class ResultSlots {
  private static final int WORKERS = 20_000;

  private record Taken(String lease, Digest blob) {}

  private final Map<Address, Taken> taken =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Address, Taken> eldest) {
          return size() > WORKERS;
        }
      };

  /** Whether the blob may go into the slot; if so, no other may from now on. */
  synchronized boolean take(Address worker, Slot slot, Digest blob) {
    if (slot.only().isPresent()) {
      return slot.only().get().equals(blob);
    }
    Taken before = taken.get(worker);
    if (before != null && before.lease().equals(slot.lease())) {
      return before.blob().equals(blob);
    }
    taken.put(worker, new Taken(slot.lease(), blob));
    return true;
  }
}
