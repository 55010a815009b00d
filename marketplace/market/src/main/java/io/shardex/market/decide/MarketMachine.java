package io.shardex.market.decide;

import io.shardex.market.Address;
import io.shardex.market.Author;
import io.shardex.market.Command;
import io.shardex.market.Envelope;
import io.shardex.market.Event;
import io.shardex.market.Outcome;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.Stamp;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.market.codec.EventCodecs;
import io.shardex.market.state.Evolution;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.StateCodec;

/**
 * The market: a pure function of its state and the next command. The same log gives the same state,
 * the same outcomes and the same running hash on every replica.
 *
 * <p>A command is first authenticated, then decided, and then whatever it made possible (a match)
 * is done as part of it.
 */
public final class MarketMachine {
  private final MarketState state;

  /** A market before its first entry. */
  public MarketMachine() {
    this(new MarketState());
  }

  private MarketMachine(MarketState state) {
    this.state = state;
  }

  /** The market a snapshot holds; throws {@code MalformedBytes} if it is not one. */
  public static MarketMachine restored(byte[] snapshot) {
    return new MarketMachine(StateCodec.STATE.decode(snapshot));
  }

  /** What it knows now. Belongs to the thread that applies. */
  public MarketState state() {
    return state;
  }

  /**
   * Applies one command.
   *
   * @param author who signed it, as recovered from its signatures
   * @return its events, or its rejection; never throws for anything a command can hold
   */
  public Outcome apply(Envelope envelope, Author author, Stamp stamp) {
    Step step = new Step(state, stamp);
    Outcome outcome = outcome(step, envelope, author);
    Evolution.seal(
        state, stamp, CommandCodecs.ENVELOPE.encode(envelope), EventCodecs.OUTCOME.encode(outcome));
    return outcome;
  }

  private static Outcome outcome(Step step, Envelope envelope, Author author) {
    try {
      decide(step, envelope, author);
      return new Outcome.Accepted(step.events());
    } catch (Refusal refusal) {
      if (!step.events().isEmpty()) {
        throw new IllegalStateException("refused after the first event", refusal);
      }
      return new Outcome.Rejected(refusal.rejection());
    }
  }

  private static void decide(Step step, Envelope envelope, Author author) {
    if (envelope.command() instanceof Command.Genesis genesis) {
      NetworkDecisions.begin(step, genesis);
      return;
    }
    Refusal.unless(step.state().isBorn(), Reason.NOT_BORN, "the log's first entry must be genesis");
    Address signer =
        author
            .signer()
            .orElseThrow(
                () ->
                    new Refusal(
                        Reason.BAD_SIGNATURE, "no key could be recovered from the signature"));
    Freshness.check(step, envelope, signer);
    switch (envelope.command()) {
      case Command.Genesis genesis -> throw new IllegalStateException("handled above");
      case Command.SubmitJob submit -> JobDecisions.submit(step, submit, signer);
      case Command.CancelJob cancel -> JobDecisions.cancel(step, cancel, signer);
      case Command.RegisterWorker register ->
          WorkerDecisions.register(step, register, signer, author);
      case Command.PlaceAsk ask -> WorkerDecisions.placeAsk(step, ask, signer);
      case Command.WithdrawAsk withdraw -> WorkerDecisions.withdrawAsk(step, signer);
      case Command.Drain drain -> WorkerDecisions.drain(step, signer);
      case Command.Alive alive -> WorkerDecisions.alive(step, signer);
      case Command.StartLease start -> LeaseDecisions.start(step, start, signer);
      case Command.CommitResult commit -> LeaseDecisions.commit(step, commit, signer);
      case Command.SaveCheckpoint save -> LeaseDecisions.save(step, save, signer);
      case Command.GiveUpLease giveUp -> LeaseDecisions.giveUp(step, giveUp, signer);
      case Command.CommitDiverged diverged -> LeaseDecisions.diverged(step, diverged, signer);
      case Command.Attest attest -> FactDecisions.attest(step, attest, envelope, signer);
      case Command.Beat beat -> BeatDecisions.beat(step, beat, signer);
      case Command.CommitAudit commit -> AuditDecisions.commit(step, commit, signer);
      case Command.Reveal reveal -> AuditDecisions.reveal(step, reveal, signer);
      case Command.NewChain chain -> BeaconDecisions.announce(step, chain, signer);
      case Command.AnswerChallenge answer -> ProofDecisions.answer(step, answer, signer);
      case Command.OpenChallenge open -> ProofDecisions.open(step, open, signer);
      case Command.ReportSilent silent -> WorkerDecisions.reportSilent(step, silent, signer);
    }
    step.emit(new Event.NonceUsed(signer, envelope.nonce()));
    Matching.match(step);
  }
}
