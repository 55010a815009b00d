package io.shardex.ops.founding;

import io.shardex.market.Address;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.founding.NetworkPlan;
import io.shardex.protocol.founding.NodeCard;
import io.shardex.protocol.network.InvalidNetworkFile;
import io.shardex.settlement.Contracts;
import io.shardex.settlement.Deployment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Reads plans and cards; what is wrong with one is said with its path. */
final class PlanFile {
  private PlanFile() {}

  /** Reads a plan, whose addresses must be those that follow from its deployer's nonce. */
  static NetworkPlan read(Path path) {
    NetworkPlan plan = read(path, "plan", NetworkPlan::read);
    Contracts follow = contracts(plan);
    if (!follow.settlement().equals(plan.settlement())
        || !follow.escrow().equals(plan.escrow())
        || !follow.stakeVault().equals(plan.stakeVault())
        || !follow.token().equals(plan.token())) {
      throw new Trouble(
          ExitCode.USAGE,
          "%s: nonce %d of deployer %s makes Settlement %s, but the plan says %s, or another of its"
                  .formatted(
                      path, plan.nonce(), plan.deployer(), follow.settlement(), plan.settlement())
              + " addresses does not follow",
          "Get the plan anew from the coordinator, who makes it with 'shardex network plan'");
    }
    return plan;
  }

  static NodeCard card(Path path) {
    return read(path, "node card", NodeCard::read);
  }

  /** Where a plan's contracts will be. */
  static Contracts contracts(NetworkPlan plan) {
    return Deployment.addresses(
        plan.chainId(), plan.deployer(), plan.nonce(), existingToken(plan), plan.startBlock());
  }

  static Optional<Address> existingToken(NetworkPlan plan) {
    return plan.newToken() ? Optional.empty() : Optional.of(plan.token());
  }

  private interface Reader<T> {
    T read(Path path) throws IOException, InvalidNetworkFile;
  }

  private static <T> T read(Path path, String what, Reader<T> reader) {
    try {
      return reader.read(path);
    } catch (InvalidNetworkFile e) {
      throw new Trouble(
          ExitCode.USAGE,
          "%s is no %s: %s".formatted(path, what, e.getMessage()),
          "Get it anew",
          e);
    } catch (IOException e) {
      throw new Trouble(
          ExitCode.USAGE,
          "the %s %s cannot be read: %s".formatted(what, path, e),
          "Check the path and the file's rights",
          e);
    }
  }
}
