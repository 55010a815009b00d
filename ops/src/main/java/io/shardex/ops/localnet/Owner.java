package io.shardex.ops.localnet;

import io.shardex.market.Address;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.key.SigningKey;
import java.util.List;

/**
 * A provider of the local network.
 *
 * @param key holds the stake and is paid
 * @param reserve least price, after the fee, that its workers accept
 * @param stake what it puts down for all of them
 * @param workers names of its workers
 * @param honest whether they do what they are paid for
 */
public record Owner(
    String name,
    SigningKey key,
    UnitPrice reserve,
    Amount stake,
    List<String> workers,
    boolean honest) {
  public Owner {
    workers = List.copyOf(workers);
  }

  public Address address() {
    return key.address();
  }

  /** What an owner stakes for each worker, in base units. */
  public static final long STAKE_EACH = 10 * Amount.TOKEN;

  /** Three owners with four workers between them. */
  static List<Owner> three(long seed) {
    return List.of(
        owner(seed, "ada", 2_000_000_000L, "worker-1", "worker-2"),
        owner(seed, "bela", 3_000_000_000L, "worker-3"),
        owner(seed, "chen", 4_000_000_000L, "worker-4"));
  }

  /** An owner whose one worker lies as soon as nobody looks at all it does. */
  static Owner liar(long seed) {
    return new Owner(
        "mallory",
        SigningKey.fromSeed(seed, "owner/mallory"),
        new UnitPrice(2_000_000_000L),
        LocalTerms.RULES.money().workerStake(),
        List.of("worker-5"),
        false);
  }

  private static Owner owner(long seed, String name, long reserve, String... workers) {
    return new Owner(
        name,
        SigningKey.fromSeed(seed, "owner/" + name),
        new UnitPrice(reserve),
        Amount.of(STAKE_EACH * workers.length),
        List.of(workers),
        true);
  }
}
