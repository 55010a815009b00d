package io.shardex.ops.demo;

import io.shardex.cli.InputRefused;
import io.shardex.cli.JobFollower;
import io.shardex.cli.JobInput;
import io.shardex.cli.JobSubmission;
import io.shardex.cli.JobView;
import io.shardex.cli.ModelFetch;
import io.shardex.cli.PlannedJob;
import io.shardex.cli.RoundView;
import io.shardex.cli.SubmissionStep;
import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.market.Network;
import io.shardex.market.state.JobPhase;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Logs;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.Anvil;
import io.shardex.ops.localnet.Liar;
import io.shardex.ops.localnet.LocalTerms;
import io.shardex.ops.localnet.Localnet;
import io.shardex.ops.localnet.LocalnetOptions;
import io.shardex.ops.localnet.MnistFiles;
import io.shardex.ops.localnet.NodePackages;
import io.shardex.ops.localnet.Owner;
import io.shardex.ops.localnet.ProcessFigures;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.job.JobSpec;
import io.shardex.protocol.key.SigningKey;
import io.shardex.training.model.RoundModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One training job, end to end: the network comes up, the job runs and is paid, the model fetched.
 */
final class Demo {
  private static final Logger LOG = LoggerFactory.getLogger(Demo.class);
  private static final Duration SETTLEMENT = Duration.ofMinutes(2);
  private static final long KIB_PER_MIB = 1024;

  private final DemoOptions options;
  private final Path home;
  private final Path example;
  private final DemoView view;
  private final Instant started;

  /**
   * @param home the user's own state folder
   * @param example the job file to run
   * @param started when the launcher started
   */
  Demo(DemoOptions options, Path home, Path example, DemoView view, Instant started) {
    this.options = options;
    this.home = home;
    this.example = example;
    this.view = view;
    this.started = started;
  }

  /** Runs the demo; when it returns or throws, no child process is left. */
  void run() throws Exception {
    if (options.job().isPresent()) {
      requireTraining(options.job().get());
    }
    try (DemoFolder folder = DemoFolder.open(options.dir(), home)) {
      NodePackages packages = NodePackages.ofDistribution();
      packages.install(view::note);
      Optional<JobInput> own = ownJob();
      folder.prepare();
      view.note("state and log in " + Logs.to(folder.path()).getParent());
      JobInput job = own.isPresent() ? own.get() : exampleJob(packages, folder.path());
      LocalnetOptions settings =
          new LocalnetOptions(
              Anvil.binary(packages, System.getenv()),
              folder.path(),
              options.seed(),
              options.ports(),
              !options.honest());
      try (Localnet network = Localnet.start(settings, view::note)) {
        double ready = sinceStart();
        view.ready(ready);
        use(network, job, folder.path(), ready);
      }
    }
  }

  private static void requireTraining(Path file) throws IOException, InputRefused {
    boolean plain =
        JobInput.readFile(file).content() instanceof JobSpec spec
            && spec.model() instanceof JobSpec.Model.Reference;
    if (!plain) {
      throw new InputRefused(
          file
              + " trains no model of the market's own, and the demo compares one with plain training",
          "Run 'shardex up' and submit it there");
    }
  }

  /** Checked before the state of an earlier demo is touched. */
  private Optional<JobInput> ownJob() throws IOException, InputRefused {
    if (options.job().isEmpty()) {
      return Optional.empty();
    }
    JobInput job = JobInput.read(options.job().get());
    job.check(LocalTerms.network(), Instant.now());
    return Optional.of(job);
  }

  private JobInput exampleJob(NodePackages packages, Path folder) throws IOException, InputRefused {
    MnistFiles data = MnistFiles.in(packages);
    return JobInput.read(DemoJob.write(example, folder, data, options.seed(), options.quick()));
  }

  private void use(Localnet network, JobInput job, Path folder, double ready) throws Exception {
    Thread thread = Thread.currentThread();
    CompletableFuture<Trouble> chainDeath = network.chainDeath();
    CompletableFuture<Void> unused = chainDeath.thenRun(thread::interrupt);
    try {
      DemoResult result = train(network, job, folder, ready);
      view.done(result);
      if (options.report().isPresent()) {
        report(result, job.path(), options.report().get());
      }
      if (options.keep()) {
        view.note("the network stays up until Ctrl-C");
      }
      view.end();
      if (options.keep()) {
        new CountDownLatch(1).await();
      }
    } catch (Exception e) {
      throw chainDeath.isDone() ? chainDeath.get() : e;
    }
  }

  private DemoResult train(Localnet network, JobInput input, Path folder, double ready)
      throws Exception {
    Network terms = network.network().network();
    try (BuilderSide builder = BuilderSide.open(network.network(), network.builderKey());
        PriceHistory prices = PriceHistory.follow(new MarketClient(builder.nodes()));
        AuditStory audits =
            AuditStory.follow(
                new MarketClient(builder.nodes()),
                network.owners(),
                ownersOfWorkers(network),
                view::audit)) {
      JobSubmission submission =
          new JobSubmission(
              terms,
              builder.escrow(),
              builder.market(),
              folder.resolve("builder"),
              InstantSource.system(),
              Thread::sleep);
      PlannedJob job = submission.plan(input);
      view.planned(job, workPerHour(terms, job), workers(network));
      String deposit = submit(submission, job);
      return follow(network, builder, job, deposit, prices, audits, folder, ready);
    }
  }

  /** Returns the hash of the transaction that paid. */
  private String submit(JobSubmission submission, PlannedJob job) throws Exception {
    String[] deposit = {""};
    JobId id =
        submission.submit(
            job,
            step -> {
              if (step instanceof SubmissionStep.Paid paid) {
                deposit[0] = paid.transaction();
              }
              view.submission(step);
            });
    LOG.info("job {} is paid by {}", id, deposit[0]);
    return deposit[0];
  }

  private DemoResult follow(
      Localnet network,
      BuilderSide builder,
      PlannedJob job,
      String deposit,
      PriceHistory prices,
      AuditStory audits,
      Path folder,
      double ready)
      throws Exception {
    double submittedAt = sinceStart();
    double cpuBefore = cpuSeconds(network);
    double auditsBefore = network.auditSeconds();
    double disputesBefore = network.disputeSeconds();
    try (JobFollower follower = new JobFollower(builder.market(), job, view::job)) {
      JobView ended = follower.follow(JobView::ended, untilRefund(job));
      double jobSeconds = sinceStart() - submittedAt;
      follower.follow(JobView::scored, SETTLEMENT);
      double cpu = cpuSeconds(network) - cpuBefore;
      JobView settled = follower.follow(JobView::settled, SETTLEMENT);
      requireCompleted(ended);
      requireHeard(audits.awaitSettled(job.id(), 30));
      RoundModel model = lastModel(builder, job, settled);
      Path file = folder.resolve("model.safetensors");
      ModelFetch.save(model, file);
      Network terms = network.network().network();
      return new DemoResult(
          options.seed(),
          options.quick(),
          settled,
          deposit,
          job.training().trainImages(),
          testImages(job),
          builder.escrow().address(),
          terms.treasury(),
          network.owners(),
          prices.epochs(),
          ChainBooks.of(builder.chain(), terms, job.id()),
          network.ledger(),
          audits.tally(),
          dishonest(network, audits),
          network.stateHashes(),
          new DemoResult.Seconds(ready, jobSeconds, sinceStart()),
          new DemoResult.Cost(
              cpu,
              follower.evaluationCpuSeconds(),
              network.auditSeconds() - auditsBefore,
              network.disputeSeconds() - disputesBefore,
              peakRssMiB(network)),
          file,
          model.digest().hex(),
          network.metrics());
    }
  }

  private static Optional<DemoResult.Dishonest> dishonest(Localnet network, AuditStory audits) {
    return network
        .liar()
        .map(
            liar -> {
              Address owner = liar.owner().address();
              return new DemoResult.Dishonest(
                  liar.owner(),
                  audits.lies(liar.told(), owner),
                  liar.told().stream().map(Liar.Told::lie).toList(),
                  audits.tally().slashedFrom(owner));
            });
  }

  private static void requireHeard(boolean heard) {
    if (!heard) {
      throw new Trouble(
          ExitCode.FAILED,
          "the log's story of the job's audits did not come to its end",
          "See the log in the state folder");
    }
  }

  /** Owners' names by their workers' keys. */
  private Map<Address, String> ownersOfWorkers(Localnet network) {
    Map<Address, String> names = new HashMap<>();
    for (Owner owner : network.owners()) {
      owner
          .workers()
          .forEach(
              name -> names.put(SigningKey.fromSeed(options.seed(), name).address(), owner.name()));
    }
    return names;
  }

  /** A job that has not ended by its refund date never will. */
  private static Duration untilRefund(PlannedJob job) {
    return Duration.between(Instant.now(), job.refundAt());
  }

  private static void requireCompleted(JobView job) {
    if (job.phase().filter(JobPhase.COMPLETED::equals).isEmpty()) {
      throw DemoTroubles.notCompleted(job);
    }
  }

  private static RoundModel lastModel(BuilderSide builder, PlannedJob job, JobView done)
      throws Exception {
    RoundView last = done.closed().getLast();
    return new ModelFetch(builder.market(), job.training().model())
        .round(last.round(), last.model());
  }

  private static int testImages(PlannedJob job) throws Exception {
    var test = job.data().test();
    return test.isEmpty() ? 0 : test.get().load(job.training().model()).count();
  }

  /** Names by the keys that the local network gives its workers. */
  private Map<Address, String> workers(Localnet network) {
    return network.owners().stream()
        .flatMap(owner -> owner.workers().stream())
        .collect(
            Collectors.toMap(
                name -> SigningKey.fromSeed(options.seed(), name).address(), name -> name));
  }

  private static WorkUnits workPerHour(Network network, PlannedJob job) {
    return network.classes().stream()
        .filter(terms -> terms.resources().equals(job.terms().resources()))
        .map(Network.ClassTerms::workPerHour)
        .findFirst()
        .orElseThrow();
  }

  private void report(DemoResult result, Path job, Path file)
      throws IOException, InterruptedException {
    view.note("training the same job in one plain process, to compare");
    Path log = result.model().resolveSibling("plain-training.log");
    PlainRun plain = PlainRun.of(job, log, rounds -> view.plain(rounds, result.job().rounds()));
    if (!plain.model().equals(result.modelDigest())) {
      throw new Trouble(
          ExitCode.FAILED,
          "the marketplace's model %s is not the one that plain training gives, %s"
              .formatted(result.modelDigest(), plain.model()),
          "Keep " + result.model().getParent() + " and report this as a bug");
    }
    view.compared(result, plain);
    DemoReport.write(DemoReport.of(result, plain), file);
    view.note("report in " + file.toAbsolutePath());
  }

  private double sinceStart() {
    return Duration.between(started, Instant.now()).toMillis() / 1_000.0;
  }

  private static double cpuSeconds(Localnet network) {
    return ProcessFigures.totalCpuSeconds(pids(network.childPids()));
  }

  private static long peakRssMiB(Localnet network) {
    return ProcessFigures.totalPeakRssKib(pids(network.childPids())).orElse(0) / KIB_PER_MIB;
  }

  private static long[] pids(List<Long> pids) {
    return pids.stream().mapToLong(Long::longValue).toArray();
  }
}
