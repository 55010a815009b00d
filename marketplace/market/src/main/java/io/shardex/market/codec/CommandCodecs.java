package io.shardex.market.codec;

import static io.shardex.market.codec.Primitives.INT;
import static io.shardex.market.codec.Primitives.LONG;
import static io.shardex.market.codec.Primitives.enumeration;
import static io.shardex.market.codec.Records.field;
import static io.shardex.market.codec.Records.record;
import static io.shardex.market.codec.ValueCodecs.ADDRESS;
import static io.shardex.market.codec.ValueCodecs.DIGEST;
import static io.shardex.market.codec.ValueCodecs.JOB_ID;
import static io.shardex.market.codec.ValueCodecs.SIGNATURE;
import static io.shardex.market.codec.ValueCodecs.TASK_ID;

import io.shardex.market.Command;
import io.shardex.market.Envelope;
import io.shardex.market.Event;
import java.util.List;

/** The bytes of commands, of signed commands, and of a log entry. */
public final class CommandCodecs {
  public static final Codec<Command> COMMAND =
      new Union<Command>("command")
          .with(
              1,
              Command.Genesis.class,
              record(Command.Genesis::new, field(ValueCodecs.NETWORK, Command.Genesis::network)))
          .with(
              2,
              Command.SubmitJob.class,
              record(
                  Command.SubmitJob::new,
                  field(JOB_ID, Command.SubmitJob::job),
                  field(ValueCodecs.JOB_TERMS, Command.SubmitJob::terms)))
          .with(
              3,
              Command.CancelJob.class,
              record(Command.CancelJob::new, field(JOB_ID, Command.CancelJob::job)))
          .with(
              4,
              Command.RegisterWorker.class,
              record(
                  Command.RegisterWorker::new,
                  field(ADDRESS, Command.RegisterWorker::owner),
                  field(ValueCodecs.RESOURCE_CLASS, Command.RegisterWorker::resources),
                  field(INT, Command.RegisterWorker::memoryMiB)))
          .with(
              5,
              Command.PlaceAsk.class,
              record(
                  Command.PlaceAsk::new,
                  field(ValueCodecs.UNIT_PRICE, Command.PlaceAsk::reserve),
                  field(ValueCodecs.RUNTIMES, Command.PlaceAsk::runtimes)))
          .with(6, Command.WithdrawAsk.class, record(new Command.WithdrawAsk()))
          .with(7, Command.Drain.class, record(new Command.Drain()))
          .with(8, Command.Alive.class, record(new Command.Alive()))
          .with(
              9,
              Command.StartLease.class,
              record(
                  Command.StartLease::new,
                  field(TASK_ID, Command.StartLease::task),
                  field(LONG, Command.StartLease::fence)))
          .with(
              10,
              Command.CommitResult.class,
              record(
                  Command.CommitResult::new,
                  field(TASK_ID, Command.CommitResult::task),
                  field(LONG, Command.CommitResult::fence),
                  field(DIGEST, Command.CommitResult::result),
                  field(DIGEST, Command.CommitResult::seal),
                  field(DIGEST, Command.CommitResult::inputs)))
          .with(
              11,
              Command.CommitDiverged.class,
              record(
                  Command.CommitDiverged::new,
                  field(TASK_ID, Command.CommitDiverged::task),
                  field(LONG, Command.CommitDiverged::fence),
                  field(INT, Command.CommitDiverged::step),
                  field(DIGEST, Command.CommitDiverged::seal),
                  field(DIGEST, Command.CommitDiverged::inputs)))
          .with(
              12,
              Command.Attest.class,
              record(
                  Command.Attest::new,
                  field(ValueCodecs.FACT, Command.Attest::fact),
                  field(INT, Command.Attest::view),
                  field(ValueCodecs.FACT_VALUE, Command.Attest::value)))
          .with(
              13,
              Command.Beat.class,
              record(
                  Command.Beat::new,
                  field(LONG, Command.Beat::slot),
                  field(LONG, Command.Beat::clockMillis),
                  field(LONG, Command.Beat::finalBlock),
                  field(LONG, Command.Beat::index),
                  field(DIGEST, Command.Beat::hash),
                  field(DIGEST.optional(), Command.Beat::preimage)))
          .with(
              14,
              Command.ReportSilent.class,
              record(
                  Command.ReportSilent::new, field(ADDRESS.list(), Command.ReportSilent::workers)))
          .with(
              15,
              Command.CommitAudit.class,
              record(
                  Command.CommitAudit::new,
                  field(TASK_ID, Command.CommitAudit::task),
                  field(LONG, Command.CommitAudit::fence),
                  field(DIGEST, Command.CommitAudit::seal),
                  field(DIGEST, Command.CommitAudit::inputs)))
          .with(
              16,
              Command.Reveal.class,
              record(
                  Command.Reveal::new,
                  field(TASK_ID, Command.Reveal::task),
                  field(LONG, Command.Reveal::fence),
                  field(DIGEST, Command.Reveal::root),
                  field(DIGEST, Command.Reveal::shown),
                  field(DIGEST, Command.Reveal::salt)))
          .with(
              17,
              Command.NewChain.class,
              record(
                  Command.NewChain::new,
                  field(INT, Command.NewChain::number),
                  field(DIGEST, Command.NewChain::tip)))
          .with(
              18,
              Command.SaveCheckpoint.class,
              record(
                  Command.SaveCheckpoint::new,
                  field(TASK_ID, Command.SaveCheckpoint::task),
                  field(LONG, Command.SaveCheckpoint::fence),
                  field(INT, Command.SaveCheckpoint::step),
                  field(DIGEST, Command.SaveCheckpoint::blob),
                  field(DIGEST, Command.SaveCheckpoint::inputs)))
          .with(
              19,
              Command.GiveUpLease.class,
              record(
                  Command.GiveUpLease::new,
                  field(TASK_ID, Command.GiveUpLease::task),
                  field(LONG, Command.GiveUpLease::fence),
                  field(enumeration(Event.Failure.class), Command.GiveUpLease::why)))
          .with(
              24,
              Command.AnswerChallenge.class,
              record(
                  Command.AnswerChallenge::new,
                  field(DIGEST, Command.AnswerChallenge::challenge),
                  field(DIGEST, Command.AnswerChallenge::root)))
          .with(
              25,
              Command.OpenChallenge.class,
              record(
                  Command.OpenChallenge::new,
                  field(DIGEST, Command.OpenChallenge::challenge),
                  field(DIGEST, Command.OpenChallenge::opening)));

  public static final Codec<Envelope> ENVELOPE =
      record(
          Envelope::new,
          field(COMMAND, Envelope::command),
          field(LONG, Envelope::nonce),
          field(LONG, Envelope::expiryMillis),
          field(SIGNATURE, Envelope::signature),
          field(SIGNATURE.optional(), Envelope::endorsement));

  /** A log entry: commands in the order they take effect. */
  public static final Codec<List<Envelope>> ENTRY = ENVELOPE.list();

  private CommandCodecs() {}
}
