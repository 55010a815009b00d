package io.shardex.cli.audit;

import io.shardex.market.Network;
import io.shardex.protocol.client.InvalidCall;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeStatus;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.log.LogEntry;
import io.shardex.settlement.ChainAccounts;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.Contracts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The whole audit: replay from genesis, then compare with the nodes and with the chain. Whoever
 * runs it believes nobody but the network file, the chain endpoint and the code.
 */
public final class LogAudit {
  /** How often a node's archive is looked at again for an entry that the node has applied. */
  private static final int LOOKS = 20;

  private static final long PAUSE_MILLIS = 250;

  private final ReplayedMarket replay;
  private final List<String> notes = new ArrayList<>();
  private final Progress progress;

  /** Hears how far a replay is. */
  @FunctionalInterface
  public interface Progress {
    void at(ReplayedMarket replay);
  }

  /**
   * What was compared and found equal.
   *
   * @param nodes whose hash was compared
   * @param payments empty if the chain was left out
   * @param notes what could not be compared, and why
   */
  public record Report(
      long lastIndex,
      long entries,
      long commands,
      String hash,
      long beats,
      int checkpoints,
      int nodes,
      Optional<PaymentBook.Compared> payments,
      List<String> notes) {
    public Report {
      notes = List.copyOf(notes);
    }
  }

  public LogAudit(Network network, AuthorRecovery recovery, Progress progress) {
    this.replay = new ReplayedMarket(network, recovery);
    this.progress = progress;
  }

  /** Replays these entries after those before. */
  public LogAudit replay(EntrySource source) throws IOException {
    source.read(this::apply);
    return this;
  }

  /**
   * Takes what the nodes hold now, to be compared with what is replayed before and after; returns
   * how many answered.
   */
  public int expect(List<NodeStatus> nodes) {
    for (NodeStatus node : nodes) {
      if (node.index() >= 0) {
        replay.expect(node.index(), node.hash(), "node " + node.address());
      }
    }
    return nodes.size();
  }

  /** Replays the nodes' entries on, until everything that was to be compared is. */
  public LogAudit catchUp(MarketClient market) throws IOException, InterruptedException {
    for (int look = 0; look < LOOKS && replay.expectedIndex().isPresent(); look++) {
      if (look > 0) {
        Thread.sleep(PAUSE_MILLIS); // a node archives an entry just after it shows it
      }
      try {
        replay(EntrySource.nodes(market, replay.index() + 1));
      } catch (InvalidCall e) {
        if (look + 1 == LOOKS) {
          throw e;
        }
      }
    }
    return this;
  }

  /** Compares every payment up to the last block the log has seen. */
  public PaymentBook.Compared compare(ChainClient chain) {
    long block = replay.state().chain().block();
    ChainAccounts accounts = new ChainAccounts(chain, Contracts.of(replay.state().network()));
    return replay.payments().compare(accounts.books(block));
  }

  /** Something that could not be compared. */
  public void note(String what) {
    notes.add(what);
  }

  /** Ends the audit; everything was equal. */
  public Report report(Optional<PaymentBook.Compared> payments) {
    replay.finish();
    if (replay.entries() == 0) {
      throw new Difference("there is no entry to replay");
    }
    return new Report(
        replay.index(),
        replay.entries(),
        replay.commands(),
        replay.hash().toString(),
        replay.beats(),
        replay.checkpoints(),
        replay.expectationsMet(),
        payments,
        notes);
  }

  private void apply(LogEntry entry) {
    replay.apply(entry);
    progress.at(replay);
  }
}
