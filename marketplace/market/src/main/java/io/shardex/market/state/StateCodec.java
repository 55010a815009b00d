package io.shardex.market.state;

import static io.shardex.market.codec.Primitives.BOOLEAN;
import static io.shardex.market.codec.Primitives.INT;
import static io.shardex.market.codec.Primitives.LONG;
import static io.shardex.market.codec.Primitives.enumeration;
import static io.shardex.market.codec.Records.field;
import static io.shardex.market.codec.Records.record;
import static io.shardex.market.codec.ValueCodecs.ADDRESS;
import static io.shardex.market.codec.ValueCodecs.AMOUNT;
import static io.shardex.market.codec.ValueCodecs.DIGEST;
import static io.shardex.market.codec.ValueCodecs.JOB_ID;
import static io.shardex.market.codec.ValueCodecs.TASK_ID;
import static io.shardex.market.codec.ValueCodecs.UNIT_PRICE;

import io.shardex.market.Event;
import io.shardex.market.codec.ByteSink;
import io.shardex.market.codec.ByteSource;
import io.shardex.market.codec.Codec;
import io.shardex.market.codec.MalformedBytes;
import io.shardex.market.codec.ValueCodecs;
import java.util.List;
import java.util.NavigableMap;

/** The bytes of the state's records, and of the whole state as a snapshot holds it. */
public final class StateCodec {
  /** Version of the state's bytes; a node refuses a snapshot newer than itself. */
  public static final int VERSION = 5;

  public static final Codec<Deposit> DEPOSIT =
      record(
          Deposit::new,
          field(ADDRESS, Deposit::builder),
          field(LONG, Deposit::nonce),
          field(DIGEST, Deposit::spec),
          field(LONG, Deposit::refundAt));
  private static final Codec<JobPhase> JOB_PHASE = enumeration(JobPhase.class);
  private static final Codec<Job.JobEnd> JOB_END =
      record(
          Job.JobEnd::new,
          field(JOB_PHASE, Job.JobEnd::phase),
          field(ValueCodecs.ENDING, Job.JobEnd::why));
  private static final Codec<Job.Doubt> DOUBT =
      record(
          Job.Doubt::new,
          field(enumeration(Job.LastDraw.class), Job.Doubt::lastDraw),
          field(INT, Job.Doubt::rollBackTo),
          field(INT.list(), Job.Doubt::tainted),
          field(ADDRESS.list(), Job.Doubt::liars));
  public static final Codec<Job> JOB =
      record(
          Job::new,
          field(JOB_ID, Job::id),
          field(DEPOSIT, Job::deposit),
          field(ValueCodecs.JOB_TERMS, Job::terms),
          field(ValueCodecs.STAMP, Job::submitted),
          field(JOB_PHASE, Job::phase),
          field(INT, Job::round),
          field(DIGEST.list(), Job::models),
          field(LONG.list(), Job::losses),
          field(JOB_END.optional(), Job::ending),
          field(LONG, Job::endedAtMillis),
          field(BOOLEAN, Job::settled),
          field(DOUBT, Job::doubt));
  private static final Codec<Task.Lease> LEASE =
      record(
          Task.Lease::new,
          field(ADDRESS, Task.Lease::worker),
          field(ADDRESS, Task.Lease::owner),
          field(UNIT_PRICE, Task.Lease::price),
          field(AMOUNT, Task.Lease::hold),
          field(LONG, Task.Lease::deadlineMillis),
          field(LONG, Task.Lease::fullDeadlineMillis),
          field(LONG.optional(), Task.Lease::startedAtMillis));
  private static final Codec<Task.Commitment> COMMITMENT =
      record(
          Task.Commitment::new,
          field(DIGEST, Task.Commitment::result),
          field(DIGEST, Task.Commitment::seal),
          field(INT.optional(), Task.Commitment::divergedAt));
  private static final Codec<Checkpoint> CHECKPOINT =
      record(
          Checkpoint::new,
          field(LONG, Checkpoint::fence),
          field(ADDRESS, Checkpoint::worker),
          field(ADDRESS, Checkpoint::owner),
          field(INT, Checkpoint::step),
          field(DIGEST, Checkpoint::blob),
          field(LONG, Checkpoint::savedAtMillis));
  public static final Codec<Task> TASK =
      record(
          Task::new,
          field(TASK_ID, Task::id),
          field(enumeration(TaskPhase.class), Task::phase),
          field(LONG, Task::fence),
          field(LEASE.optional(), Task::lease),
          field(COMMITMENT.optional(), Task::commitment),
          field(CHECKPOINT.list(), Task::checkpoints));
  public static final Codec<Worker> WORKER =
      record(
          Worker::new,
          field(ADDRESS, Worker::key),
          field(ADDRESS, Worker::owner),
          field(ValueCodecs.RESOURCE_CLASS, Worker::resources),
          field(INT, Worker::memoryMiB),
          field(UNIT_PRICE.optional(), Worker::ask),
          field(ValueCodecs.RUNTIMES, Worker::runtimes),
          field(ValueCodecs.STAMP, Worker::idleSince),
          field(TASK_ID.optional(), Worker::lease),
          field(BOOLEAN, Worker::draining),
          field(LONG, Worker::notBeforeMillis),
          field(LONG, Worker::verified),
          field(LONG, Worker::failed),
          field(TASK_ID.list(), Worker::duties));
  private static final Codec<NonceWindow> NONCES =
      record(NonceWindow::new, field(LONG, NonceWindow::highest), field(LONG, NonceWindow::used));
  private static final Codec<ValidatorTick> TICK =
      record(
          ValidatorTick::new,
          field(LONG, ValidatorTick::slot),
          field(LONG, ValidatorTick::clockMillis),
          field(LONG, ValidatorTick::finalBlock),
          field(LONG, ValidatorTick::index),
          field(DIGEST, ValidatorTick::hash));
  private static final Codec<Seat.Announced> ANNOUNCED =
      record(
          Seat.Announced::new,
          field(INT, Seat.Announced::number),
          field(DIGEST, Seat.Announced::tip),
          field(LONG, Seat.Announced::epoch));
  private static final Codec<OpenFact.Vote> VOTE =
      record(
          OpenFact.Vote::new,
          field(ADDRESS, OpenFact.Vote::validator),
          field(ValueCodecs.FACT_VALUE, OpenFact.Vote::value),
          field(ValueCodecs.BATCH_ENDORSEMENT.optional(), OpenFact.Vote::endorsement));
  private static final Codec<OpenFact> OPEN_FACT =
      record(
          OpenFact::new,
          field(INT, OpenFact::view),
          field(LONG, OpenFact::deadlineMillis),
          field(VOTE.list(), OpenFact::votes));
  public static final Codec<SealedBatch> SEALED_BATCH =
      record(
          SealedBatch::new,
          field(ValueCodecs.BATCH, SealedBatch::batch),
          field(enumeration(BatchPhase.class), SealedBatch::phase),
          field(DIGEST, SealedBatch::digest),
          field(ValueCodecs.BATCH_ENDORSEMENT.list(), SealedBatch::endorsements));
  private static final Codec<Account> ACCOUNT =
      record(
          Account::new,
          field(enumeration(Account.Kind.class), Account::kind),
          field(JOB_ID, Account::job),
          field(ADDRESS, Account::party),
          field(ADDRESS, Account::beneficiary));
  private static final Codec<Clock> CLOCK =
      record(
          Clock::new,
          field(LONG, Clock::slot),
          field(LONG, Clock::millis),
          field(LONG, Clock::epoch),
          field(LONG, Clock::epochEndsMillis));
  private static final Codec<ChainView> CHAIN =
      record(ChainView::new, field(LONG, ChainView::block), field(LONG, ChainView::blockMillis));
  private static final Codec<Receipts> RECEIPTS =
      record(
          Receipts::new,
          field(LONG, Receipts::count),
          field(DIGEST, Receipts::root),
          field(AMOUNT, Receipts::sum));

  public static final Codec<Seat> SEAT =
      record(
          Seat::new,
          field(INT, Seat::number),
          field(LONG, Seat::start),
          field(LONG, Seat::slot),
          field(DIGEST, Seat::place),
          field(BOOLEAN, Seat::member),
          field(ANNOUNCED.optional(), Seat::next));
  private static final Codec<Draw> DRAW =
      record(
          Draw::new,
          field(ADDRESS.list(), Draw::members),
          field(Codec.map(ADDRESS, DIGEST), Draw::places),
          field(JOB_ID.list(), Draw::jobs),
          field(ValueCodecs.PARTS.optional(), Draw::challenges));
  private static final Codec<LiveChallenge.Answer> ANSWER =
      record(
          LiveChallenge.Answer::new,
          field(DIGEST, LiveChallenge.Answer::root),
          field(LONG, LiveChallenge.Answer::millis),
          field(LONG, LiveChallenge.Answer::slot));
  public static final Codec<LiveChallenge> LIVE_CHALLENGE =
      record(
          LiveChallenge::new,
          field(ValueCodecs.CHALLENGE, LiveChallenge::challenge),
          field(LONG, LiveChallenge::drawnAtMillis),
          field(LONG, LiveChallenge::deadlineMillis),
          field(ANSWER.optional(), LiveChallenge::answer),
          field(DIGEST.optional(), LiveChallenge::draw),
          field(DIGEST.optional(), LiveChallenge::opening));
  public static final Codec<Proof> PROOF =
      record(
          Proof::new,
          field(ADDRESS, Proof::worker),
          field(INT, Proof::misses),
          field(LONG, Proof::millis),
          field(LONG, Proof::atMillis));
  private static final Codec<Result.Claim> CLAIM =
      record(
          Result.Claim::new,
          field(ADDRESS, Result.Claim::worker),
          field(ADDRESS, Result.Claim::owner),
          field(DIGEST, Result.Claim::shown),
          field(INT.optional(), Result.Claim::divergedAt),
          field(DIGEST, Result.Claim::seal),
          field(DIGEST, Result.Claim::base),
          field(UNIT_PRICE, Result.Claim::price),
          field(AMOUNT, Result.Claim::gross),
          field(CHECKPOINT.list(), Result.Claim::checkpoints));
  private static final Codec<Result.Party> PARTY =
      record(
          Result.Party::new,
          field(ADDRESS, Result.Party::worker),
          field(ADDRESS, Result.Party::owner));
  private static final Codec<Result.Opening> OPENING =
      record(
          Result.Opening::new,
          field(DIGEST, Result.Opening::root),
          field(DIGEST, Result.Opening::shown));
  private static final Codec<Result.Audit> AUDIT =
      record(
          Result.Audit::new,
          field(LONG, Result.Audit::slot),
          field(enumeration(Event.DrawCause.class).optional(), Result.Audit::forced),
          field(INT, Result.Audit::draws),
          field(ADDRESS.list(), Result.Audit::missed),
          field(PARTY.optional(), Result.Audit::auditor),
          field(UNIT_PRICE, Result.Audit::price),
          field(AMOUNT, Result.Audit::hold),
          field(LONG, Result.Audit::revealByMillis),
          field(OPENING.optional(), Result.Audit::worker),
          field(OPENING.optional(), Result.Audit::other));
  public static final Codec<Result> RESULT =
      record(
          Result::new,
          field(TASK_ID, Result::id),
          field(CLAIM, Result::claim),
          field(enumeration(ResultPhase.class), Result::phase),
          field(AUDIT, Result::audit),
          field(ValueCodecs.FEE_SPLIT.optional(), Result::paid));
  public static final Codec<Standing> STANDING =
      record(
          Standing::new,
          field(LONG, Standing::verified),
          field(LONG, Standing::lies),
          field(LONG, Standing::missed));

  /** The whole state. Indexes are not part of it; they are rebuilt. */
  public static final Codec<MarketState> STATE =
      new Codec<>() {
        @Override
        public void write(ByteSink sink, MarketState state) {
          INT.write(sink, VERSION);
          ValueCodecs.NETWORK.optional().write(sink, state.network);
          CLOCK.write(sink, state.clock);
          CHAIN.write(sink, state.chain);
          RECEIPTS.write(sink, state.receipts);
          LONG.write(sink, state.index);
          DIGEST.write(sink, state.hash);
          LONG.write(sink, state.nextBatch);
          Codec.map(ADDRESS, SEAT).write(sink, state.seats);
          Codec.map(LONG, DRAW).write(sink, state.draws);
          Codec.map(TASK_ID, RESULT).write(sink, state.results);
          Codec.map(ADDRESS, STANDING).write(sink, state.standings);
          ADDRESS.list().write(sink, List.copyOf(state.unsettled));
          Codec.map(ADDRESS, TICK).write(sink, state.ticks);
          Codec.map(ADDRESS, NONCES).write(sink, state.nonces);
          Codec.map(JOB_ID, DEPOSIT).write(sink, state.deposits);
          Codec.map(JOB_ID, JOB).write(sink, state.jobs);
          Codec.map(TASK_ID, TASK).write(sink, state.tasks);
          Codec.map(ADDRESS, WORKER).write(sink, state.workers);
          Codec.map(ADDRESS, LIVE_CHALLENGE).write(sink, state.challenges);
          Codec.map(ADDRESS, PROOF).write(sink, state.proofs);
          Codec.map(ValueCodecs.RESOURCE_CLASS, ValueCodecs.CLASS_PRICE).write(sink, state.prices);
          Codec.map(ValueCodecs.FACT, OPEN_FACT).write(sink, state.facts);
          Codec.map(LONG, SEALED_BATCH).write(sink, state.batches);
          Codec.map(ACCOUNT, AMOUNT).write(sink, state.ledger.balances());
        }

        @Override
        public MarketState read(ByteSource source) {
          int version = INT.read(source);
          if (version != VERSION) {
            throw new MalformedBytes(
                "the snapshot has version " + version + ", this node reads version " + VERSION);
          }
          MarketState state = new MarketState();
          state.network = ValueCodecs.NETWORK.optional().read(source);
          state.clock = CLOCK.read(source);
          state.chain = CHAIN.read(source);
          state.receipts = RECEIPTS.read(source);
          state.index = LONG.read(source);
          state.hash = DIGEST.read(source);
          state.nextBatch = LONG.read(source);
          fill(state.seats, Codec.map(ADDRESS, SEAT), source);
          fill(state.draws, Codec.map(LONG, DRAW), source);
          fill(state.results, Codec.map(TASK_ID, RESULT), source);
          fill(state.standings, Codec.map(ADDRESS, STANDING), source);
          state.unsettled.addAll(ADDRESS.list().read(source));
          fill(state.ticks, Codec.map(ADDRESS, TICK), source);
          fill(state.nonces, Codec.map(ADDRESS, NONCES), source);
          fill(state.deposits, Codec.map(JOB_ID, DEPOSIT), source);
          fill(state.jobs, Codec.map(JOB_ID, JOB), source);
          fill(state.tasks, Codec.map(TASK_ID, TASK), source);
          fill(state.workers, Codec.map(ADDRESS, WORKER), source);
          fill(state.challenges, Codec.map(ADDRESS, LIVE_CHALLENGE), source);
          fill(state.proofs, Codec.map(ADDRESS, PROOF), source);
          fill(
              state.prices, Codec.map(ValueCodecs.RESOURCE_CLASS, ValueCodecs.CLASS_PRICE), source);
          fill(state.facts, Codec.map(ValueCodecs.FACT, OPEN_FACT), source);
          fill(state.batches, Codec.map(LONG, SEALED_BATCH), source);
          state.ledger = new Ledger(Codec.map(ACCOUNT, AMOUNT).read(source));
          try {
            state.rebuildIndexes();
          } catch (IllegalStateException e) {
            throw new MalformedBytes("the parts do not fit together: " + e.getMessage());
          }
          return state;
        }

        private static <K, V> void fill(
            NavigableMap<K, V> map, Codec<NavigableMap<K, V>> codec, ByteSource source) {
          map.putAll(codec.read(source));
        }
      };

  private StateCodec() {}
}
