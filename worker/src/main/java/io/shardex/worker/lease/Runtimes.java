package io.shardex.worker.lease;

import io.shardex.market.RuntimeKind;
import io.shardex.training.proof.ReferenceChain;
import io.shardex.worker.runtime.Trainer;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What an agent executes leases with, which its ask names and nothing else, and what it answers
 * challenges with.
 *
 * @param trainer of the market's own arithmetic
 * @param torch trains strangers' modules, where the owner wants that
 * @param commands runs strangers' commands, where the owner wants that
 * @param chains what computes challenges: the device that the ask is for
 */
public record Runtimes(
    Trainer trainer,
    Optional<TorchRuntime> torch,
    Optional<SandboxRuntime> commands,
    Prover.Chains chains) {
  /** An agent that trains the market's own models, and nothing else. */
  public static Runtimes training(Trainer trainer) {
    return new Runtimes(trainer, Optional.empty(), Optional.empty(), ReferenceChain::new);
  }

  /** Lets go of what is kept between leases. */
  public void rest() {
    torch.ifPresent(TorchRuntime::rest);
  }

  /** What the ask is for. */
  public Set<RuntimeKind> kinds() {
    Set<RuntimeKind> kinds = EnumSet.of(RuntimeKind.REFERENCE);
    torch.ifPresent(present -> kinds.add(RuntimeKind.TORCH));
    commands.ifPresent(present -> kinds.addAll(present.kinds()));
    return kinds;
  }
}
