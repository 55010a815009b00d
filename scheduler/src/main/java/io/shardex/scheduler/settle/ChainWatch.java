package io.shardex.scheduler.settle;

import io.shardex.settlement.ChainClient;
import io.shardex.settlement.ChainFailure;
import io.shardex.settlement.Confirmations;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps looking at the chain's newest block, so that a beat never waits for the chain. */
public final class ChainWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChainWatch.class);

  private final ChainClient chain;
  private final Confirmations depth;
  private final Duration every;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile long finalBlock;
  private volatile boolean up;

  private ChainWatch(ChainClient chain, Confirmations depth, Duration every) {
    this.chain = chain;
    this.depth = depth;
    this.every = every;
  }

  public static ChainWatch start(ChainClient chain, Confirmations depth, Duration every) {
    ChainWatch watch = new ChainWatch(chain, depth, every);
    Thread.ofVirtual().name("chain-watch").start(watch::run);
    return watch;
  }

  /** The newest block deep enough not to go away; 0 before the first answer. */
  public long finalBlock() {
    return finalBlock;
  }

  /** Whether the last look succeeded. */
  public boolean isUp() {
    return up;
  }

  private void run() {
    do {
      try {
        finalBlock = Math.max(finalBlock, depth.finalBlock(chain.latestBlock()));
        up = true;
      } catch (ChainFailure e) {
        if (up) {
          log.warn("the chain is away: {}", e.getMessage());
        }
        up = false;
      }
    } while (!isClosedWithin(every));
  }

  private boolean isClosedWithin(Duration pause) {
    try {
      return closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
