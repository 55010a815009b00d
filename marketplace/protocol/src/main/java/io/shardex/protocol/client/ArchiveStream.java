package io.shardex.protocol.client;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.protocol.log.LogEntry;
import io.shardex.protocol.wire.ArchiveReply;
import io.shardex.protocol.wire.ArchiveRequest;
import io.shardex.protocol.wire.MarketGrpc;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** One reading of the archive: over failures of nodes, it goes on where it stopped. */
final class ArchiveStream {
  private final Nodes nodes;
  private final long to;
  private final Consumer<LogEntry> reader;
  private final Map<NodeAddress, String> without = new LinkedHashMap<>();
  private long next;

  ArchiveStream(Nodes nodes, long from, long to, Consumer<LogEntry> reader) {
    this.nodes = nodes;
    this.next = from;
    this.to = to;
    this.reader = reader;
  }

  void read() {
    boolean done = false;
    while (!done) {
      done = nodes.call("the archive from index " + next, this::read);
    }
  }

  /** Returns whether all has come; false if the stream broke off after some of it. */
  private boolean read(NodeLink link) {
    long first = next;
    Context.CancellableContext context = Context.current().withCancellation();
    Context outer = context.attach();
    try {
      Iterator<ArchiveReply> replies =
          MarketGrpc.newBlockingStub(link.channel())
              .archive(ArchiveRequest.newBuilder().setFromIndex(next).setToIndex(to).build());
      while (replies.hasNext()) {
        LogEntry entry = entry(replies.next());
        reader.accept(entry);
        next = entry.index() + 1;
      }
      return true;
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.OUT_OF_RANGE) {
        throw notHeld(link, e);
      }
      if (next > first) {
        nodes.avoid(link);
        return false;
      }
      throw e;
    } finally {
      context.detach(outer);
      context.cancel(null);
    }
  }

  private LogEntry entry(ArchiveReply reply) {
    if (reply.getIndex() < next || reply.getPrevious() >= reply.getIndex()) {
      throw new MalformedBytes(
          "asked for entries from index %d, but entry %d after %d came"
              .formatted(next, reply.getIndex(), reply.getPrevious()));
    }
    return new LogEntry(reply.getPrevious(), reply.getIndex(), reply.getEntry().toByteArray());
  }

  /** Another node may hold it; when all have said that they do not, that is the answer. */
  private StatusRuntimeException notHeld(NodeLink link, StatusRuntimeException e) {
    without.put(link.address(), String.valueOf(e.getStatus().getDescription()));
    nodes.avoid(link);
    Status status =
        without.size() < nodes.links().size() ? Status.UNAVAILABLE : Status.OUT_OF_RANGE;
    StringBuilder said = new StringBuilder("no node holds it");
    without.forEach((node, text) -> said.append("; ").append(node).append(": ").append(text));
    return status.withDescription(said.toString()).asRuntimeException();
  }
}
