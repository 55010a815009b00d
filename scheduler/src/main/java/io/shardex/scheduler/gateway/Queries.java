package io.shardex.scheduler.gateway;

import static io.shardex.protocol.wire.WireValues.bytes;

import com.google.protobuf.ByteString;
import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.market.codec.Codec;
import io.shardex.market.codec.EventCodecs;
import io.shardex.market.codec.ValueCodecs;
import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.Job;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Proof;
import io.shardex.market.state.StateCodec;
import io.shardex.market.state.Worker;
import io.shardex.pricing.Amount;
import io.shardex.protocol.wire.DepositView;
import io.shardex.protocol.wire.EndedJobView;
import io.shardex.protocol.wire.EndedJobs;
import io.shardex.protocol.wire.EndedJobsQuery;
import io.shardex.protocol.wire.JobView;
import io.shardex.protocol.wire.JobsQuery;
import io.shardex.protocol.wire.Nothing;
import io.shardex.protocol.wire.Page;
import io.shardex.protocol.wire.PayeeEvents;
import io.shardex.protocol.wire.PayeeHistory;
import io.shardex.protocol.wire.PayeeQuery;
import io.shardex.protocol.wire.Payment;
import io.shardex.protocol.wire.Price;
import io.shardex.protocol.wire.Prices;
import io.shardex.protocol.wire.QueryReply;
import io.shardex.protocol.wire.QueryRequest;
import io.shardex.protocol.wire.StakeView;
import io.shardex.protocol.wire.Status;
import io.shardex.protocol.wire.Tick;
import io.shardex.protocol.wire.WireLimits;
import io.shardex.protocol.wire.WireValues;
import io.shardex.protocol.wire.WorkersQuery;
import io.shardex.scheduler.archive.Chronicled;
import io.shardex.scheduler.archive.EndedJob;
import io.shardex.scheduler.archive.JobChronicle;
import io.shardex.scheduler.archive.NodeHistory;
import io.shardex.scheduler.archive.PayeeChronicle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Answers from the replica, each of one log index, the jobs and payments it has forgotten, and live
 * figures of this node's agents.
 */
final class Queries {
  private static final Nothing NOTHING = Nothing.getDefaultInstance();

  /** Of what a page of a payee's history holds, far below a message's bound. */
  private static final long PAYEE_PAGE_BYTES = 1 << 20;

  private final MarketPort market;
  private final LiveProgress progress;

  Queries(MarketPort market, LiveProgress progress) {
    this.market = market;
    this.progress = progress;
  }

  /** INVALID_ARGUMENT for an empty question, malformed ids or a page out of range. */
  QueryReply answer(QueryRequest request) {
    if (request.getWhatCase() == QueryRequest.WhatCase.ENDED) {
      // From the disk, so not while the log waits to be applied.
      return QueryReply.newBuilder()
          .setIndex(market.read(MarketState::index))
          .setEnded(ended(request.getEnded()))
          .build();
    }
    if (request.getWhatCase() == QueryRequest.WhatCase.PAYEE) {
      long index = market.read(MarketState::index);
      return QueryReply.newBuilder()
          .setIndex(index)
          .setPayee(payee(request.getPayee(), index))
          .build();
    }
    return market.read(state -> reply(state, request).setIndex(state.index())).build();
  }

  private QueryReply.Builder reply(MarketState state, QueryRequest request) {
    QueryReply.Builder reply = QueryReply.newBuilder();
    return switch (request.getWhatCase()) {
      case STATUS -> reply.setStatus(status(state));
      case JOB ->
          state
              .job(WireValues.job(request.getJob()))
              .map(job -> reply.setJob(job(state, job)))
              .orElseGet(() -> reply.setAbsent(NOTHING));
      case JOBS -> reply.setJobs(jobs(state, request.getJobs()));
      case WORKER ->
          state
              .worker(WireValues.address(request.getWorker()))
              .map(worker -> reply.setWorker(bytes(StateCodec.WORKER, worker)))
              .orElseGet(() -> reply.setAbsent(NOTHING));
      case WORKERS -> reply.setWorkers(workers(state, request.getWorkers()));
      case PROOFS -> reply.setProofs(proofs(state, request.getProofs()));
      case PRICES -> reply.setPrices(prices(state));
      case DEPOSIT -> deposit(state, WireValues.job(request.getDeposit()), reply);
      case NETWORK ->
          state.isBorn()
              ? reply.setNetwork(bytes(ValueCodecs.NETWORK, state.network()))
              : reply.setAbsent(NOTHING);
      case PROGRESS -> reply.setProgress(progress.of(WireValues.job(request.getProgress())));
      case STAKE -> reply.setStake(stake(state, WireValues.address(request.getStake())));
      case ENDED, PAYEE -> throw new IllegalStateException("answered without the state");
      case WHAT_NOT_SET -> throw Refusals.invalid("the query asks for nothing");
    };
  }

  private Status status(MarketState state) {
    Status.Builder status =
        Status.newBuilder()
            .setReady(market.ready())
            .setHash(bytes(state.hash()))
            .setSlot(state.clock().slot())
            .setClockMillis(state.clock().millis())
            .setEpoch(state.clock().epoch())
            .setEpochEndsMillis(state.clock().epochEndsMillis())
            .setChainBlock(state.chain().block());
    state
        .ticks()
        .forEach(
            (validator, tick) ->
                status.addValidators(
                    Tick.newBuilder()
                        .setValidator(bytes(validator))
                        .setSlot(tick.slot())
                        .setClockMillis(tick.clockMillis())
                        .setFinalBlock(tick.finalBlock())
                        .setIndex(tick.index())
                        .setHash(bytes(tick.hash()))));
    return status.build();
  }

  private static JobView job(MarketState state, Job job) {
    JobView.Builder view =
        JobView.newBuilder()
            .setJob(bytes(StateCodec.JOB, job))
            .addAllTasks(bytes(StateCodec.TASK, state.shardsOf(job.id())))
            .setFree(balance(state, Kind.FREE, job.id()))
            .setHeld(balance(state, Kind.HELD, job.id()))
            .setFees(balance(state, Kind.FEES, job.id()))
            .setRefunded(balance(state, Kind.REFUNDED, job.id()));
    state
        .ledger()
        .paidBy(job.id())
        .forEach((payee, amount) -> view.addPaid(payment(payee, amount)));
    return view.build();
  }

  private static Payment payment(Address payee, Amount amount) {
    return Payment.newBuilder().setPayee(bytes(payee)).setAmount(amount.units()).build();
  }

  private static long balance(MarketState state, Kind kind, JobId job) {
    return state.ledger().balance(Account.of(kind, job)).units();
  }

  private static Page jobs(MarketState state, JobsQuery query) {
    Optional<Address> builder = WireValues.optionalAddress(query.getBuilder());
    return page(
        after(state.jobs(), WireValues.optionalJob(query.getAfter())),
        job -> builder.isEmpty() || builder.get().equals(job.deposit().builder()),
        query.getLimit(),
        StateCodec.JOB);
  }

  private EndedJobs ended(EndedJobsQuery query) {
    requirePage(query.getLimit());
    if (query.getAfter() < 0) {
      throw Refusals.invalid("no page comes after " + query.getAfter());
    }
    JobChronicle.Page page;
    try {
      page =
          market
              .history()
              .jobs()
              .ended(
                  WireValues.optionalAddress(query.getBuilder()),
                  query.getAfter(),
                  query.getLimit());
    } catch (IOException e) {
      throw new UncheckedIOException("the ended jobs cannot be read", e);
    }
    return EndedJobs.newBuilder()
        .addAllJobs(page.jobs().stream().map(Queries::ended).toList())
        .setNext(page.next())
        .setMore(page.more())
        .build();
  }

  private static EndedJobView ended(EndedJob ended) {
    EndedJobView.Builder view =
        EndedJobView.newBuilder()
            .setJob(bytes(StateCodec.JOB, ended.job()))
            .setFees(ended.fees().units())
            .setRefunded(ended.refunded().units())
            .setSubmittedMillis(ended.submittedMillis())
            .setSettledIndex(ended.settled().index());
    ended.paid().forEach((payee, amount) -> view.addPaid(payment(payee, amount)));
    return view.build();
  }

  private PayeeHistory payee(PayeeQuery query, long index) {
    requirePage(query.getLimit());
    if (query.getAfter() < 0) {
      throw Refusals.invalid("no page comes after " + query.getAfter());
    }
    NodeHistory history = market.history();
    PayeeChronicle.Page page;
    try {
      page =
          history
              .payees()
              .read(
                  WireValues.address(query.getPayee()),
                  query.getAfter(),
                  query.getLimit(),
                  PAYEE_PAGE_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException("the payee's history cannot be read", e);
    }
    return PayeeHistory.newBuilder()
        .addAllCommands(page.events().stream().map(Queries::payee).toList())
        .setNext(page.next())
        .setMore(page.more())
        .setWhole(history.payees().first() == 0 && history.holes(index).isEmpty())
        .build();
  }

  private static PayeeEvents payee(Chronicled happened) {
    return PayeeEvents.newBuilder()
        .setIndex(happened.at().index())
        .setOffset(happened.at().offset())
        .setClockMillis(happened.clockMillis())
        .addAllEvents(bytes(EventCodecs.EVENT, happened.events()))
        .build();
  }

  private static Page workers(MarketState state, WorkersQuery query) {
    Optional<Address> owner = WireValues.optionalAddress(query.getOwner());
    return page(
        after(state.workers(), WireValues.optionalAddress(query.getAfter())),
        (Worker worker) -> owner.isEmpty() || owner.get().equals(worker.owner()),
        query.getLimit(),
        StateCodec.WORKER);
  }

  private static Page proofs(MarketState state, WorkersQuery query) {
    Optional<Address> owner = WireValues.optionalAddress(query.getOwner());
    return page(
        after(state.proofs(), WireValues.optionalAddress(query.getAfter())),
        (Proof proof) ->
            owner.isEmpty() || owner.equals(state.worker(proof.worker()).map(Worker::owner)),
        query.getLimit(),
        StateCodec.PROOF);
  }

  private static <K, V> Collection<V> after(NavigableMap<K, V> all, Optional<K> last) {
    return last.map(key -> all.tailMap(key, false)).orElse(all).values();
  }

  private static <T> Page page(
      Collection<T> records, Predicate<T> wanted, int limit, Codec<T> codec) {
    requirePage(limit);
    List<ByteString> found =
        records.stream()
            .filter(wanted)
            .limit(limit + 1L)
            .map(record -> bytes(codec, record))
            .toList();
    return Page.newBuilder()
        .addAllRecords(found.subList(0, Math.min(limit, found.size())))
        .setMore(found.size() > limit)
        .build();
  }

  private static void requirePage(int limit) {
    if (limit < 1 || limit > WireLimits.PAGE) {
      throw Refusals.invalid("a page has 1 to " + WireLimits.PAGE + " records, not " + limit);
    }
  }

  private static Prices prices(MarketState state) {
    Prices.Builder prices = Prices.newBuilder();
    state
        .prices()
        .forEach(
            (resources, price) ->
                prices.addClasses(
                    Price.newBuilder()
                        .setResources(resources.name())
                        .setPerTeraWork(price.price().perTeraWork())));
    return prices.build();
  }

  private static QueryReply.Builder deposit(
      MarketState state, JobId job, QueryReply.Builder reply) {
    return Optional.ofNullable(state.deposits().get(job))
        .map(
            deposit ->
                reply.setDeposit(
                    DepositView.newBuilder()
                        .setBuilder(bytes(deposit.builder()))
                        .setNonce(deposit.nonce())
                        .setSpec(bytes(deposit.spec()))
                        .setRefundAt(deposit.refundAt())
                        .setFree(balance(state, Kind.FREE, job))))
        .orElseGet(() -> reply.setAbsent(NOTHING));
  }

  private static StakeView stake(MarketState state, Address owner) {
    return StakeView.newBuilder()
        .setBonded(state.bonded(owner).units())
        .setWorkers(state.workersOf(owner))
        .build();
  }
}
