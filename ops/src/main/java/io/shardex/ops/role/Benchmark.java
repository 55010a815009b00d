package io.shardex.ops.role;

import io.shardex.cli.check.Checklist;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.commitment.Digest;
import io.shardex.training.proof.Challenge;
import io.shardex.training.proof.ChallengeSize;
import io.shardex.training.proof.MemoryTable;
import io.shardex.training.proof.OpeningCheck;
import io.shardex.training.proof.ReferenceChain;
import io.shardex.training.proof.Solution;
import io.shardex.training.proof.Solution.Part;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** What this machine does of a hardware challenge in a second. */
final class Benchmark {
  private static final int SIDE = 512;
  private static final int LINKS = 64;
  private static final int WARMING_LINKS = 16;
  private static final int WARMING_BLOCKS = 256;
  private static final long DEFAULT_MIB = 128;
  private static final int BLOCKS_OF_MIB = (1 << 20) / MemoryTable.BLOCK_BYTES;

  private final int threads;
  private final int tableMiB;

  /** For so many threads, and half of the memory as far as this process may have it. */
  Benchmark(int threads, Optional<Long> memoryMiB) {
    this.threads = threads;
    long most = Runtime.getRuntime().maxMemory() >> 21;
    this.tableMiB = (int) Math.min(most, memoryMiB.map(offered -> offered / 2).orElse(DEFAULT_MIB));
  }

  void run(Checklist checks) throws Exception {
    try (Lanes lanes = Lanes.of(threads)) {
      // Compiles the loops; nothing of it is counted.
      solve(size(WARMING_LINKS, WARMING_BLOCKS), lanes, new EnumMap<>(Part.class));
      ChallengeSize size = size(LINKS, Math.max(1, tableMiB) * BLOCKS_OF_MIB);
      Map<Part, Double> seconds = new EnumMap<>(Part.class);
      Challenge challenge = challenge(size);
      Solution solution = solve(challenge, lanes, seconds);
      checks.check("compute", () -> compute(size, seconds));
      checks.check("fill", () -> fill(size, seconds));
      checks.check("read", () -> read(size, seconds));
      checks.check("proof", () -> proof(challenge, solution, seconds));
    }
  }

  private static ChallengeSize size(int links, int blocks) {
    return new ChallengeSize(SIDE, links, blocks, blocks);
  }

  private static void solve(ChallengeSize size, Lanes lanes, Map<Part, Double> seconds)
      throws Exception {
    solve(challenge(size), lanes, seconds);
  }

  private static Solution solve(Challenge challenge, Lanes lanes, Map<Part, Double> seconds)
      throws Exception {
    long[] from = {System.nanoTime()};
    return Solution.of(
        challenge,
        new ReferenceChain(lanes),
        lanes,
        part -> {
          long now = System.nanoTime();
          seconds.put(part, (now - from[0]) / 1e9);
          from[0] = now;
        });
  }

  private static Challenge challenge(ChallengeSize size) {
    return new Challenge(random(), size);
  }

  private static Digest random() {
    byte[] bytes = new byte[Digest.BYTES];
    new SecureRandom().nextBytes(bytes);
    return Digest.ofBytes(bytes);
  }

  private String compute(ChallengeSize size, Map<Part, Double> seconds) {
    double taken = seconds.getOrDefault(Part.CHAIN, 0.0);
    return "%.1f GFLOP/s: %d products of %d x %d, exact in 32 bits, in %.2f s on %d %s"
        .formatted(
            size.operations() / taken / 1e9,
            size.links(),
            size.side(),
            size.side(),
            taken,
            threads,
            threads == 1 ? "thread" : "threads");
  }

  private String fill(ChallengeSize size, Map<Part, Double> seconds) {
    double taken = seconds.getOrDefault(Part.FILL, 0.0);
    return "%.2f GiB/s: a table of %d MiB in %.2f s, and %.2f s to hash it"
        .formatted(
            gib(size.tableBytes()) / taken, tableMiB, taken, seconds.getOrDefault(Part.HASH, 0.0));
  }

  private static String read(ChallengeSize size, Map<Part, Double> seconds) {
    double taken = seconds.getOrDefault(Part.WALK, 0.0);
    return "%.1f GiB/s: %d blocks of %d KiB, each where the last one says, in %.3f s on 1 thread"
        .formatted(
            gib(size.walkedBytes()) / taken, size.steps(), MemoryTable.BLOCK_BYTES >> 10, taken);
  }

  private static double gib(long bytes) {
    return bytes / (double) (1L << 30);
  }

  private static String proof(Challenge challenge, Solution solution, Map<Part, Double> seconds)
      throws Exception {
    Digest draw = random();
    byte[] opening = solution.opening(draw);
    long from = System.nanoTime();
    OpeningCheck.check(challenge, solution.root(), draw, opening);
    double taken = (System.nanoTime() - from) / 1e9;
    double work = seconds.values().stream().mapToDouble(Double::doubleValue).sum();
    return "a validator checks it in %.3f s, %.1f %% of the %.2f s of work, from %.1f MiB"
        .formatted(taken, 100 * taken / work, work, opening.length / (double) (1 << 20));
  }
}
