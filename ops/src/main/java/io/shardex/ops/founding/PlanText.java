package io.shardex.ops.founding;

import io.shardex.protocol.founding.NetworkPlan;
import java.util.List;

/** A plan as people compare it. */
final class PlanText {
  private PlanText() {}

  static List<String> lines(NetworkPlan plan) {
    return List.of(
        "chain       %d at %s, from block %d"
            .formatted(plan.chainId(), String.join(", ", plan.rpc()), plan.startBlock()),
        "deployer    %s, nonce %d".formatted(plan.deployer(), plan.nonce()),
        "token       %s%s"
            .formatted(plan.token(), plan.newToken() ? ", a development token to be made" : ""),
        "settlement  %s with escrow %s and stake vault %s"
            .formatted(plan.settlement(), plan.escrow(), plan.stakeVault()),
        "treasury    " + plan.treasury(),
        "threshold   " + plan.threshold(),
        "TLS         " + (plan.ca().isEmpty() ? "none: loopback only" : "by a CA of its own"),
        "digest      " + plan.digest());
  }
}
