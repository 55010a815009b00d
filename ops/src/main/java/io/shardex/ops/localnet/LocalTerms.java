package io.shardex.ops.localnet;

import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.key.BeaconChain;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkId;
import io.shardex.settlement.Contracts;
import java.util.Comparator;
import java.util.List;

/** What the local network asks of a job, known before it is started. */
public final class LocalTerms {
  public static final ResourceClass CPU = new ResourceClass("cpu");
  public static final Rules RULES = Rules.local();

  /** Rules by which no result is audited unless its job asks for it. */
  public static final Rules UNAUDITED = unaudited();

  /** A CPU slot does about 16,700 WU in a second; prices on screen convert by it. */
  static final List<Network.ClassTerms> CLASSES =
      List.of(
          new Network.ClassTerms(CPU, new UnitPrice(5_500_000_000L), new WorkUnits(60_000_000)));

  private LocalTerms() {}

  private static Rules unaudited() {
    Rules.Money money = RULES.money();
    Rules.Audits audits = RULES.audits();
    return new Rules(
        RULES.pace(),
        new Rules.Money(money.fee(), money.workerStake(), new PartsPerMillion(0)),
        RULES.bounds(),
        new Rules.Audits(
            audits.reveal(),
            audits.dispute(),
            0,
            audits.draws(),
            audits.duties(),
            audits.beaconSlots(),
            audits.beaconSteps(),
            audits.checkpoint()),
        RULES.proofs());
  }

  /** The network of these contracts, with the tips of the validators' first chains. */
  public static Network network(
      Contracts contracts, Address treasury, List<SigningKey> validators, int threshold) {
    return network(contracts, treasury, validators, threshold, RULES);
  }

  /** The same by other rules. */
  public static Network network(
      Contracts contracts,
      Address treasury,
      List<SigningKey> validators,
      int threshold,
      Rules rules) {
    NetworkId id = new NetworkId(contracts.chainId(), contracts.settlement());
    List<SigningKey> sorted =
        validators.stream().sorted(Comparator.comparing(SigningKey::address)).toList();
    return new Network(
        contracts.chainId(),
        contracts.escrow(),
        contracts.stakeVault(),
        contracts.settlement(),
        contracts.token(),
        contracts.startBlock(),
        treasury,
        sorted.stream().map(SigningKey::address).toList(),
        sorted.stream().map(key -> BeaconChain.of(key, id, 0).tip()).toList(),
        threshold,
        CLASSES,
        rules);
  }

  /** Its classes and rules; the addresses, on which no plan depends, are still zero. */
  public static Network network() {
    Address none = Address.ZERO;
    return new Network(
        1, none, none, none, none, 0, none, List.of(none), List.of(), 1, CLASSES, RULES);
  }
}
