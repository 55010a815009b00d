package io.shardex.scheduler.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.consensus.ReplicatedMachine.Origin;
import io.shardex.market.Event;
import io.shardex.market.Stamp;
import io.shardex.market.state.MarketState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a replica tells its keeper, and when. */
class LogKeeperTest {
  private final ThreeNodes nodes = new ThreeNodes();
  private final List<String> told = new ArrayList<>();
  private boolean diskFails;

  @Test
  void everyEntryIsKeptOnceItIsAppliedEvenOneThatIsNone() {
    MarketReplica node = nodes.replica(keeper());
    nodes.feed(node);
    byte[] unused = node.apply(5, new byte[] {1, 2, 3});

    assertEquals(List.of("happened 0/0", "applied 0", "applied 5"), told);
  }

  @Test
  void aSnapshotIsWrittenOnlyAfterWhatWasKeptIsOnDisk() throws IOException {
    MarketReplica node = nodes.replica(keeper());
    nodes.feed(node);
    told.clear();

    node.capture()
        .writeTo(
            new OutputStream() {
              @Override
              public void write(int b) {
                told.add("byte");
              }

              @Override
              public void write(byte[] bytes, int offset, int length) {
                told.add("bytes");
              }
            });

    assertEquals(List.of("written", "synced", "byte", "bytes"), told);
  }

  @Test
  void noSnapshotIsWrittenWhenWhatWasKeptIsNotOnDisk() {
    MarketReplica node = nodes.replica(keeper());
    nodes.feed(node);
    diskFails = true;
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    assertThrows(IOException.class, () -> node.capture().writeTo(out));
    assertEquals(0, out.size());
  }

  @Test
  void aSnapshotTellsTheKeeperWhichEntryItEndsWith() throws IOException {
    nodes.slot();
    MarketReplica node = nodes.replica(keeper());
    node.restore(7, ThreeNodes.snapshot(nodes.honest), Origin.PEER);

    assertEquals(List.of("restored 2"), told);
  }

  @Test
  void whatTheKeeperThrowsComesOutOfTheReplica() {
    MarketReplica node = nodes.replica(keeper());
    diskFails = true;

    assertThrows(IllegalStateException.class, () -> nodes.feed(node));
  }

  private LogKeeper keeper() {
    return new LogKeeper() {
      @Override
      public void happened(Stamp at, List<Event> events, MarketState after) {
        told.add("happened " + at.index() + "/" + at.offset());
      }

      @Override
      public void applied(long index, byte[] entry) {
        if (diskFails) {
          throw new IllegalStateException("as the test says");
        }
        told.add("applied " + index);
      }

      @Override
      public void restored(long index) {
        told.add("restored " + index);
      }

      @Override
      public Durable written() {
        told.add("written");
        return () -> {
          if (diskFails) {
            throw new IOException("as the test says");
          }
          told.add("synced");
        };
      }
    };
  }
}
