package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.decide.MarketMachine;
import io.shardex.market.earnings.Earnings;
import io.shardex.market.earnings.LeaseEarning;
import io.shardex.market.earnings.LeaseEarning.Standing;
import io.shardex.market.earnings.PayeesOf;
import io.shardex.market.state.Account;
import io.shardex.market.state.Job;
import io.shardex.market.state.MarketState;
import io.shardex.pricing.Amount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Told from the events alone, in a market in which owners fail and lie in every way they can. */
@TestInstance(Lifecycle.PER_CLASS)
class EarningsTest {
  private final TreeMap<Address, Earnings> books = new TreeMap<>();
  private final TreeSet<String> reasons = new TreeSet<>();

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 12, 13, 14, 15, 16, 17, 18, 20, 21})
  void whatIsEarnedIsAtEveryIndexWhatTheLedgerSays(long seed) {
    Simulation simulation = new Simulation(seed);
    simulation.run(2_000);
    books.clear();
    MarketMachine machine = new MarketMachine();

    for (LogEntry entry : simulation.market().log()) {
      if (entry.applyTo(machine) instanceof Outcome.Accepted accepted) {
        heard(accepted.events(), machine.state());
        compare(machine.state());
      }
    }

    closes(machine.state());
  }

  @AfterAll
  void everyReasonToWithholdWasSeen() {
    assertTrue(
        reasons.containsAll(List.of("EXPIRED", "AUDIT_MISSED", "PROVEN_LIE", "JOB_ENDED")),
        reasons.toString());
  }

  private void heard(List<Event> events, MarketState after) {
    for (Event event : events) {
      for (Address payee : PayeesOf.of(event, after)) {
        books.computeIfAbsent(payee, Earnings::new).heard(after.clock().millis(), event);
      }
    }
  }

  /** Jobs in the state by payee, jobs that left it in all, stakes. */
  private void compare(MarketState state) {
    Amount gone = Amount.ZERO;
    for (Map.Entry<Address, Earnings> book : books.entrySet()) {
      for (Map.Entry<JobId, Amount> job : book.getValue().earned().entrySet()) {
        if (state.job(job.getKey()).isPresent()) {
          assertEquals(
              state.ledger().balance(Account.paid(job.getKey(), book.getKey())),
              job.getValue(),
              job.getKey() + " to " + book.getKey());
        } else {
          gone = gone.plus(job.getValue());
          assertTrue(book.getValue().isPaid(job.getKey()), job.getKey().toString());
        }
      }
      assertEquals(state.ledger().slashedFrom(book.getKey()), book.getValue().slashed());
    }
    assertEquals(state.ledger().balance(Account.retired(Account.Kind.PAID)), gone);
    for (Job job : state.jobs().values()) {
      Map<Address, Amount> told = new TreeMap<>();
      for (Map.Entry<Address, Earnings> book : books.entrySet()) {
        Amount earned = book.getValue().earned().get(job.id());
        if (earned != null) {
          told.put(book.getKey(), earned);
        }
      }
      assertEquals(state.ledger().paidBy(job.id()), told);
    }
  }

  /** Every lease has come to something, and the leases' pay is all there is but executions. */
  private void closes(MarketState state) {
    for (Earnings book : books.values()) {
      book.close(job -> state.job(job).map(there -> there.phase().ended()).orElse(true));
      Amount byLease = book.executions();
      for (LeaseEarning lease : book.leases()) {
        byLease = byLease.plus(lease.pay());
        assertTrue(
            lease.standing() == Standing.EARNED || lease.standing() == Standing.WITHHELD,
            lease.toString());
        // A run that diverged in its first step is taken as well, and is worth nothing.
        assertTrue(lease.standing() == Standing.EARNED || lease.pay().isZero(), lease.toString());
        if (!lease.why().isEmpty()) {
          reasons.add(lease.why());
        }
      }
      List<Amount> all = new ArrayList<>(book.earned().values());
      assertEquals(all.stream().reduce(Amount.ZERO, Amount::plus), byLease);
      assertEquals(book.sum(true).plus(book.sum(false)), byLease);
    }
  }
}
