package io.shardex.ops.faultlab;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardex.market.Digest;
import io.shardex.ops.demo.DemoJob;
import io.shardex.ops.demo.PlainRun;
import io.shardex.ops.launch.Folders;
import io.shardex.ops.localnet.MnistFiles;
import io.shardex.ops.localnet.NodePackages;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The course of faults. */
final class Course {
  private static final int IMAGES = 12_000;
  private static final int WORKERS = 6;
  private static final int NEAR_THE_END = 3;
  private static final Duration PROGRESS = Duration.ofMinutes(4);
  private static final Duration BACK = Duration.ofMinutes(5);
  private static final Duration SETTLED = Duration.ofMinutes(8);

  private final Path dir;
  private final int rounds;
  private final Consumer<String> say;
  private final long begin = System.nanoTime();

  Course(Path dir, int rounds, Consumer<String> say) {
    this.dir = dir;
    this.rounds = rounds;
    this.say = say;
  }

  /** A builder, the job it has submitted last, and the watch of it. */
  private static final class Builder {
    private final String name;
    private final Commands commands;
    private final Path folder;
    private int jobs;
    private Path file;
    private String job;
    private Watching watching;

    Builder(String name, Commands commands, Path folder, Path file, String job) throws IOException {
      this.name = name;
      this.commands = commands;
      this.folder = folder;
      this.file = file;
      this.job = job;
      this.watching = Watching.start(commands, job);
    }

    int closed() {
      return watching.closed();
    }

    boolean hasEnded() {
      return watching.status().isPresent();
    }

    void watch(Path newFile, String newJob) throws IOException {
      file = newFile;
      job = newJob;
      watchAgain();
    }

    /** Watches anew, as a user would who came back. */
    void watchAgain() throws IOException {
      watching.close();
      watching = Watching.start(commands, job);
    }
  }

  void run() throws Exception {
    Path net = dir.resolve("net");
    UpProcess up = UpProcess.found(net, dir.resolve("up-1.out"), WORKERS);
    try {
      tell(
          "six workers, three nodes and the chain are up after %.1f s"
              .formatted(up.ready().orElseThrow()));
      List<Builder> builders = new ArrayList<>(List.of(builder("alice", net), builder("bob", net)));
      Builder bob = builders.getLast();
      Commands operator = new Commands(dir.resolve("operator"), Map.of());
      try (LinkProxy link = LinkProxy.to(up.network().nodes().getFirst().gateway().port())) {
        progress(up, bob, 1);
        killWorker(up, link, net);
        progress(up, bob, 1);
        killLeader(up, bob);
        killChain(up, bob);
        suspendNode(up, bob);
        loseState(up, operator, net, bob);
        Builder saving = saving(builders.getFirst());
        builders.add(saving);
        LostShard lost = LostShard.kill(up, net, saving.job);
        cutLink(up, link, bob);
        tell(lost.awaitGoneOn());
        up = killEverything(up, net, builders, bob);
        fillDisk(up, net, bob);
      }
      for (Builder builder : builders) {
        finish(up, builder);
      }
      audit(up, builders.getFirst());
    } finally {
      up.close();
      unmount(net.resolve("node-3"));
    }
    tell("all promises were kept");
  }

  // The builders.

  private Builder builder(String name, Path net) throws IOException, InterruptedException {
    Path own = dir.resolve(name);
    Commands commands = Commands.ofBuilder(own, net);
    Path file = jobFile(name, own, 0);
    return new Builder(name, commands, own, file, submitted(name, commands, file, roundsOf(0)));
  }

  /** The same builder with a second job, of one long shard that is saved as it is trained. */
  private Builder saving(Builder builder) throws IOException, InterruptedException {
    Path own = Files.createDirectories(builder.folder.resolve("saved"));
    Path file = jobFile(builder.name, own, 0);
    LostShard.lengthen(file);
    return new Builder(
        builder.name,
        builder.commands,
        own,
        file,
        submitted(builder.name, builder.commands, file, 1));
  }

  /** Later jobs are shorter: the last of them only has to outlast the faults that are left. */
  private int roundsOf(int number) {
    return number == 0 ? rounds : rounds / 2;
  }

  /** The example, cut, with first weights of its own. */
  private Path jobFile(String name, Path folder, int number) throws IOException {
    Path file =
        DemoJob.write(
            Path.of(System.getProperty("shardex.home", ""), "examples", "mnist.yaml"),
            folder,
            MnistFiles.in(NodePackages.ofDistribution()),
            name.length() + 100L * number,
            new DemoJob.Cut(IMAGES, roundsOf(number), "20%"));
    return Files.move(file, folder.resolve("job-" + number + ".yaml"));
  }

  private String submitted(String name, Commands commands, Path file, int rounds)
      throws IOException, InterruptedException {
    JsonNode said = commands.run("job", "submit", file.toString(), "-o", "json").require(0).json();
    String job = said.path("job").asText();
    tell("%s has submitted job %s of %d rounds".formatted(name, job.substring(0, 10), rounds));
    return job;
  }

  /** Waits for further closed rounds; a job near its end is seen through, and another begun. */
  private void progress(UpProcess up, Builder builder, int more)
      throws IOException, InterruptedException {
    if (builder.hasEnded() || builder.closed() + more + NEAR_THE_END > roundsOf(builder.jobs)) {
      finish(up, builder);
      builder.jobs++;
      Path file = jobFile(builder.name, builder.folder, builder.jobs);
      builder.watch(file, submitted(builder.name, builder.commands, file, roundsOf(builder.jobs)));
    }
    int wanted = builder.closed() + more;
    up.await(
        "round " + wanted + " of " + builder.name + "'s job is closed",
        PROGRESS,
        () -> builder.closed() >= wanted);
  }

  // The faults.

  private void killWorker(UpProcess up, LinkProxy link, Path net)
      throws IOException, InterruptedException {
    // worker-6 comes back over the link that is to be cut.
    Path conf = net.resolve("conf").resolve("worker-6.conf");
    Files.writeString(
        conf, "nodes = \"127.0.0.1:" + link.port() + "\"\n", StandardOpenOption.APPEND);
    for (String worker : List.of("worker-1", "worker-6")) {
      up.signal("KILL", worker);
      comesBack(up, worker);
    }
    tell("worker-1 and worker-6 were killed in mid-shard and are back");
  }

  private void killLeader(UpProcess up, Builder builder) throws IOException, InterruptedException {
    String leader = up.leader();
    progress(up, builder, 1);
    int before = builder.closed();
    long at = System.nanoTime();
    up.signal("KILL", leader);
    up.await(
        "the others close a round without " + leader, PROGRESS, () -> builder.closed() > before);
    double seconds = (System.nanoTime() - at) / 1e9;
    comesBack(up, leader);
    tell(
        "%s, the leader, was killed; the next round closed %.1f s later"
            .formatted(leader, seconds));
    up.awaitReady(leader, BACK);
    tell("%s has caught up and is ready".formatted(leader));
  }

  private void killChain(UpProcess up, Builder builder) throws IOException, InterruptedException {
    up.signal("KILL", "chain");
    progress(up, builder, 1);
    comesBack(up, "chain");
    tell("the chain was killed and is back; training went on");
  }

  private void suspendNode(UpProcess up, Builder builder) throws IOException, InterruptedException {
    up.signal("STOP", "node-2");
    Thread.sleep(Duration.ofSeconds(10));
    up.signal("CONT", "node-2");
    progress(up, builder, 1);
    tell("node-2 was stopped for 10 s; rounds go on");
  }

  /** A node's disk is gone while it is down; it refuses its old name and is replaced. */
  private void loseState(UpProcess up, Commands operator, Path net, Builder builder)
      throws IOException, InterruptedException {
    up.signal("KILL", "node-2");
    Folders.remove(net.resolve("node-2"));
    up.await(
        "node-2 refuses to vote under its old name",
        BACK,
        () -> up.said().contains("node-2 has voted in this network before"));
    int before = builder.closed();
    operator
        .run("node", "replace", "--config", net.resolve("conf").resolve("node-2.conf").toString())
        .require(0);
    up.awaitReady("node-2", BACK);
    up.awaitWholeGrid(BACK);
    up.await("rounds go on", PROGRESS, () -> builder.hasEnded() || builder.closed() > before);
    tell("node-2 lost its disk: it refused its old name, was replaced and is back");
  }

  private void cutLink(UpProcess up, LinkProxy link, Builder builder)
      throws IOException, InterruptedException {
    link.cut();
    long at = System.nanoTime();
    progress(up, builder, 2);
    Thread.sleep(Math.max(0, Duration.ofSeconds(60).minusNanos(System.nanoTime() - at).toMillis()));
    link.mend();
    tell("worker-6's link was cut for 60 s; rounds go on");
  }

  private UpProcess killEverything(UpProcess up, Path net, List<Builder> builders, Builder builder)
      throws IOException, InterruptedException {
    progress(up, builder, 1);
    int before = builder.closed();
    up.killAll();
    boolean small = mountSmall(net.resolve("node-3"));
    UpProcess again = UpProcess.resume(net, dir.resolve("up-2.out"));
    tell(
        "everything was killed at round %d and is ready again after %.1f s"
            .formatted(before + 1, again.ready().orElseThrow()));
    for (Builder each : builders) {
      each.watchAgain();
    }
    again.await("no closed round is lost", PROGRESS, () -> builder.closed() >= before);
    progress(again, builder, 1);
    if (!small) {
      tell("SKIPPED: the full disk, as only root can mount a small one");
    }
    return again;
  }

  /** Puts a folder's content on a file system of its own, small enough to be filled. */
  private static boolean mountSmall(Path folder) throws IOException, InterruptedException {
    if (!"root".equals(System.getProperty("user.name"))) {
      return false;
    }
    Path disk = folder.resolveSibling(folder.getFileName() + ".disk");
    Files.move(folder, disk);
    Files.createDirectory(folder);
    if (command("mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", folder.toString()) != 0) {
      Files.delete(folder);
      Files.move(disk, folder);
      return false;
    }
    if (command("cp", "-a", disk + "/.", folder.toString()) != 0) {
      throw new Broken("the state of node-3 could not be copied");
    }
    return true;
  }

  private static void unmount(Path folder) throws IOException, InterruptedException {
    if (Files.exists(folder.resolveSibling(folder.getFileName() + ".disk"))) {
      int unused = command("umount", folder.toString());
    }
  }

  private static int command(String... words) throws IOException, InterruptedException {
    return new ProcessBuilder(words)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private void fillDisk(UpProcess up, Path net, Builder builder)
      throws IOException, InterruptedException {
    Path node = net.resolve("node-3");
    if (!Files.exists(net.resolve("node-3.disk"))) {
      return;
    }
    Path ballast = node.resolve("ballast");
    fill(ballast);
    up.await(
        "node-3 stops and says why", BACK, () -> up.said().contains("node-3 ended with status 1"));
    String said = Files.readString(net.resolve("run").resolve("node-3.out"));
    if (!said.contains("is full") && !said.contains("No space left")) {
      throw new Broken("node-3 did not say that its disk is full, but: " + said);
    }
    progress(up, builder, 1);
    Files.delete(ballast);
    up.awaitReady("node-3", BACK);
    tell("node-3's disk was full: it stopped and said so; with room again it is back");
  }

  private static void fill(Path ballast) throws IOException {
    byte[] block = new byte[1 << 20];
    try (FileChannel file =
        FileChannel.open(ballast, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      while (true) {
        int unused = file.write(java.nio.ByteBuffer.wrap(block));
      }
    } catch (IOException full) {
      if (!Files.exists(ballast)) {
        throw full;
      }
    }
  }

  private void comesBack(UpProcess up, String part) throws InterruptedException {
    up.await(
        part + " is started again", BACK, () -> up.said().contains(part + " is started again"));
  }

  // The end.

  private void finish(UpProcess up, Builder builder) throws IOException, InterruptedException {
    up.await(
        builder.name + "'s job is settled", SETTLED, () -> builder.watching.status().isPresent());
    JsonNode job =
        builder.commands.run("job", "describe", builder.job, "-o", "json").require(0).json();
    if (!job.path("phase").asText().equals("COMPLETED") || !job.path("settled").asBoolean()) {
      throw new Broken(builder.name + "'s job ended otherwise: " + job);
    }
    Path model = builder.folder.resolve("model-" + builder.jobs + ".safetensors");
    JsonNode fetched =
        builder
            .commands
            .run("job", "fetch", builder.job, "--out", model.toString(), "-o", "json")
            .require(0)
            .json();
    PlainRun plain = PlainRun.of(builder.file, builder.folder.resolve("plain.log"), done -> {});
    String blob = fetched.path("model").asText();
    if (!Digest.parse(blob).hex().equals(plain.blob())) {
      throw new Broken(
          "%s's model %s is not that of plain training, %s"
              .formatted(builder.name, blob, plain.blob()));
    }
    tell(
        "%s's job is settled; its model is that of plain training, bit for bit"
            .formatted(builder.name));
  }

  private void audit(UpProcess up, Builder builder) throws IOException, InterruptedException {
    Commands.Result verified = builder.commands.run("audit", "verify").require(0);
    verified.out().lines().forEach(line -> say.accept("      " + line));
    if (up.said().isEmpty()) {
      throw new Broken("'up' said nothing");
    }
    tell("the log replays, and agrees with all nodes and with the chain");
  }

  private void tell(String line) {
    say.accept("%5.0f s  %s".formatted((System.nanoTime() - begin) / 1e9, line));
  }
}
