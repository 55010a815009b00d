package io.shardex.ops.localnet;

import io.shardex.market.Address;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.pricing.Amount;
import io.shardex.protocol.key.SigningKey;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.Contracts;
import io.shardex.settlement.Deployment;
import io.shardex.settlement.Pace;
import io.shardex.settlement.Stake;
import io.shardex.settlement.TransactionSender;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The local network's chain: an Anvil process with the contracts on it and money handed out. */
public final class LocalChain implements AutoCloseable {
  public static final int NODES = 3;
  public static final long CHAIN_ID = 31_337;

  private static final BigInteger GAS_MONEY = BigInteger.TEN.pow(20);
  private static final Amount BUILDER_MONEY = Amount.of(1_000 * Amount.TOKEN);

  private final Anvil anvil;
  private final ChainClient client;
  private final Contracts contracts;

  private LocalChain(Anvil anvil, ChainClient client, Contracts contracts) {
    this.anvil = anvil;
    this.client = client;
    this.contracts = contracts;
  }

  /** Who has money on the chain from the start. */
  public record Accounts(
      SigningKey deployer, List<SigningKey> validators, SigningKey builder, List<Owner> owners) {
    static Accounts of(long seed, boolean liar) {
      List<SigningKey> validators = new ArrayList<>();
      for (int i = 1; i <= NODES; i++) {
        validators.add(SigningKey.fromSeed(seed, "validator/" + i));
      }
      return new Accounts(
          SigningKey.fromSeed(seed, "deployer"),
          validators,
          SigningKey.fromSeed(seed, "builder"),
          owners(seed, liar));
    }

    private static List<Owner> owners(long seed, boolean liar) {
      List<Owner> owners = new ArrayList<>(Owner.three(seed));
      if (liar) {
        owners.add(Owner.liar(seed));
      }
      return owners;
    }

    public List<Address> validatorAddresses() {
      return validators.stream().map(SigningKey::address).sorted().toList();
    }

    /** Everybody who gets gas money. */
    private List<Address> all() {
      List<Address> all = new ArrayList<>(validatorAddresses());
      all.add(deployer.address());
      all.add(builder.address());
      owners.forEach(owner -> all.add(owner.key().address()));
      return all;
    }
  }

  /** Starts the chain, deploys the contracts and puts the owners' stakes down. */
  public static LocalChain start(
      Path anvilBinary, int port, Path folder, Accounts accounts, int threshold)
      throws IOException, InterruptedException {
    Anvil anvil = Anvil.start(anvilBinary, port, CHAIN_ID, folder);
    try {
      for (Address account : accounts.all()) {
        anvil.fund(account.toString(), GAS_MONEY);
      }
      ChainClient client = ChainClient.connect(List.of(anvil.url()), CHAIN_ID);
      Contracts contracts = deploy(client, accounts, threshold);
      stake(client, contracts, accounts.owners());
      return new LocalChain(anvil, client, contracts);
    } catch (IOException | InterruptedException | RuntimeException e) {
      anvil.close();
      throw e;
    }
  }

  private static Contracts deploy(ChainClient client, Accounts accounts, int threshold) {
    List<Deployment.Grant> grants = new ArrayList<>();
    grants.add(new Deployment.Grant(accounts.builder().address(), BUILDER_MONEY));
    accounts
        .owners()
        .forEach(owner -> grants.add(new Deployment.Grant(owner.key().address(), owner.stake())));
    return Deployment.deploy(
        new TransactionSender(client, accounts.deployer(), Pace.local()),
        Deployment.Plan.usual(Optional.empty(), accounts.validatorAddresses(), threshold, grants));
  }

  private static void stake(ChainClient client, Contracts contracts, List<Owner> owners)
      throws InterruptedException {
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Object>> stakes = new ArrayList<>();
      for (Owner owner : owners) {
        stakes.add(
            () ->
                new Stake(client, contracts)
                    .stake(
                        new TransactionSender(client, owner.key(), Pace.local()), owner.stake()));
      }
      for (Future<Object> stake : pool.invokeAll(stakes)) {
        stake.get();
      }
    } catch (ExecutionException e) {
      throw new Trouble(
          ExitCode.FAILED,
          "the owners' stakes could not be put down: " + e.getCause(),
          "see the chain's log in the state folder",
          e);
    }
  }

  public Anvil anvil() {
    return anvil;
  }

  public URI url() {
    return anvil.url();
  }

  public ChainClient client() {
    return client;
  }

  public Contracts contracts() {
    return contracts;
  }

  @Override
  public void close() {
    client.close();
    anvil.close();
  }
}
