package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.market.state.Account.Kind;
import io.shardex.pricing.Amount;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Double entry: money enters through a source account and then only moves. At every index
 *
 * <pre>
 * DEPOSITS = FREE + HELD + PAID + FEES + REFUNDED
 * STAKE_IN = BONDED + UNBONDING + WITHDRAWN + BURNED + COMPENSATED
 * </pre>
 */
public final class Ledger {
  private final TreeMap<Account, Amount> balances;
  private final Map<Kind, Amount> totals = new EnumMap<>(Kind.class);

  public Ledger() {
    this(Map.of());
  }

  /** A ledger with these balances, from a snapshot. */
  public Ledger(Map<Account, Amount> balances) {
    this.balances = new TreeMap<>(balances);
    for (Kind kind : Kind.values()) {
      totals.put(kind, Amount.ZERO);
    }
    balances.forEach((account, amount) -> totals.merge(account.kind(), amount, Amount::plus));
  }

  public Amount balance(Account account) {
    return balances.getOrDefault(account, Amount.ZERO);
  }

  /** The sum over all accounts of a kind. */
  public Amount total(Kind kind) {
    return totals.getOrDefault(kind, Amount.ZERO);
  }

  public NavigableMap<Account, Amount> balances() {
    return Collections.unmodifiableNavigableMap(balances);
  }

  /** What each payee of a job has earned, by address. */
  public SortedMap<Address, Amount> paidBy(JobId job) {
    TreeMap<Address, Amount> paid = new TreeMap<>();
    balances
        .subMap(Account.paid(job, Address.ZERO), true, Account.paid(job, LAST), true)
        .forEach((account, amount) -> paid.put(account.party(), amount));
    return paid;
  }

  /** What each beneficiary got out of an owner's slashed stake, by address. */
  public SortedMap<Address, Amount> compensatedFrom(Address owner) {
    TreeMap<Address, Amount> given = new TreeMap<>();
    balances
        .subMap(
            Account.compensated(owner, Address.ZERO), true, Account.compensated(owner, LAST), true)
        .forEach((account, amount) -> given.put(account.beneficiary(), amount));
    return given;
  }

  /** All that was slashed from an owner. */
  public Amount slashedFrom(Address owner) {
    return compensatedFrom(owner).values().stream()
        .reduce(balance(Account.of(Kind.BURNED, owner)), Amount::plus);
  }

  private static final Address LAST = new Address(-1, -1, -1);

  /** Money from the chain; what would carry its source beyond a long is not counted. */
  void receive(Kind source, Account into, Amount amount) {
    Amount room = Amount.of(Long.MAX_VALUE - total(source).units());
    add(Account.source(source), amount.min(room));
    add(into, amount.min(room));
  }

  /** What the chain says has moved, as far as it is there. */
  void moveAtMost(Account from, Account into, Amount amount) {
    move(from, into, amount.min(balance(from)));
  }

  void move(Account from, Account into, Amount amount) {
    Amount rest = balance(from).minus(amount);
    totals.merge(from.kind(), amount, Amount::minus);
    if (rest.isZero()) {
      balances.remove(from);
    } else {
      balances.put(from, rest);
    }
    add(into, amount);
  }

  private void add(Account account, Amount amount) {
    if (!amount.isZero()) {
      balances.merge(account, amount, Amount::plus);
      totals.merge(account.kind(), amount, Amount::plus);
    }
  }
}
