package io.shardex.ops.bench;

import io.shardex.cli.InputRefused;
import io.shardex.cli.JobInput;
import io.shardex.cli.JobSubmission;
import io.shardex.cli.PlannedJob;
import io.shardex.cli.Stalled;
import io.shardex.market.JobId;
import io.shardex.market.state.Worker;
import io.shardex.ops.demo.BuilderSide;
import io.shardex.ops.demo.DemoJob;
import io.shardex.ops.faultlab.UpProcess;
import io.shardex.ops.localnet.MnistFiles;
import io.shardex.ops.localnet.NodePackages;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.Watch;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Small jobs, one after the other, each brought to a market whose workers all wait. Times are those
 * of one watcher of the log: what one command caused it hears at one time.
 */
final class FirstLease {
  private static final int JOBS = 32;
  private static final int BUDGET_TOKENS = 5;
  private static final DemoJob.Cut SMALL = new DemoJob.Cut(600, 1, "20%");
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private FirstLease() {}

  /**
   * What a job waited for.
   *
   * @param leased seconds from {@code JobFunded} to the first {@code LeaseGranted}
   * @param started seconds from {@code JobFunded} to the first {@code LeaseStarted}
   */
  record Waited(double leased, double started) {}

  static List<Waited> measure(UpProcess up, Path dir, int workers, Consumer<String> progress)
      throws IOException, InterruptedException, InputRefused, Stalled {
    NetworkFile network = up.network();
    SigningKey key = SigningKey.random(new SecureRandom());
    DevMoney.give(network, key.address(), Amount.of((long) JOBS * BUDGET_TOKENS * Amount.TOKEN));
    JobWatch heard = new JobWatch();
    List<Waited> all = new ArrayList<>();
    try (BuilderSide builder = BuilderSide.open(network, key)) {
      MarketClient market = new MarketClient(builder.nodes());
      JobSubmission submission =
          new JobSubmission(
              network.network(),
              builder.escrow(),
              builder.market(),
              Files.createDirectories(dir.resolve("submissions")),
              InstantSource.system(),
              Thread::sleep);
      Watch watch = market.watch(market.status().index() + 1, Optional.empty(), heard);
      try {
        for (int i = 1; i <= JOBS; i++) {
          PlannedJob job = submission.plan(JobInput.read(jobFile(dir, i)));
          up.await("all workers wait for work", LIMIT, () -> waiting(market) == workers);
          JobId id = submission.submit(job, step -> {});
          up.await("job " + id.brief() + " ends", LIMIT, () -> heard.of(id).hasEnded());
          JobWatch.Times times = heard.of(id);
          Waited waited = new Waited(times.secondsToLease(), times.secondsToStart());
          all.add(waited);
          progress.accept(
              "job %d of %d: leased %.3f s after it was funded, training began after %.3f s"
                  .formatted(i, JOBS, waited.leased(), waited.started()));
        }
      } finally {
        watch.close();
      }
    }
    return all;
  }

  private static Path jobFile(Path dir, int seed) throws IOException {
    return DemoJob.write(
        Path.of(System.getProperty("shardex.home", ""), "examples", "mnist.yaml"),
        dir,
        MnistFiles.in(NodePackages.ofDistribution()),
        seed,
        SMALL);
  }

  private static long waiting(MarketClient market) {
    return market.workers(Optional.empty()).stream().filter(Worker::waits).count();
  }
}
