package io.shardex.ops.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardex.cli.InputRefused;
import io.shardex.cli.JobFollower;
import io.shardex.cli.JobSubmission;
import io.shardex.cli.JobView;
import io.shardex.cli.Marketplace;
import io.shardex.cli.ModelFetch;
import io.shardex.cli.PlannedJob;
import io.shardex.cli.RoundView;
import io.shardex.cli.audit.AuditCommand;
import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Ending;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.Rejection;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.market.state.JobPhase;
import io.shardex.ops.MetricNames;
import io.shardex.ops.launch.Shardex;
import io.shardex.ops.localnet.Anvil;
import io.shardex.ops.localnet.Localnet;
import io.shardex.ops.localnet.LocalnetOptions;
import io.shardex.ops.localnet.LoopbackPort;
import io.shardex.ops.localnet.NodePackages;
import io.shardex.ops.localnet.StateHashes;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.Refused;
import io.shardex.protocol.client.Watch;
import io.shardex.protocol.job.DataDescription;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobPlan;
import io.shardex.protocol.job.LocalData;
import io.shardex.protocol.job.Material;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.settlement.JobPayment;
import io.shardex.training.PlainTraining;
import io.shardex.training.data.IdxPair;
import io.shardex.training.model.RoundModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole network on this machine, from a builder's and an operator's side. */
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LocalnetTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Amount BUDGET = Amount.of(Amount.TOKEN);
  private static final long SEED = 1;
  private static final int LAST = Integer.MAX_VALUE;

  @TempDir private static Path folder;
  private static Path jobs;
  private static Localnet localnet;
  private static Network network;
  private static BuilderSide builder;
  private static JobSubmission submission;

  @BeforeAll
  static void start() throws Exception {
    jobs = folder.resolve("jobs");
    NodePackages packages = new NodePackages(Path.of("localnet").toAbsolutePath(), System.getenv());
    packages.install(System.err::println);
    localnet =
        Localnet.start(
            new LocalnetOptions(
                Anvil.binary(packages, System.getenv()),
                folder.resolve("net"),
                SEED,
                LocalnetOptions.Ports.ANY,
                false),
            line -> {});
    network = localnet.network().network();
    builder = BuilderSide.open(localnet.network(), localnet.builderKey());
    submission =
        new JobSubmission(
            network,
            builder.escrow(),
            builder.market(),
            folder.resolve("builder"),
            InstantSource.system(),
            Thread::sleep);
  }

  @AfterAll
  static void stop() {
    localnet.close();
  }

  @Test
  @Order(2)
  void everyMetricOfTheDashboardAndTheAlertsIsExported() throws Exception {
    Set<String> exported = new HashSet<>();
    for (String line : get(localnet.metrics()).body().lines().toList()) {
      if (!line.startsWith("#")) {
        exported.add(line.split("[{ ]", 2)[0]);
        String value = line.substring(line.lastIndexOf('}') + 1).strip();
        assertFalse(value.contains("NaN"), line);
      }
    }

    SortedSet<String> missing = new TreeSet<>(MetricNames.used());
    missing.removeAll(exported);

    assertEquals(Set.of(), missing);
  }

  @Test
  void everyNodeIsReadyAndUnknownOnesAreNotFound() throws Exception {
    assertEquals(200, get(localnet.metrics().resolve("/healthz")).statusCode());
    assertEquals(200, get(localnet.metrics().resolve("/readyz")).statusCode());
    for (NodeEntry node : localnet.network().nodes()) {
      URI ready = localnet.metrics().resolve("/readyz?node=" + node.id());
      assertEquals(200, get(ready).statusCode(), node.id());
    }
    assertEquals(404, get(localnet.metrics().resolve("/readyz?node=node-4")).statusCode());
  }

  @Test
  @Order(1)
  void aJobIsTrainedPaidAndItsModelIsThatOfPlainTraining() throws Exception {
    PlannedJob job = submission.plan(TinyJob.write(jobs, "tiny", 2, TinyJob.PRICE));
    submission.submit(job, step -> {});

    JobView done;
    try (JobFollower follower = new JobFollower(builder.market(), job, view -> {})) {
      done = follower.follow(view -> view.settled() && view.scored(), LIMIT);
    }

    assertEquals(JobPhase.COMPLETED, done.phase().orElseThrow());
    assertEquals(2 * TinyJob.SHARDS, done.verified());
    assertTrue(done.accuracy().isPresent());
    assertPaid(done);
    RoundView last = done.closed().getLast();
    RoundModel fetched =
        new ModelFetch(builder.market(), job.training().model()).round(2, last.model());
    RoundModel plain =
        PlainTraining.run(
            job.training(),
            IdxPair.load(jobs.resolve("train-images"), jobs.resolve("train-labels")),
            (round, loss, model) -> {});
    assertEquals(plain.digest(), fetched.digest());
    StateHashes hashes = localnet.stateHashes();
    assertEquals(Set.of("node-1", "node-2", "node-3"), hashes.nodes().keySet());
    assertEquals(1, new HashSet<>(hashes.nodes().values()).size(), hashes.toString());
  }

  @Test
  void twoSlotsOfOneAgentHoldLeasesAtOnceAndBothArePaid() throws Exception {
    // Several rounds: in one of them a slot may still be auditing an earlier job.
    Address one = SigningKey.fromSeed(SEED, "worker-1").address();
    Address other = SigningKey.fromSeed(SEED, "worker-2").address();
    PlannedJob job = submission.plan(TinyJob.write(jobs, "slots", 8, TinyJob.PRICE));
    submission.submit(job, step -> {});

    Map<TaskId, Address> held = new HashMap<>();
    boolean atOnce = false;
    Set<Address> committed = new HashSet<>();
    for (Event event : eventsUntilSettled(job.id())) {
      switch (event) {
        case Event.LeaseGranted lease -> held.put(lease.task(), lease.worker());
        case Event.ResultCommitted result -> committed.add(held.remove(result.task()));
        default -> {}
      }
      atOnce |= held.values().containsAll(List.of(one, other));
    }

    assertTrue(atOnce, "the two slots of ada's agent hold leases at once");
    assertTrue(committed.containsAll(List.of(one, other)), committed.toString());
    Path agent = folder.resolve("net").resolve("ada");
    assertTrue(Files.isDirectory(agent.resolve("cache")));
    for (String slot : List.of("worker-1", "worker-2")) {
      assertTrue(Files.isDirectory(agent.resolve("slots").resolve(slot)), slot);
      assertFalse(Files.exists(agent.resolve("slots").resolve(slot).resolve("cache")), slot);
    }
  }

  @Test
  void aCancelledJobPaysWhatWasCommittedAndRefundsTheRest() throws Exception {
    int rounds = 100;
    PlannedJob job = submission.plan(TinyJob.write(jobs, "cancelled", rounds, TinyJob.PRICE));
    submission.submit(job, step -> {});

    JobView done;
    try (JobFollower follower = new JobFollower(builder.market(), job, view -> {})) {
      JobView running = follower.follow(view -> view.verified() > 0, LIMIT);
      assertFalse(running.ended());
      builder.market().submit(new Command.CancelJob(job.id()));
      done = follower.follow(JobView::settled, LIMIT);
    }

    assertEquals(JobPhase.CANCELLED, done.phase().orElseThrow());
    assertEquals(Ending.Cause.CANCELLED_BY_BUILDER, done.ending().orElseThrow().cause());
    assertTrue(done.verified() < rounds * TinyJob.SHARDS, done.toString());
    assertPaid(done);
  }

  @Test
  @Order(3)
  void theAuditOfTheRunningNetworkFindsEverythingEqualAlsoFromAnExport() throws Exception {
    Path network = Files.write(folder.resolve("network.json"), localnet.network().toJson());
    Path log = folder.resolve("log.shardex");

    assertEquals(0, audit("export", "--network", network.toString(), "--out", log.toString()));
    assertEquals(0, audit("verify", "--network", network.toString()));
    assertEquals(0, audit("verify", "--network", network.toString(), "--file", log.toString()));
  }

  @Test
  @Order(4)
  void everyOwnersEarningsAreWhatTheContractCredited() throws Exception {
    Path network = Files.write(folder.resolve("network.json"), localnet.network().toJson());
    Set<String> owners = new TreeSet<>();
    for (JsonNode worker : shardex("market", "workers", "--network", network.toString())) {
      worker.forEach(one -> owners.add(one.get("owner").asText()));
    }
    assertEquals(3, owners.size(), owners.toString());

    long paid = 0;
    for (String owner : owners) {
      JsonNode told =
          shardex(
              "worker",
              "earnings",
              "--network",
              network.toString(),
              "--owner",
              owner,
              "--verify",
              "--by",
              "lease");

      assertEquals(told.get("credited").asText(), told.get("paid").asText(), told.toString());
      assertEquals("0", told.get("pending").asText(), told.toString());
      assertTrue(told.get("whole").asBoolean(), told.toString());
      assertEquals(0, told.get("openLeases").asLong(), told.toString());
      long leases = 0;
      for (JsonNode lease : told.get("leases")) {
        leases += lease.get("pay").asLong();
      }
      assertEquals(told.get("paid").asLong(), leases);
      paid += leases;
    }
    assertTrue(paid > 0, "somebody worked");
  }

  /** What a command prints as JSON. */
  private static JsonNode shardex(String... line) throws Exception {
    StringWriter out = new StringWriter();
    List<String> all = new ArrayList<>(List.of(line));
    all.addAll(List.of("-o", "json"));
    int code =
        Shardex.commandLine()
            .setOut(new PrintWriter(out, true))
            .execute(all.toArray(String[]::new));
    assertEquals(0, code, all.toString());
    return new ObjectMapper().readTree(out.toString());
  }

  private static int audit(String... arguments) {
    return AuditCommand.commandLine().execute(arguments);
  }

  @Test
  void aBudgetBelowTheCostIsToldBeforeMoneyMoves() throws Exception {
    Amount before = builder.escrow().balance();

    InputRefused refused =
        assertThrows(
            InputRefused.class,
            () ->
                submission.plan(
                    TinyJob.write(
                        jobs, "poor", 100, "budget: \"0.000001\", maxPerHour: \"0.40\"")));

    String what = String.valueOf(refused.getMessage());
    assertTrue(what.contains("spec.price.budget: the job costs up to"), what);
    assertTrue(what.endsWith("is missing"), what);
    assertEquals(before, builder.escrow().balance());
  }

  @Test
  void theMarketRefusesADepositThatIsTooSmall() throws Exception {
    Deposited job =
        deposit(
            jobs,
            "short",
            "budget: \"1.00\", maxPerHour: \"400\"",
            terms -> terms.roundBudget().minus(Amount.of(1)));

    Refused refused =
        assertThrows(
            Refused.class,
            () -> builder.market().submit(new Command.SubmitJob(job.id(), job.plan().terms())));

    assertEquals(Rejection.Reason.BUDGET_TOO_SMALL, refused.rejection().reason());
    assertEquals(List.of(), books(job.id()).payments());
  }

  @Test
  void termsThatAreNotTheFilesAndDataThatIsNotThereAreRefusedAndRefunded() throws Exception {
    Deposited lie = deposit(jobs, "lie", TinyJob.PRICE, terms -> BUDGET);
    Deposited hollow = deposit(folder.resolve("others"), "hollow", TinyJob.PRICE, terms -> BUDGET);
    upload(lie, true);
    upload(hollow, false);
    JobTerms terms = lie.plan().terms();

    builder
        .market()
        .submit(
            new Command.SubmitJob(
                lie.id(),
                new JobTerms(
                    terms.name(),
                    terms.resources(),
                    terms.memoryMiB(),
                    terms.shards(),
                    terms.rounds() + 1,
                    terms.shardWork(),
                    terms.shardSteps(),
                    terms.limit(),
                    terms.deadlineMillis(),
                    terms.audit(),
                    terms.rollsBack(),
                    terms.data())));
    builder.market().submit(new Command.SubmitJob(hollow.id(), hollow.plan().terms()));

    assertRefusedAndRefunded(lie, "expected rounds to be 2 by the job file, but the terms say 3");
    assertRefusedAndRefunded(
        hollow,
        "the labels file %s is not in the grid"
            .formatted(((DataDescription.Idx) hollow.data().description()).labels().hex()));
  }

  @Test
  @Order(LAST)
  void closingLeavesNoProcessAndNoPort() {
    List<Long> children = localnet.childPids();
    List<Integer> ports = new ArrayList<>(List.of(localnet.chain().getPort()));
    ports.add(localnet.metrics().getPort());
    for (NodeEntry node : localnet.network().nodes()) {
      ports.add(node.gateway().port());
      ports.add(node.raft().port());
    }
    builder.close();

    localnet.close();

    for (long child : children) {
      assertTrue(ProcessHandle.of(child).isEmpty(), "process " + child + " is left");
    }
    for (int port : ports) {
      assertTrue(LoopbackPort.isFree(port), "port " + port + " is taken");
    }
  }

  /** The chain gave everybody what the market says of the job, and all books are the same. */
  private static void assertPaid(JobView job) {
    ChainBooks books = books(job.id());
    Address treasury = network.treasury();
    Amount paid = Amount.ZERO;
    Amount fees = Amount.ZERO;
    Amount refunded = Amount.ZERO;
    for (JobPayment payment : books.payments()) {
      switch (payment.kind()) {
        case PAY -> {
          if (payment.payee().equals(treasury)) {
            fees = fees.plus(payment.amount());
          } else {
            paid = paid.plus(payment.amount());
          }
        }
        case REFUND -> {
          assertEquals(builder.escrow().address(), payment.payee());
          refunded = refunded.plus(payment.amount());
        }
      }
    }
    assertTrue(Amount.ZERO.isLessThan(paid), job.toString());
    assertEquals(job.paid(), paid);
    assertEquals(job.fees(), fees);
    assertEquals(job.refund().orElseThrow(), refunded);
    assertEquals(BUDGET, paid.plus(fees).plus(refunded));
    assertEquals(localnet.ledger(), books.totals());
  }

  private static void assertRefusedAndRefunded(Deposited job, String why)
      throws InterruptedException {
    Ending ending = settledEnding(job.id());
    assertEquals(new Ending(Ending.Cause.TERMS_REFUSED, why), ending);
    ChainBooks books = books(job.id());
    assertEquals(1, books.payments().size());
    JobPayment refund = books.payments().getFirst();
    assertEquals(JobPayment.Kind.REFUND, refund.kind());
    assertEquals(BUDGET, refund.amount());
    assertEquals(builder.escrow().address(), refund.payee());
  }

  private static ChainBooks books(JobId job) {
    return ChainBooks.of(builder.chain(), network, job);
  }

  /** How a job ended, when the chain has confirmed it. */
  private static Ending settledEnding(JobId job) throws InterruptedException {
    for (Event event : eventsUntilSettled(job)) {
      if (event instanceof Event.JobEnded ended) {
        return ended.ending();
      }
    }
    throw new AssertionError(job + " is settled and has not ended");
  }

  /** All that the log says of a job, when the chain has confirmed its end. */
  private static List<Event> eventsUntilSettled(JobId job) throws InterruptedException {
    BlockingQueue<Event> news = new LinkedBlockingQueue<>();
    Watch.Reader reader =
        new Watch.Reader() {
          @Override
          public void committed(Stamp at, List<Event> events) {
            news.addAll(events);
          }

          @Override
          public void resync(long index) {
            throw new AssertionError("the log is young enough to be read from its start");
          }
        };
    Marketplace.Following watch = builder.market().watch(job, reader);
    try {
      List<Event> events = new ArrayList<>();
      do {
        events.add(news.take());
      } while (!(events.getLast() instanceof Event.JobSettled));
      return events;
    } finally {
      watch.close();
    }
  }

  /** A job with money in the escrow, nothing uploaded and nothing submitted. */
  private record Deposited(JobId id, JobFile file, LocalData data, JobPlan plan) {}

  private static Deposited deposit(
      Path where, String name, String price, Function<JobTerms, Amount> amount) throws Exception {
    JobFile file = JobFile.read(TinyJob.write(where, name, 2, price));
    LocalData data = LocalData.read(file.spec(), where);
    Instant now = Instant.now();
    JobPlan plan = JobPlan.of(file.spec(), data.description(), network, now);
    long refundAt = now.plus(Duration.ofHours(3)).getEpochSecond();
    long nonce = now.toEpochMilli();
    JobId id =
        JobId.of(
            network.chainId(),
            network.escrow(),
            builder.escrow().address(),
            nonce,
            file.digest(),
            refundAt);
    builder.escrow().deposit(nonce, file.digest(), refundAt, amount.apply(plan.terms()));
    while (builder.market().freeDeposit(id).isEmpty()) {
      Thread.onSpinWait();
    }
    return new Deposited(id, file, data, plan);
  }

  private static void upload(Deposited job, boolean labels) {
    builder.market().put(job.file().bytes(), (done, total) -> {});
    builder.market().put(job.data().description().encoded(), (done, total) -> {});
    for (Material.Part part : job.data().parts()) {
      if (labels || !part.what().equals("labels")) {
        builder.market().put(part.file(), (done, total) -> {});
      }
    }
  }

  private static HttpResponse<String> get(URI address) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
    }
  }
}
