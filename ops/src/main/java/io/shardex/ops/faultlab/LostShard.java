package io.shardex.ops.faultlab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A shard that is saved on its way, whose worker is killed and does not come back before another
 * has gone on with it. What happens is read from the agents' logs.
 */
final class LostShard {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final UpProcess up;
  private final Path net;
  private final String task;
  private final Said saved;

  private LostShard(UpProcess up, Path net, String task, Said saved) {
    this.up = up;
    this.net = net;
    this.task = task;
    this.saved = saved;
  }

  /** What an agent's log says of a step. */
  private record Said(String worker, int step) {}

  /** Makes of the example's text a job of one long shard that is saved every second. */
  static void lengthen(Path job) throws IOException {
    String text = Files.readString(job);
    String longer =
        text.replaceFirst("shards: +[0-9]+", "shards: 1")
                .replaceFirst("rounds: +[0-9]+", "rounds: 1")
                .replaceFirst("epochs: +[0-9]+", "epochs: 20")
            + "  checkpoint: {every: 1s}\n";
    Files.writeString(job, longer);
  }

  /**
   * Waits until the job's only shard is saved, and kills its worker, which cannot start again while
   * its config file is away.
   */
  static LostShard kill(UpProcess up, Path net, String job)
      throws IOException, InterruptedException {
    String task = job.substring(2, 10) + "/1/0";
    Said saved = await(up, net, task + " is saved after step ", Optional.empty());
    Files.move(conf(net, saved.worker()), away(net, saved.worker()));
    up.signal("KILL", saved.worker());
    return new LostShard(up, net, task, saved);
  }

  /** Waits until another worker has gone on with the shard, and lets the killed one start again. */
  String awaitGoneOn() throws IOException, InterruptedException {
    Said resumed =
        await(up, net, task + " goes on from the checkpoint of step ", Optional.of(saved.worker()));
    Files.move(away(net, saved.worker()), conf(net, saved.worker()));
    if (resumed.step() < saved.step()) {
      throw new Broken(
          "step %d was saved, but %s went on from step %d"
              .formatted(saved.step(), resumed.worker(), resumed.step()));
    }
    return "%s was killed in mid-shard and stayed away; %s went on from its checkpoint of step %d"
        .formatted(saved.worker(), resumed.worker(), resumed.step());
  }

  private static Said await(UpProcess up, Path net, String words, Optional<String> butNot)
      throws IOException, InterruptedException {
    up.await("an agent says '" + words + "'", LIMIT, () -> find(net, words, butNot).isPresent());
    return find(net, words, butNot).orElseThrow();
  }

  private static Optional<Said> find(Path net, String words, Optional<String> butNot) {
    try (Stream<Path> folders = Files.list(net)) {
      return folders
          .map(folder -> String.valueOf(folder.getFileName()))
          .filter(name -> name.startsWith("worker-") && !butNot.equals(Optional.of(name)))
          .flatMap(
              worker ->
                  lastStep(net.resolve(worker), words).map(step -> new Said(worker, step)).stream())
          .findFirst();
    } catch (IOException e) {
      throw new Broken("the agents' folders cannot be read: " + e);
    }
  }

  private static Optional<Integer> lastStep(Path folder, String words) {
    Path log = folder.resolve("shardex.log");
    try {
      return Files.exists(log)
          ? Pattern.compile(Pattern.quote(words) + "([0-9]+)")
              .matcher(Files.readString(log))
              .results()
              .map(found -> Integer.parseInt(found.group(1)))
              .reduce((first, last) -> last)
          : Optional.empty();
    } catch (IOException e) {
      throw new Broken("the log of an agent cannot be read: " + e);
    }
  }

  private static Path conf(Path net, String worker) {
    return net.resolve("conf").resolve(worker + ".conf");
  }

  private static Path away(Path net, String worker) {
    return net.resolve("conf").resolve(worker + ".away");
  }
}
