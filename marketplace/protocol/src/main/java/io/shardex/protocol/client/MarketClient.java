package io.shardex.protocol.client;

import io.grpc.StatusRuntimeException;
import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Envelope;
import io.shardex.market.JobId;
import io.shardex.market.Network;
import io.shardex.market.Outcome;
import io.shardex.market.Rejection;
import io.shardex.market.ResourceClass;
import io.shardex.market.TaskId;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.market.codec.EventCodecs;
import io.shardex.market.codec.ValueCodecs;
import io.shardex.market.earnings.Earnings;
import io.shardex.market.state.Job;
import io.shardex.market.state.Proof;
import io.shardex.market.state.StateCodec;
import io.shardex.market.state.Worker;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.log.LogEntry;
import io.shardex.protocol.wire.EndedJobs;
import io.shardex.protocol.wire.EndedJobsQuery;
import io.shardex.protocol.wire.JobsQuery;
import io.shardex.protocol.wire.MarketGrpc;
import io.shardex.protocol.wire.Nothing;
import io.shardex.protocol.wire.PayeeEvents;
import io.shardex.protocol.wire.PayeeQuery;
import io.shardex.protocol.wire.QueryReply;
import io.shardex.protocol.wire.QueryRequest;
import io.shardex.protocol.wire.SubmitReply;
import io.shardex.protocol.wire.SubmitRequest;
import io.shardex.protocol.wire.WireLimits;
import io.shardex.protocol.wire.WireOutcome;
import io.shardex.protocol.wire.WireValues;
import io.shardex.protocol.wire.WorkersQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The market over the wire: commands and reads. Every call may throw a {@link ClientFailure}. Safe
 * for many threads.
 */
public final class MarketClient {
  private static final Nothing NOTHING = Nothing.getDefaultInstance();

  private final Nodes nodes;

  public MarketClient(Nodes nodes) {
    this.nodes = nodes;
  }

  /**
   * Sends a signed command and waits until it is applied.
   *
   * <p>If a node is lost on the way, the same envelope goes to the next one. Its nonce makes that
   * harmless: should the first copy have been applied and only the reply been lost, the second is
   * rejected as {@code NONCE_USED}. Only then, after a try whose fate is unknown, that rejection is
   * returned as acceptance without events: a rejected command does not use its nonce, so the copy
   * that used it was accepted. Who wants the events watches the log.
   *
   * @return the outcome; a rejection is a value here
   */
  public Submitted submit(Envelope envelope) {
    SubmitRequest request =
        SubmitRequest.newBuilder()
            .setEnvelope(WireValues.bytes(CommandCodecs.ENVELOPE, envelope))
            .build();
    boolean[] fateUnknown = {false};
    return nodes.call(
        "the command " + envelope.command().getClass().getSimpleName(),
        link -> {
          MarketGrpc.MarketBlockingStub stub = market(link);
          // A new worker's key has no session yet; its owner's endorsement speaks for it.
          if (!(envelope.command() instanceof Command.RegisterWorker)) {
            stub = nodes.authorized(stub, link);
          }
          SubmitReply reply;
          try {
            reply = stub.submit(request);
          } catch (StatusRuntimeException e) {
            fateUnknown[0] |= mayHaveArrived(e);
            throw e;
          }
          return submitted(reply, fateUnknown[0]);
        });
  }

  /**
   * Sends a command that must be accepted.
   *
   * @throws Refused with the market's reason if it is not
   */
  public Outcome.Accepted require(Envelope envelope) {
    return switch (submit(envelope).outcome()) {
      case Outcome.Accepted accepted -> accepted;
      case Outcome.Rejected rejected -> throw new Refused(rejected.rejection());
    };
  }

  /** The replica of the node that answers first. */
  public NodeStatus status() {
    return nodes.call("the status", this::statusOf);
  }

  /** The replica of every node that answers now, in the order of the addresses. */
  public List<NodeStatus> statuses() {
    List<NodeStatus> found = new ArrayList<>();
    for (NodeLink link : nodes.links()) {
      try {
        found.add(statusOf(link));
      } catch (StatusRuntimeException e) {
        // A node that is away has no status; the caller sees which are missing.
      }
    }
    return found;
  }

  /** The network with its rules. */
  public Network network() {
    return WireValues.value(
        ValueCodecs.NETWORK,
        present("the network", query("the network", QueryRequest.newBuilder().setNetwork(NOTHING)))
            .getNetwork());
  }

  /** A job that is alive or not yet archived. */
  public Optional<JobAccount> job(JobId id) {
    return ask("job " + id.brief(), QueryRequest.newBuilder().setJob(WireValues.bytes(id)))
        .map(reply -> Views.job(reply.getIndex(), reply.getJob()));
  }

  /** All jobs, or one builder's, by id. */
  public List<Job> jobs(Optional<Address> builder) {
    List<Job> jobs = new ArrayList<>();
    JobsQuery.Builder page = JobsQuery.newBuilder().setLimit(WireLimits.PAGE);
    builder.ifPresent(address -> page.setBuilder(WireValues.bytes(address)));
    QueryReply reply;
    do {
      reply = query("the jobs", QueryRequest.newBuilder().setJobs(page));
      jobs.addAll(WireValues.values(StateCodec.JOB, reply.getJobs().getRecordsList()));
      if (!jobs.isEmpty()) {
        page.setAfter(WireValues.bytes(jobs.getLast().id()));
      }
    } while (reply.getJobs().getMore());
    return jobs;
  }

  /**
   * All jobs whose last total the chain has confirmed, or one builder's, in the order of
   * settlement, as one node's chronicle has them. One that was given a snapshot may not have all.
   */
  public List<SettledJob> settledJobs(Optional<Address> builder) {
    return nodes.call("the settled jobs", link -> settledJobs(link, builder));
  }

  /** From one node, whose pages are numbered its own way. */
  private List<SettledJob> settledJobs(NodeLink link, Optional<Address> builder) {
    List<SettledJob> jobs = new ArrayList<>();
    EndedJobsQuery.Builder page = EndedJobsQuery.newBuilder().setLimit(WireLimits.PAGE);
    builder.ifPresent(address -> page.setBuilder(WireValues.bytes(address)));
    EndedJobs reply;
    do {
      reply = market(link).query(QueryRequest.newBuilder().setEnded(page).build()).getEnded();
      reply.getJobsList().forEach(view -> jobs.add(Views.settled(view)));
      page.setAfter(reply.getNext());
    } while (reply.getMore());
    return jobs;
  }

  /**
   * The earnings of an owner of workers, or of a validator, as one node's chronicle has them. The
   * first node that answers is asked, unless its history has gaps and another's has none.
   */
  public PayeeAccount earnings(Address payee) {
    List<PayeeAccount> told = new ArrayList<>();
    for (NodeLink link : nodes.links()) {
      try {
        PayeeAccount account = earnings(link, payee);
        if (account.whole()) {
          return account;
        }
        told.add(account);
      } catch (StatusRuntimeException e) {
        // Another one may answer; if none does, the call below says why.
      }
    }
    return told.isEmpty()
        ? nodes.call("the earnings of " + payee.brief(), link -> earnings(link, payee))
        : told.getFirst();
  }

  /** From one node, whose pages are numbered its own way. */
  private PayeeAccount earnings(NodeLink link, Address payee) {
    Earnings earnings = new Earnings(payee);
    PayeeQuery.Builder page =
        PayeeQuery.newBuilder().setPayee(WireValues.bytes(payee)).setLimit(WireLimits.PAGE);
    QueryReply reply;
    do {
      reply = market(link).query(QueryRequest.newBuilder().setPayee(page).build());
      for (PayeeEvents command : reply.getPayee().getCommandsList()) {
        WireValues.values(EventCodecs.EVENT, command.getEventsList())
            .forEach(event -> earnings.heard(command.getClockMillis(), event));
      }
      page.setAfter(reply.getPayee().getNext());
    } while (reply.getPayee().getMore());
    return new PayeeAccount(reply.getIndex(), earnings, reply.getPayee().getWhole());
  }

  public Optional<Worker> worker(Address key) {
    return ask("worker " + key.brief(), QueryRequest.newBuilder().setWorker(WireValues.bytes(key)))
        .map(reply -> WireValues.value(StateCodec.WORKER, reply.getWorker()));
  }

  /** What the last hardware challenges of all workers, or of one owner's, showed, by key. */
  public List<Proof> proofs(Optional<Address> owner) {
    List<Proof> proofs = new ArrayList<>();
    WorkersQuery.Builder page = WorkersQuery.newBuilder().setLimit(WireLimits.PAGE);
    owner.ifPresent(key -> page.setOwner(WireValues.bytes(key)));
    QueryReply reply;
    do {
      reply = query("the proofs", QueryRequest.newBuilder().setProofs(page));
      proofs.addAll(WireValues.values(StateCodec.PROOF, reply.getProofs().getRecordsList()));
      if (!proofs.isEmpty()) {
        page.setAfter(WireValues.bytes(proofs.getLast().worker()));
      }
    } while (reply.getProofs().getMore());
    return proofs;
  }

  /** All workers, or one owner's, by key. */
  public List<Worker> workers(Optional<Address> owner) {
    List<Worker> workers = new ArrayList<>();
    WorkersQuery.Builder page = WorkersQuery.newBuilder().setLimit(WireLimits.PAGE);
    owner.ifPresent(address -> page.setOwner(WireValues.bytes(address)));
    QueryReply reply;
    do {
      reply = query("the workers", QueryRequest.newBuilder().setWorkers(page));
      workers.addAll(WireValues.values(StateCodec.WORKER, reply.getWorkers().getRecordsList()));
      if (!workers.isEmpty()) {
        page.setAfter(WireValues.bytes(workers.getLast().key()));
      }
    } while (reply.getWorkers().getMore());
    return workers;
  }

  /** The gross price of each class in the open epoch. */
  public SortedMap<ResourceClass, UnitPrice> prices() {
    return query("the prices", QueryRequest.newBuilder().setPrices(NOTHING))
        .getPrices()
        .getClassesList()
        .stream()
        .collect(
            Collectors.toMap(
                price -> new ResourceClass(price.getResources()),
                price -> new UnitPrice(price.getPerTeraWork()),
                (a, b) -> a,
                TreeMap::new));
  }

  /** The confirmed deposit of a job. */
  public Optional<DepositAccount> deposit(JobId id) {
    return ask("deposit " + id.brief(), QueryRequest.newBuilder().setDeposit(WireValues.bytes(id)))
        .map(reply -> Views.deposit(reply.getDeposit()));
  }

  /** An owner's confirmed stake; zero for an owner the market does not know. */
  public StakeAccount stake(Address owner) {
    return Views.stake(
        query("the stake", QueryRequest.newBuilder().setStake(WireValues.bytes(owner))).getStake());
  }

  /**
   * What the agents of a job last said, asked of every node because each knows only the agents
   * connected to it. Nodes that are away are left out.
   */
  public List<ShardProgress> progress(JobId job) {
    QueryRequest request = QueryRequest.newBuilder().setProgress(WireValues.bytes(job)).build();
    TreeMap<TaskId, ShardProgress> newest = new TreeMap<>();
    for (NodeLink link : nodes.links()) {
      try {
        Views.progress(market(link).query(request).getProgress())
            .forEach(one -> newest.merge(one.task(), one, Views::newer));
      } catch (StatusRuntimeException e) {
        // Live figures are a courtesy: what cannot be had now is not shown.
      }
    }
    return List.copyOf(newest.values());
  }

  /**
   * Follows the log on a thread of its own until the watch is closed, over failures of nodes, and
   * never twice the same command.
   *
   * @param fromIndex first index wanted; 0 for all the node has: of a job its whole history
   * @param job only events of this job
   */
  public Watch watch(long fromIndex, Optional<JobId> job, Watch.Reader reader) {
    return Watch.start(nodes, fromIndex, job, reader);
  }

  /**
   * Reads log entries in order from a node's archive, and goes on at another node when one fails or
   * does not have them. What comes is what the nodes say: the reader checks it.
   *
   * @param from first index wanted
   * @param to last index wanted, or 0 for all that the node has now
   * @throws InvalidCall if no node holds all of them; names what each does hold
   */
  public void archive(long from, long to, Consumer<LogEntry> reader) {
    new ArchiveStream(nodes, from, to, reader).read();
  }

  private MarketGrpc.MarketBlockingStub market(NodeLink link) {
    return link.market(nodes.patience().call());
  }

  private NodeStatus statusOf(NodeLink link) {
    QueryReply reply = market(link).query(QueryRequest.newBuilder().setStatus(NOTHING).build());
    return Views.status(link.address(), reply.getIndex(), reply.getStatus());
  }

  private QueryReply query(String what, QueryRequest.Builder request) {
    return nodes.call(what, link -> market(link).query(request.build()));
  }

  /** The answer, or nothing if the node says that it is absent. */
  private Optional<QueryReply> ask(String what, QueryRequest.Builder request) {
    QueryReply reply = query(what, request);
    return reply.getWhatCase() == QueryReply.WhatCase.ABSENT
        ? Optional.empty()
        : Optional.of(reply);
  }

  private static QueryReply present(String what, QueryReply reply) {
    if (reply.getWhatCase() == QueryReply.WhatCase.ABSENT) {
      throw new BadAnswer(what + " is not there yet: the log has no first entry", null);
    }
    return reply;
  }

  private static Submitted submitted(SubmitReply reply, boolean fateUnknown) {
    Outcome outcome = WireOutcome.outcome(reply);
    if (fateUnknown
        && outcome instanceof Outcome.Rejected rejected
        && rejected.rejection().reason() == Rejection.Reason.NONCE_USED) {
      return new Submitted(Submitted.NOT_TOLD, new Outcome.Accepted(List.of()));
    }
    return new Submitted(
        reply.hasAccepted() ? reply.getAccepted().getIndex() : Submitted.NOT_TOLD, outcome);
  }

  /** Whether the node may have put the command into the log although it gave no answer. */
  private static boolean mayHaveArrived(StatusRuntimeException e) {
    return switch (e.getStatus().getCode()) {
      case UNAUTHENTICATED, PERMISSION_DENIED, RESOURCE_EXHAUSTED, INVALID_ARGUMENT -> false;
      case OK,
          CANCELLED,
          UNKNOWN,
          DEADLINE_EXCEEDED,
          NOT_FOUND,
          ALREADY_EXISTS,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          INTERNAL,
          UNAVAILABLE,
          DATA_LOSS ->
          true;
    };
  }
}
