package io.shardex.market;

import io.shardex.pricing.UnitPrice;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What a network is: the content of {@code network.json}, and of the log's first entry.
 *
 * @param chainId the chain's id (EIP-155)
 * @param escrow the JobEscrow contract
 * @param stakeVault the StakeVault contract
 * @param settlement the Settlement contract; with the chain id it is the network's identity
 * @param token the escrow token, 6 decimals
 * @param startBlock chain block from which deposits and stakes are read
 * @param treasury who receives the fees
 * @param validators their keys, in ascending order
 * @param beacons the tip of each validator's first hash chain, in the order of their keys; empty if
 *     they announce them later
 * @param threshold k: how many of them make a fact true, more than half
 * @param classes each class with its first price
 */
public record Network(
    long chainId,
    Address escrow,
    Address stakeVault,
    Address settlement,
    Address token,
    long startBlock,
    Address treasury,
    List<Address> validators,
    List<Digest> beacons,
    int threshold,
    List<ClassTerms> classes,
    Rules rules) {
  public Network {
    validators = List.copyOf(validators);
    beacons = List.copyOf(beacons);
    classes = List.copyOf(classes);
    if (!List.copyOf(new TreeSet<>(validators)).equals(validators)) {
      throw new IllegalArgumentException("validators must be distinct and in ascending order");
    }
    if (!beacons.isEmpty() && beacons.size() != validators.size()) {
      throw new IllegalArgumentException(
          validators.size() + " validators have " + beacons.size() + " beacon tips");
    }
    if (threshold * 2 <= validators.size() || threshold > validators.size()) {
      throw new IllegalArgumentException(
          "the threshold must be more than half of "
              + validators.size()
              + " validators and at most all: "
              + threshold);
    }
    if (startBlock < 0) {
      throw new IllegalArgumentException("the start block cannot be " + startBlock);
    }
    if (classes.isEmpty()) {
      throw new IllegalArgumentException("a network needs at least one resource class");
    }
  }

  /** The terms of a class; empty for one that the network does not have. */
  public Optional<ClassTerms> terms(ResourceClass resources) {
    return classes.stream().filter(one -> one.resources().equals(resources)).findFirst();
  }

  /**
   * A class of machines.
   *
   * @param firstPrice price of the first epoch
   * @param workPerHour work a slot of this class does in an hour; converts prices to hours
   */
  public record ClassTerms(
      ResourceClass resources, UnitPrice firstPrice, io.shardex.pricing.WorkUnits workPerHour) {}
}
