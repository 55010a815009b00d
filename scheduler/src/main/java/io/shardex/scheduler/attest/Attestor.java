package io.shardex.scheduler.attest;

import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Fact;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.OpenFact;
import io.shardex.scheduler.attest.Witness.CannotTell;
import io.shardex.scheduler.attest.Witness.Statement;
import io.shardex.scheduler.replica.MarketReplica;
import io.shardex.scheduler.replica.ValidatorVoice;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Votes on every open fact, after this node's witness has looked for itself. A look that comes to
 * nothing is repeated while the fact is open, and holds nothing up meanwhile. A validator whose
 * replica holds another running hash than a fellow's beat says for the same index votes no more:
 * one of the two logs is forged. One that was given a snapshot votes only when a checkpoint has
 * proven it; one that starts anew looks at nothing before it has caught up, since in the log that
 * it applies every fact is open once more.
 */
public final class Attestor extends AbstractBehavior<Attestor.Message> {
  private static final Logger log = LoggerFactory.getLogger(Attestor.class);
  private static final Duration AGAIN = Duration.ofMillis(500);

  /** Looks under way at a time; more facts wait. */
  private static final int LOOKS = 8;

  /** Executions among them: they take long, and nothing else must wait for them. */
  private static final int EXECUTIONS = 2;

  /** What the attestor hears. */
  public sealed interface Message {}

  /** The state has changed. */
  public record Changed() implements Message {}

  private record Seen(Question question, Statement statement) implements Message {}

  private record Unseen(Question question, @Nullable Throwable why) implements Message {}

  private record Answered(Question question) implements Message {}

  /** A fact in one of its views. */
  private record Question(Fact fact, int view) {}

  private enum Progress {
    LOOKING,
    SAID,
    /** It is looked at again later. */
    WAITING
  }

  private final MarketReplica replica;
  private final ValidatorVoice voice;
  private final Witnesses witnesses;
  private final Executor looks;
  private final BooleanSupplier caughtUp;
  private final AttestationCount count;
  private final TimerScheduler<Message> timers;
  private final Map<Question, Progress> asked = new HashMap<>();
  private boolean forked;

  /** Hears of every look's end, for metrics. */
  public interface AttestationCount {
    void attested(Fact fact);

    void couldNotTell(Fact fact);

    void forked();
  }

  /**
   * An attestor for one validator.
   *
   * @param looks runs looks, which block
   * @param caughtUp whether the replica has applied what was committed before it started
   */
  public static Behavior<Message> create(
      MarketReplica replica,
      ValidatorVoice voice,
      Witnesses witnesses,
      Executor looks,
      BooleanSupplier caughtUp,
      AttestationCount count) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new Attestor(
                        context, replica, voice, witnesses, looks, caughtUp, count, timers)));
  }

  private Attestor(
      ActorContext<Message> context,
      MarketReplica replica,
      ValidatorVoice voice,
      Witnesses witnesses,
      Executor looks,
      BooleanSupplier caughtUp,
      AttestationCount count,
      TimerScheduler<Message> timers) {
    super(context);
    this.replica = replica;
    this.voice = voice;
    this.witnesses = witnesses;
    this.looks = looks;
    this.caughtUp = caughtUp;
    this.count = count;
    this.timers = timers;
    context.getSelf().tell(new Changed());
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(Changed.class, changed -> lookAround())
        .onMessage(Seen.class, this::say)
        .onMessage(Unseen.class, this::lookAgainLater)
        .onMessage(Answered.class, this::answered)
        .build();
  }

  private Attestor lookAround() {
    if (forked || isForked() || !replica.isProven() || !caughtUp.getAsBoolean()) {
      return this;
    }
    List<Question> open = replica.read(this::unanswered);
    asked.keySet().retainAll(replica.read(Attestor::allOpen));
    Iterator<Question> next = open.iterator();
    while (next.hasNext() && underWay(question -> true) < LOOKS) {
      Question question = next.next();
      if (isExecution(question) && underWay(Attestor::isExecution) >= EXECUTIONS) {
        continue;
      }
      if (asked.putIfAbsent(question, Progress.LOOKING) == null) {
        look(question);
      }
    }
    return this;
  }

  private static boolean isExecution(Question question) {
    return question.fact() instanceof Fact.Dispute;
  }

  private long underWay(Predicate<Question> which) {
    return asked.entrySet().stream()
        .filter(entry -> entry.getValue() != Progress.WAITING && which.test(entry.getKey()))
        .count();
  }

  private List<Question> unanswered(MarketState state) {
    Address self = voice.address();
    return state.facts().entrySet().stream()
        .filter(entry -> entry.getValue().voteOf(self).isEmpty())
        .map(entry -> new Question(entry.getKey(), entry.getValue().view()))
        .toList();
  }

  private static List<Question> allOpen(MarketState state) {
    return state.facts().entrySet().stream()
        .map(entry -> new Question(entry.getKey(), entry.getValue().view()))
        .toList();
  }

  private void look(Question question) {
    ActorRef<Message> self = getContext().getSelf();
    looks.execute(
        () -> {
          try {
            self.tell(new Seen(question, witnesses.look(question.fact())));
          } catch (CannotTell | RuntimeException why) {
            self.tell(new Unseen(question, why));
          }
        });
  }

  private Attestor say(Seen seen) {
    Question question = seen.question();
    Fact fact = seen.statement().fact();
    boolean aside = !fact.equals(question.fact());
    Optional<Integer> view = replica.read(state -> viewOf(state, fact));
    // A replica that catches up passes many facts while its witnesses look at them.
    if (!aside && !view.equals(Optional.of(question.view()))) {
      return answered(new Answered(question));
    }
    asked.put(question, Progress.SAID);
    // The leader's answer may be here before the entry: until this replica holds the vote, the
    // fact looks unanswered.
    getContext()
        .pipeToSelf(
            voice
                .say(new Command.Attest(fact, view.orElse(0), seen.statement().value()))
                .thenCompose(written -> replica.applied(written.index())),
            (held, failure) ->
                failure != null || aside ? new Unseen(question, failure) : new Answered(question));
    count.attested(fact);
    return this;
  }

  private static Optional<Integer> viewOf(MarketState state, Fact fact) {
    return Optional.ofNullable(state.facts().get(fact)).map(OpenFact::view);
  }

  private Attestor lookAgainLater(Unseen unseen) {
    log.debug("cannot tell {} yet", unseen.question().fact(), unseen.why());
    count.couldNotTell(unseen.question().fact());
    asked.replace(unseen.question(), Progress.WAITING);
    timers.startSingleTimer(unseen.question(), new Answered(unseen.question()), AGAIN);
    return lookAround();
  }

  private Attestor answered(Answered answered) {
    asked.remove(answered.question());
    return lookAround();
  }

  private boolean isForked() {
    forked =
        replica.isContradicted()
            || replica.read(
                state ->
                    state.ticks().values().stream()
                        .filter(tick -> tick.slot() >= 0) // before its first beat it says nothing
                        .anyMatch(
                            tick ->
                                replica
                                    .hashAt(tick.index())
                                    .filter(own -> !own.equals(tick.hash()))
                                    .isPresent()));
    if (forked) {
      log.error("FORKED: a fellow validator holds another log; this one attests no more");
      count.forked();
    }
    return forked;
  }
}
