package io.shardex.market;

import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import java.util.stream.LongStream;

/** Every tunable number of the market, with {@code docs/rules.md} as its table. */
public record Rules(Pace pace, Money money, Bounds bounds, Audits audits, Proofs proofs) {
  /** Draws of challenges by chance take no more than a hundredth of a worker's time. */
  private static final int LEAST_SHARE = 100;

  /** Throws {@link IllegalArgumentException} if challenges would take too much of a worker. */
  public Rules {
    long most = Math.multiplyExact(pace.epoch(), proofs.every()) / LEAST_SHARE;
    if (proofs.rate().ceilOf(proofs.work()) > most) {
      throw new IllegalArgumentException(
          "challenges may take a hundredth of the time: of "
              + proofs.every()
              + " epochs "
              + most
              + " ms, not "
              + proofs.rate()
              + " of "
              + proofs.work()
              + " ms");
    }
  }

  /**
   * Times in milliseconds. Windows are deadlines, never delays.
   *
   * @param beat length of a slot while something waits for it
   * @param idleBeat length of a slot when nothing does
   * @param epoch how long a price holds
   * @param gap a jump of the clock beyond this is added to every lease's deadline; twice the idle
   *     beat at least, or slots in which nothing happens are gaps and no deadline ever comes
   * @param leaseBase time every lease has, whatever its work
   * @param leaseSlack how many times longer than at the class's rate a shard may take
   * @param silence grace of a lease whose worker was reported silent
   * @param cooldown how long a worker whose lease failed may not ask, and one that failed a
   *     challenge waits for its next, twice as long after each further one in a row
   * @param factView how long a view of a fact stays open
   * @param vest how long after a job's end its pay enters a batch
   * @param settleMargin time between a job's deadline and its refund date at least
   * @param keepSettled how long a settled job stays visible
   * @param commandLife longest life a signer gives a command; twice this is accepted, for clocks
   *     that differ
   * @param checkpoint least time from one checkpoint of a lease to its next
   */
  public record Pace(
      long beat,
      long idleBeat,
      long epoch,
      long gap,
      long leaseBase,
      int leaseSlack,
      long silence,
      long cooldown,
      long factView,
      long vest,
      long settleMargin,
      long keepSettled,
      long commandLife,
      long checkpoint) {
    /** No time is longer: about 139 years, so that sums of a few never wrap. */
    private static final long LONGEST = 1L << 42;

    /** Throws {@link IllegalArgumentException} for a time below 0 or beyond all reason. */
    public Pace {
      LongStream.of(
              beat,
              idleBeat,
              epoch,
              gap,
              leaseBase,
              silence,
              cooldown,
              factView,
              vest,
              settleMargin,
              keepSettled,
              commandLife,
              checkpoint)
          .forEach(Pace::check);
      requirePositive("leaseSlack", leaseSlack);
    }

    private static void check(long millis) {
      if (millis < 0 || millis > LONGEST) {
        throw new IllegalArgumentException("a time must lie in 0.." + LONGEST + " ms: " + millis);
      }
    }
  }

  /**
   * Money.
   *
   * @param fee the network's part of each payment
   * @param workerStake stake an owner needs for each worker
   * @param auditFloor least share of results a job must have audited
   */
  public record Money(PartsPerMillion fee, Amount workerStake, PartsPerMillion auditFloor) {
    /** Throws {@link IllegalArgumentException} if the fee leaves the worker nothing. */
    public Money {
      requirePositive("what the fee leaves", PartsPerMillion.ONE - fee.value());
    }
  }

  /** Bounds of everything that could grow. */
  public record Bounds(
      int jobs,
      int shards,
      int rounds,
      int leasesPerTask,
      int views,
      int rangeBlocks,
      int chainEvents,
      int matches,
      int batchLines,
      int results) {
    /** Throws {@link IllegalArgumentException} for a bound that lets nothing through. */
    public Bounds {
      requirePositive("jobs", jobs);
      requirePositive("shards", shards);
      requirePositive("rounds", rounds);
      requirePositive("leasesPerTask", leasesPerTask);
      requirePositive("views", views);
      requirePositive("rangeBlocks", rangeBlocks);
      requirePositive("chainEvents", chainEvents);
      requirePositive("matches", matches);
      requirePositive("batchLines", batchLines);
      requirePositive("results", results);
    }
  }

  /**
   * Verification by re-execution. Times in milliseconds.
   *
   * @param reveal how long both sides of an audit have to open their seals
   * @param dispute what a view of a dispute has on top of the execution's own time
   * @param probation verified results of an owner before its audits become rarer
   * @param draws auditors that may be silent before the validators execute
   * @param duties audits that may wait for one worker
   * @param beaconSlots slots within which a member's place must have come
   * @param beaconSteps hashes a beat may take to check: slots a validator may be away with its
   *     chain
   * @param checkpoint slots from one checkpoint to the next
   */
  public record Audits(
      long reveal,
      long dispute,
      int probation,
      int draws,
      int duties,
      int beaconSlots,
      int beaconSteps,
      int checkpoint) {
    /** Throws {@link IllegalArgumentException} for what lets nothing through. */
    public Audits {
      Pace.check(reveal);
      Pace.check(dispute);
      if (probation < 0) {
        throw new IllegalArgumentException("probation must be at least 0: " + probation);
      }
      requirePositive("draws", draws);
      requirePositive("duties", duties);
      requirePositive("beaconSlots", beaconSlots);
      requirePositive("beaconSteps", beaconSteps);
      requirePositive("checkpoint", checkpoint);
    }
  }

  /**
   * Proofs of hardware. Times in milliseconds.
   *
   * @param every epochs from one draw of challenges to the next
   * @param rate probability that an owner is drawn; all its workers are challenged together. With 0
   *     nobody is, and nobody needs a proof
   * @param work how long a challenge's chain takes at the class's rate
   * @param slack how many times longer than that an answer may take
   * @param tableMiB the largest table that an idle worker is asked to fill
   * @param opening how long a worker has to open its answer and put the opening into the grid
   * @param live challenges at a time; an owner's workers for whom there is no room wait together
   */
  public record Proofs(
      int every, PartsPerMillion rate, long work, int slack, int tableMiB, long opening, int live) {
    /** Throws {@link IllegalArgumentException} for what lets nothing through. */
    public Proofs {
      requirePositive("every", every);
      Pace.check(work);
      if (slack < 1 || slack > 1_000) {
        throw new IllegalArgumentException("slack must be 1 to 1000: " + slack);
      }
      if (tableMiB < 0 || tableMiB > 1 << 16) {
        throw new IllegalArgumentException("a table must have 0 to 2^16 MiB: " + tableMiB);
      }
      Pace.check(opening);
      requirePositive("live", live);
    }

    /**
     * Whether this network wants any. No property of the network file, so it is not named as one.
     */
    public boolean areAsked() {
      return rate.value() > 0;
    }
  }

  private static void requirePositive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " must be at least 1: " + value);
    }
  }

  /** The preset of a network on one machine. */
  public static Rules local() {
    return new Rules(
        new Pace(
            200, 2_000, 4_000, 4_000, 30_000, 20, 5_000, 10_000, 20_000, 0, 60_000, 600_000,
            300_000, 1_000),
        new Money(
            new PartsPerMillion(20_000), Amount.of(5 * Amount.TOKEN), new PartsPerMillion(50_000)),
        new Bounds(1_000, 10_000, 10_000, 8, 3, 1_000, 500, 256, 1_000, 100_000),
        new Audits(5_000, 20_000, 2, 2, 4, 2, 4_096, 150),
        new Proofs(15, new PartsPerMillion(75_000), 2_000, 15, 64, 20_000, 64));
  }
}
