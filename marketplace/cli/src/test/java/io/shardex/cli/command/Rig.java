package io.shardex.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardex.cli.SmallJob;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.RuntimeKind;
import io.shardex.market.Stamp;
import io.shardex.market.state.Deposit;
import io.shardex.market.state.Job;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.Worker;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.client.JobAccount;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Runs commands over a {@link LocalNetwork} in a home folder with a network file and a key. */
final class Rig {
  static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
  static final SigningKey KEY = SigningKey.fromSeed(1, "builder");
  static final JobId JOB = new JobId(new Digest(0x1f3a_0000_0000_0000L, 2, 3, 4));

  final LocalNetwork network = new LocalNetwork();
  final Map<String, String> environment = new HashMap<>();
  final Path home;
  private StringWriter out = new StringWriter();
  private StringWriter err = new StringWriter();
  private @Nullable Exception failure;

  @Command(name = "shardex")
  private static final class Root {}

  private Rig(Path home) {
    this.home = home;
    network.clockMillis = NOW.toEpochMilli();
  }

  static Rig in(Path home) throws Exception {
    Rig rig = new Rig(home);
    Path folder = Files.createDirectories(home.resolve(".shardex/up"));
    NetworkFile file =
        new NetworkFile(
            SmallJob.NETWORK,
            List.of(
                new NodeEntry(
                    "node-1",
                    new Endpoint("127.0.0.1", 1),
                    new Endpoint("127.0.0.1", 2),
                    new Endpoint("127.0.0.1", 4),
                    3)),
            List.of("http://127.0.0.1:9"));
    Files.write(folder.resolve("network.json"), file.toJson());
    KeyFile.write(
        home.resolve(".shardex/wallet.json"), KEY, "secret".toCharArray(), KeyFile.Strength.LIGHT);
    rig.passphrase("secret");
    return rig;
  }

  /** Writes the passphrase file that the environment names. */
  void passphrase(String text) throws IOException {
    Path file = home.resolve("passphrase");
    Files.writeString(file, text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    environment.put("SHARDEX_PASSPHRASE_FILE", file.toString());
  }

  CommandLine commandLine() {
    CommandLine root = new CommandLine(new Root());
    CommandTree.addTo(
        root,
        new Surroundings(
            environment,
            home,
            () -> NOW,
            question -> Optional.empty(),
            (file, key) -> network,
            false));
    return root;
  }

  /** Runs a command that must succeed; returns what it prints. */
  String run(String... arguments) {
    int code = execute(arguments);
    assertEquals(0, code, () -> err + String.valueOf(failure));
    return out.toString();
  }

  /** What the last command printed. */
  String printed() {
    return out.toString();
  }

  /** Its one object. */
  JsonNode object(String... arguments) throws IOException {
    return new ObjectMapper().readTree(run(arguments));
  }

  /** Runs a command that must fail so. */
  <T extends Exception> T fail(Class<T> type, String what, String... arguments) {
    assertEquals(1, execute(arguments), out::toString);
    T thrown = assertInstanceOf(type, failure);
    assertTrue(String.valueOf(thrown.getMessage()).contains(what), thrown::toString);
    return thrown;
  }

  /** Runs a command line that cannot be understood; returns what is said about it. */
  String misuse(String... arguments) {
    assertEquals(2, execute(arguments));
    return err.toString();
  }

  private int execute(String... arguments) {
    out = new StringWriter();
    err = new StringWriter();
    failure = null;
    return commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .setExecutionExceptionHandler(
            (thrown, line, parsed) -> {
              failure = thrown;
              return 1;
            })
        .execute(arguments);
  }

  static JobTerms terms() {
    return new JobTerms(
        "small",
        LocalNetwork.CPU,
        64,
        2,
        3,
        new WorkUnits(1_000_000),
        10,
        new UnitPrice(6_000_000_000L),
        NOW.plusSeconds(1_800).toEpochMilli(),
        new PartsPerMillion(200_000),
        true,
        Digest.ZERO);
  }

  JobAccount account(JobId id) {
    return network.market.job(id).orElseThrow();
  }

  /** A job of this rig's key in the market's state, without a closed round. */
  Job put(JobId id, JobPhase phase) {
    return put(job(id, KEY.address(), phase, List.of(Digest.ZERO), List.of()));
  }

  Job put(Job job) {
    TreeMap<Address, Amount> paid = new TreeMap<>();
    paid.put(SmallJob.address(21), Amount.of(1_500_000));
    network.market.jobs.put(
        job.id(),
        new JobAccount(
            7,
            job,
            List.of(),
            Amount.of(3_000_000),
            Amount.of(400_000),
            Amount.of(30_000),
            Amount.ZERO,
            paid));
    return job;
  }

  static Job job(
      JobId id, Address builder, JobPhase phase, List<Digest> models, List<Long> losses) {
    Job first =
        Job.submitted(id, new Deposit(builder, 5, Digest.ZERO, 9), terms(), new Stamp(1, 0));
    return new Job(
        id,
        first.deposit(),
        first.terms(),
        first.submitted(),
        phase,
        losses.size() + 1,
        models,
        losses,
        Optional.empty(),
        0,
        false,
        first.doubt());
  }

  static Worker worker(int last, int memoryMiB, long reserve) {
    return new Worker(
        SmallJob.address(last),
        SmallJob.address(21),
        LocalNetwork.CPU,
        memoryMiB,
        Optional.of(new UnitPrice(reserve)),
        Set.of(RuntimeKind.REFERENCE),
        new Stamp(1, 0),
        Optional.empty(),
        false,
        0,
        4,
        1,
        List.of());
  }
}
