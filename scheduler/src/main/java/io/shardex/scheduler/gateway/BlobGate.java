package io.shardex.scheduler.gateway;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import io.shardex.scheduler.gateway.Ticket.Upload;
import io.shardex.scheduler.grid.BlobGrid;
import io.shardex.scheduler.grid.DataDescriptions;

/** Checks each transfer against the caller's ticket, and says what is missing for it. */
final class BlobGate {
  private final MarketPort market;
  private final BlobTickets tickets;
  private final DataDescriptions descriptions;
  private final ResultSlots slots = new ResultSlots();

  BlobGate(MarketPort market, BlobTickets tickets, BlobGrid grid) {
    this.market = market;
    this.tickets = tickets;
    this.descriptions = new DataDescriptions(grid);
  }

  /** Lets the key get the blob, or throws PERMISSION_DENIED. */
  void admitGet(Address key, Digest blob) {
    Ticket ticket = ticket(key);
    boolean admitted =
        ticket.readsAll()
            || ticket.readable().contains(blob)
            || ticket.described().stream()
                .anyMatch(description -> descriptions.listedBy(description).contains(blob));
    if (!admitted) {
      throw Refusals.denied(
          key + " has no lease and no job that opens blob " + blob,
          "get blobs of your own jobs, or of the lease you hold");
    }
  }

  /**
   * Lets the key put the blob, or throws PERMISSION_DENIED.
   *
   * @return whose quota pays
   */
  String admitPut(Address key, Manifest manifest) {
    Upload upload =
        ticket(key)
            .upload()
            .orElseThrow(
                () ->
                    Refusals.denied(
                        key + " has no confirmed deposit and no lease to put blobs for",
                        "confirm a deposit on chain, or take a lease first"));
    if (manifest.totalBytes() > upload.maxBytes()) {
      throw Refusals.denied(
          "%s may put blobs of at most %d bytes, but this one has %d"
              .formatted(key, upload.maxBytes(), manifest.totalBytes()),
          "put a smaller blob");
    }
    Digest id = manifest.id();
    if (!upload.slots().isEmpty() && !slots.take(key, upload.slots(), id)) {
      throw Refusals.denied(
          "there is no room left for a blob of " + key + ", and " + id.brief() + " is another",
          "put what you put or committed before, or save the checkpoint that you put");
    }
    return upload.uploader();
  }

  private Ticket ticket(Address key) {
    return market.read(state -> tickets.of(state, key));
  }
}
