package io.shardex.market.codec;

import static io.shardex.market.codec.Primitives.INT;
import static io.shardex.market.codec.Primitives.LONG;
import static io.shardex.market.codec.Primitives.TEXT;
import static io.shardex.market.codec.Primitives.bytes;
import static io.shardex.market.codec.Primitives.enumeration;
import static io.shardex.market.codec.Records.field;
import static io.shardex.market.codec.Records.record;

import io.shardex.market.Address;
import io.shardex.market.Batch;
import io.shardex.market.ChainEvent;
import io.shardex.market.Challenge;
import io.shardex.market.CheckpointEvery;
import io.shardex.market.Digest;
import io.shardex.market.Ending;
import io.shardex.market.Execution;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.market.RuntimeKind;
import io.shardex.market.Signature;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.pricing.Amount;
import io.shardex.pricing.ClassPrice;
import io.shardex.pricing.FeeSplit;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Codecs of the values that commands, events and states are made of. */
public final class ValueCodecs {
  public static final Codec<Digest> DIGEST = bytes(Digest.BYTES).as(Digest::of, Digest::bytes);
  public static final Codec<Address> ADDRESS = bytes(Address.BYTES).as(Address::of, Address::bytes);
  public static final Codec<Signature> SIGNATURE =
      bytes(Signature.BYTES).as(Signature::of, Signature::bytes);
  public static final Codec<JobId> JOB_ID = DIGEST.as(JobId::new, JobId::value);
  public static final Codec<ResourceClass> RESOURCE_CLASS =
      TEXT.as(ResourceClass::new, ResourceClass::name);
  public static final Codec<Amount> AMOUNT = LONG.as(Amount::of, Amount::units);
  public static final Codec<WorkUnits> WORK = LONG.as(WorkUnits::new, WorkUnits::count);
  public static final Codec<UnitPrice> UNIT_PRICE = LONG.as(UnitPrice::new, UnitPrice::perTeraWork);
  public static final Codec<PartsPerMillion> PARTS =
      INT.as(PartsPerMillion::new, PartsPerMillion::value);
  public static final Codec<TaskId> TASK_ID =
      record(
          TaskId::new,
          field(JOB_ID, TaskId::job),
          field(INT, TaskId::round),
          field(INT, TaskId::shard),
          field(LONG, TaskId::audited));
  public static final Codec<Stamp> STAMP =
      record(Stamp::new, field(LONG, Stamp::index), field(INT, Stamp::offset));
  public static final Codec<FeeSplit> FEE_SPLIT =
      record(FeeSplit::new, field(AMOUNT, FeeSplit::pay), field(AMOUNT, FeeSplit::fee));
  public static final Codec<ClassPrice> CLASS_PRICE =
      record(
          ClassPrice::new,
          field(UNIT_PRICE, ClassPrice::price),
          field(PARTS, ClassPrice::step),
          field(Primitives.BOOLEAN, ClassPrice::rose));
  public static final Codec<Ending> ENDING =
      record(
          Ending::new,
          field(enumeration(Ending.Cause.class), Ending::cause),
          field(TEXT, Ending::detail));

  private static final Codec<CheckpointEvery> CHECKPOINT_EVERY =
      new Union<CheckpointEvery>("checkpoint interval")
          .with(
              1,
              CheckpointEvery.Steps.class,
              record(CheckpointEvery.Steps::new, field(INT, CheckpointEvery.Steps::count)))
          .with(
              2,
              CheckpointEvery.Time.class,
              record(CheckpointEvery.Time::new, field(LONG, CheckpointEvery.Time::millis)));
  private static final Codec<Execution> EXECUTION =
      record(
          Execution::new,
          field(enumeration(RuntimeKind.class), Execution::runtime),
          field(enumeration(Execution.Determinism.class), Execution::determinism),
          field(enumeration(Execution.Billing.class), Execution::billing),
          field(CHECKPOINT_EVERY.optional(), Execution::checkpoint));

  /** In the order of the kinds; any other is an error. */
  public static final Codec<Set<RuntimeKind>> RUNTIMES =
      enumeration(RuntimeKind.class).list().as(ValueCodecs::ascending, List::copyOf);

  private static Set<RuntimeKind> ascending(List<RuntimeKind> kinds) {
    for (int i = 1; i < kinds.size(); i++) {
      if (kinds.get(i - 1).compareTo(kinds.get(i)) >= 0) {
        throw new MalformedBytes("runtimes are not in ascending order");
      }
    }
    return new TreeSet<>(kinds);
  }

  public static final Codec<JobTerms> JOB_TERMS =
      record(
          JobTerms::new,
          field(TEXT, JobTerms::name),
          field(RESOURCE_CLASS, JobTerms::resources),
          field(INT, JobTerms::memoryMiB),
          field(INT, JobTerms::shards),
          field(INT, JobTerms::rounds),
          field(WORK, JobTerms::shardWork),
          field(INT, JobTerms::shardSteps),
          field(UNIT_PRICE, JobTerms::limit),
          field(LONG, JobTerms::deadlineMillis),
          field(PARTS, JobTerms::audit),
          field(Primitives.BOOLEAN, JobTerms::rollsBack),
          field(DIGEST, JobTerms::data),
          field(EXECUTION, JobTerms::execution));

  public static final Codec<Fact> FACT =
      new Union<Fact>("fact")
          .with(
              1,
              Fact.ChainRange.class,
              record(
                  Fact.ChainRange::new,
                  field(LONG, Fact.ChainRange::from),
                  field(LONG, Fact.ChainRange::to)))
          .with(2, Fact.TermsOf.class, record(Fact.TermsOf::new, field(JOB_ID, Fact.TermsOf::job)))
          .with(
              3,
              Fact.RoundModel.class,
              record(
                  Fact.RoundModel::new,
                  field(JOB_ID, Fact.RoundModel::job),
                  field(INT, Fact.RoundModel::round),
                  field(LONG, Fact.RoundModel::fences)))
          .with(
              4,
              Fact.ResultUnusable.class,
              record(
                  Fact.ResultUnusable::new,
                  field(TASK_ID, Fact.ResultUnusable::task),
                  field(LONG, Fact.ResultUnusable::fence)))
          .with(5, Fact.BatchOf.class, record(Fact.BatchOf::new, field(LONG, Fact.BatchOf::batch)))
          .with(
              6, Fact.Dispute.class, record(Fact.Dispute::new, field(TASK_ID, Fact.Dispute::audit)))
          .with(
              7,
              Fact.Checkpoint.class,
              record(Fact.Checkpoint::new, field(LONG, Fact.Checkpoint::index)))
          .with(
              8,
              Fact.Hardware.class,
              record(
                  Fact.Hardware::new,
                  field(ADDRESS, Fact.Hardware::worker),
                  field(DIGEST, Fact.Hardware::challenge)));
  public static final Codec<Challenge> CHALLENGE =
      record(
          Challenge::new,
          field(DIGEST, Challenge::seed),
          field(INT, Challenge::side),
          field(INT, Challenge::links),
          field(INT, Challenge::blocks),
          field(INT, Challenge::steps));

  public static final Codec<ChainEvent> CHAIN_EVENT =
      new Union<ChainEvent>("chain event")
          .with(
              1,
              ChainEvent.Deposited.class,
              record(
                  ChainEvent.Deposited::new,
                  field(JOB_ID, ChainEvent.Deposited::job),
                  field(ADDRESS, ChainEvent.Deposited::builder),
                  field(LONG, ChainEvent.Deposited::nonce),
                  field(DIGEST, ChainEvent.Deposited::spec),
                  field(LONG, ChainEvent.Deposited::refundAt),
                  field(AMOUNT, ChainEvent.Deposited::amount)))
          .with(
              2,
              ChainEvent.Reclaimed.class,
              record(
                  ChainEvent.Reclaimed::new,
                  field(JOB_ID, ChainEvent.Reclaimed::job),
                  field(AMOUNT, ChainEvent.Reclaimed::amount)))
          .with(
              3,
              ChainEvent.Staked.class,
              record(
                  ChainEvent.Staked::new,
                  field(ADDRESS, ChainEvent.Staked::owner),
                  field(AMOUNT, ChainEvent.Staked::amount)))
          .with(
              4,
              ChainEvent.UnstakeRequested.class,
              record(
                  ChainEvent.UnstakeRequested::new,
                  field(ADDRESS, ChainEvent.UnstakeRequested::owner),
                  field(AMOUNT, ChainEvent.UnstakeRequested::amount)))
          .with(
              5,
              ChainEvent.Unstaked.class,
              record(
                  ChainEvent.Unstaked::new,
                  field(ADDRESS, ChainEvent.Unstaked::owner),
                  field(AMOUNT, ChainEvent.Unstaked::amount)))
          .with(
              6,
              ChainEvent.Settled.class,
              record(
                  ChainEvent.Settled::new,
                  field(LONG, ChainEvent.Settled::batch),
                  field(DIGEST, ChainEvent.Settled::digest)))
          .with(
              7,
              ChainEvent.Shortfall.class,
              record(
                  ChainEvent.Shortfall::new,
                  field(JOB_ID, ChainEvent.Shortfall::job),
                  field(ADDRESS, ChainEvent.Shortfall::payee),
                  field(AMOUNT, ChainEvent.Shortfall::missing)));

  public static final Codec<FactValue.Executed> EXECUTED =
      record(
          FactValue.Executed::new,
          field(DIGEST, FactValue.Executed::root),
          field(DIGEST, FactValue.Executed::shown),
          field(INT.optional(), FactValue.Executed::divergedAt),
          field(DIGEST.list(), FactValue.Executed::checkpoints));
  public static final Codec<FactValue> FACT_VALUE =
      new Union<FactValue>("fact value")
          .with(
              1,
              FactValue.ChainPage.class,
              record(
                  FactValue.ChainPage::new,
                  field(LONG, FactValue.ChainPage::to),
                  field(LONG, FactValue.ChainPage::toMillis),
                  field(CHAIN_EVENT.list(), FactValue.ChainPage::events)))
          .with(
              2,
              FactValue.TermsHold.class,
              record(FactValue.TermsHold::new, field(DIGEST, FactValue.TermsHold::model)))
          .with(
              3,
              FactValue.TermsRefused.class,
              record(FactValue.TermsRefused::new, field(TEXT, FactValue.TermsRefused::why)))
          .with(
              4,
              FactValue.Averaged.class,
              record(
                  FactValue.Averaged::new,
                  field(DIGEST, FactValue.Averaged::model),
                  field(LONG, FactValue.Averaged::lossBits)))
          .with(
              5,
              FactValue.Unusable.class,
              record(
                  FactValue.Unusable::new,
                  field(enumeration(FactValue.Flaw.class), FactValue.Unusable::flaw)))
          .with(
              6,
              FactValue.BatchHash.class,
              record(FactValue.BatchHash::new, field(DIGEST, FactValue.BatchHash::digest)))
          .with(7, FactValue.Executed.class, EXECUTED)
          .with(
              8,
              FactValue.StateDigest.class,
              record(FactValue.StateDigest::new, field(DIGEST, FactValue.StateDigest::digest)))
          .with(
              9,
              FactValue.Judged.class,
              record(
                  FactValue.Judged::new,
                  field(enumeration(FactValue.Verdict.class), FactValue.Judged::verdict)));

  private static final Codec<Batch.PayLine> PAY_LINE =
      record(
          Batch.PayLine::new,
          field(JOB_ID, Batch.PayLine::job),
          field(ADDRESS, Batch.PayLine::payee),
          field(AMOUNT, Batch.PayLine::total));
  private static final Codec<Batch.CloseLine> CLOSE_LINE =
      record(
          Batch.CloseLine::new,
          field(JOB_ID, Batch.CloseLine::job),
          field(AMOUNT, Batch.CloseLine::finalTotal));
  private static final Codec<Batch.SlashLine> SLASH_LINE =
      record(
          Batch.SlashLine::new,
          field(ADDRESS, Batch.SlashLine::owner),
          field(AMOUNT, Batch.SlashLine::total));
  private static final Codec<Batch.CompensationLine> COMPENSATION_LINE =
      record(
          Batch.CompensationLine::new,
          field(ADDRESS, Batch.CompensationLine::owner),
          field(ADDRESS, Batch.CompensationLine::beneficiary),
          field(AMOUNT, Batch.CompensationLine::total));
  public static final Codec<Batch> BATCH =
      record(
          Batch::new,
          field(LONG, Batch::id),
          field(LONG, Batch::logIndex),
          field(DIGEST, Batch::stateHash),
          field(DIGEST, Batch::receiptsRoot),
          field(AMOUNT, Batch::receiptsSum),
          field(PAY_LINE.list(), Batch::pays),
          field(CLOSE_LINE.list(), Batch::closes),
          field(SLASH_LINE.list(), Batch::slashes),
          field(COMPENSATION_LINE.list(), Batch::compensations));
  public static final Codec<Batch.Endorsement> BATCH_ENDORSEMENT =
      record(
          Batch.Endorsement::new,
          field(ADDRESS, Batch.Endorsement::validator),
          field(INT, Batch.Endorsement::view),
          field(LONG, Batch.Endorsement::nonce),
          field(LONG, Batch.Endorsement::expiryMillis),
          field(SIGNATURE, Batch.Endorsement::signature));

  private static final Codec<Rules.Pace> PACE =
      record(
          Rules.Pace::new,
          field(LONG, Rules.Pace::beat),
          field(LONG, Rules.Pace::idleBeat),
          field(LONG, Rules.Pace::epoch),
          field(LONG, Rules.Pace::gap),
          field(LONG, Rules.Pace::leaseBase),
          field(INT, Rules.Pace::leaseSlack),
          field(LONG, Rules.Pace::silence),
          field(LONG, Rules.Pace::cooldown),
          field(LONG, Rules.Pace::factView),
          field(LONG, Rules.Pace::vest),
          field(LONG, Rules.Pace::settleMargin),
          field(LONG, Rules.Pace::keepSettled),
          field(LONG, Rules.Pace::commandLife),
          field(LONG, Rules.Pace::checkpoint));
  private static final Codec<Rules.Money> MONEY =
      record(
          Rules.Money::new,
          field(PARTS, Rules.Money::fee),
          field(AMOUNT, Rules.Money::workerStake),
          field(PARTS, Rules.Money::auditFloor));
  private static final Codec<Rules.Bounds> BOUNDS =
      record(
          Rules.Bounds::new,
          field(INT, Rules.Bounds::jobs),
          field(INT, Rules.Bounds::shards),
          field(INT, Rules.Bounds::rounds),
          field(INT, Rules.Bounds::leasesPerTask),
          field(INT, Rules.Bounds::views),
          field(INT, Rules.Bounds::rangeBlocks),
          field(INT, Rules.Bounds::chainEvents),
          field(INT, Rules.Bounds::matches),
          field(INT, Rules.Bounds::batchLines),
          field(INT, Rules.Bounds::results));
  private static final Codec<Rules.Audits> AUDITS =
      record(
          Rules.Audits::new,
          field(LONG, Rules.Audits::reveal),
          field(LONG, Rules.Audits::dispute),
          field(INT, Rules.Audits::probation),
          field(INT, Rules.Audits::draws),
          field(INT, Rules.Audits::duties),
          field(INT, Rules.Audits::beaconSlots),
          field(INT, Rules.Audits::beaconSteps),
          field(INT, Rules.Audits::checkpoint));
  private static final Codec<Rules.Proofs> PROOFS =
      record(
          Rules.Proofs::new,
          field(INT, Rules.Proofs::every),
          field(PARTS, Rules.Proofs::rate),
          field(LONG, Rules.Proofs::work),
          field(INT, Rules.Proofs::slack),
          field(INT, Rules.Proofs::tableMiB),
          field(LONG, Rules.Proofs::opening),
          field(INT, Rules.Proofs::live));
  private static final Codec<Rules> RULES =
      record(
          Rules::new,
          field(PACE, Rules::pace),
          field(MONEY, Rules::money),
          field(BOUNDS, Rules::bounds),
          field(AUDITS, Rules::audits),
          field(PROOFS, Rules::proofs));
  private static final Codec<Network.ClassTerms> CLASS_TERMS =
      record(
          Network.ClassTerms::new,
          field(RESOURCE_CLASS, Network.ClassTerms::resources),
          field(UNIT_PRICE, Network.ClassTerms::firstPrice),
          field(WORK, Network.ClassTerms::workPerHour));
  public static final Codec<Network> NETWORK =
      record(
          Network::new,
          field(LONG, Network::chainId),
          field(ADDRESS, Network::escrow),
          field(ADDRESS, Network::stakeVault),
          field(ADDRESS, Network::settlement),
          field(ADDRESS, Network::token),
          field(LONG, Network::startBlock),
          field(ADDRESS, Network::treasury),
          field(ADDRESS.list(), Network::validators),
          field(DIGEST.list(), Network::beacons),
          field(INT, Network::threshold),
          field(CLASS_TERMS.list(), Network::classes),
          field(RULES, Network::rules));

  private ValueCodecs() {}
}
