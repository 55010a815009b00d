package io.shardex.ops.localnet;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardex.ops.launch.Trouble;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A development chain of our own: one Anvil process on the loopback address with a block a second,
 * its state in a folder, alive no longer than this JVM.
 *
 * <p>It is a real EVM with real JSON-RPC, and nobody's money: it starts without any account, and
 * {@link #fund} mints the gas money. After a kill it has lost at most its last second or two.
 */
public final class Anvil implements AutoCloseable {
  private static final Duration READY_LIMIT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final int FREE_PORT_TRIES = 5;
  // States kept for calls at older blocks; far more than any confirmation depth of the network.
  private static final int STATES_KEPT = 64;

  private final TetheredProcess process;
  private final JsonRpc rpc;
  private final int port;
  private final long chainId;
  private final Path log;

  private Anvil(TetheredProcess process, JsonRpc rpc, int port, long chainId, Path log) {
    this.process = process;
    this.rpc = rpc;
    this.port = port;
    this.chainId = chainId;
    this.log = log;
  }

  /**
   * The program: what SHARDEX_ANVIL names, else the installed package's, else {@code anvil} on the
   * PATH.
   *
   * @throws Trouble when there is none
   */
  public static Path binary(NodePackages packages, Map<String, String> environment) {
    String fix = "Set SHARDEX_ANVIL to an executable Anvil, or put 'anvil' on the PATH";
    String named = environment.getOrDefault("SHARDEX_ANVIL", "");
    if (!named.isEmpty()) {
      Path binary = Path.of(named);
      if (!Files.isRegularFile(binary) || !Files.isExecutable(binary)) {
        throw Trouble.environment("SHARDEX_ANVIL is '" + named + "', which cannot be run", fix);
      }
      return binary;
    }
    // The package is for 64-bit x86 Linux; npm leaves it out elsewhere.
    Path installed = packages.modules().resolve("@foundry-rs/anvil-linux-amd64/bin/anvil");
    if (Files.isExecutable(installed)) {
      return installed;
    }
    return Program.find("anvil", Program.path(environment))
        .orElseThrow(
            () ->
                Trouble.environment(
                    "there is no Anvil for this machine (%s, %s)"
                        .formatted(System.getProperty("os.name"), System.getProperty("os.arch")),
                    fix));
  }

  /**
   * Starts the chain and returns when it answers.
   *
   * @param port the port on 127.0.0.1, or 0 for a free one
   * @param folder holds {@code chain-state.json}, which is gone on from if it exists, and {@code
   *     chain.log}
   * @throws Trouble when the port is in use or the process ends before it answers
   */
  public static Anvil start(Path binary, int port, long chainId, Path folder)
      throws InterruptedException {
    try {
      Files.createDirectories(folder);
      for (int attempt = 1; port == 0 && attempt < FREE_PORT_TRIES; attempt++) {
        int free = LoopbackPort.free();
        try {
          return startOn(binary, free, chainId, folder);
        } catch (Trouble trouble) {
          if (LoopbackPort.isFree(free)) {
            throw trouble;
          }
          // Somebody was faster; Anvil cannot pick a port by itself and tell it.
        }
      }
      return startOn(binary, port == 0 ? LoopbackPort.free() : port, chainId, folder);
    } catch (IOException e) {
      throw Trouble.environment(
          "the chain cannot be started in " + folder + ": " + e, "Choose another folder");
    }
  }

  private static Anvil startOn(Path binary, int port, long chainId, Path folder)
      throws IOException, InterruptedException {
    if (!LoopbackPort.isFree(port)) {
      throw inUse(port);
    }
    Path log = folder.resolve("chain.log");
    TetheredProcess process =
        TetheredProcess.start(
            command(binary, port, chainId, folder.resolve("chain-state.json")), log);
    JsonRpc rpc = new JsonRpc(URI.create("http://127.0.0.1:" + port));
    Anvil anvil = new Anvil(process, rpc, port, chainId, log);
    try {
      anvil.awaitReady();
      return anvil;
    } catch (InterruptedException | RuntimeException e) {
      anvil.close();
      throw e;
    }
  }

  private static List<String> command(Path binary, int port, long chainId, Path state) {
    return List.of(
        binary.toString(),
        "--quiet",
        "--host",
        "127.0.0.1",
        "--port",
        Integer.toString(port),
        "--no-cors",
        "--chain-id",
        Long.toString(chainId),
        "--block-time",
        "1",
        "--accounts",
        "0",
        "--enable-tx-gas-limit", // EIP-7825, as public chains have it
        "--prune-history",
        Integer.toString(STATES_KEPT),
        "--state",
        state.toString(),
        "--state-interval",
        "1");
  }

  private void awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + READY_LIMIT.toNanos();
    while (System.nanoTime() < deadline) {
      if (process.exit().isDone()) {
        throw LoopbackPort.isFree(port) ? ended(process.exit().join()) : inUse(port);
      }
      try {
        long answered = Long.decode(rpc.call("eth_chainId").asText());
        if (answered != chainId) {
          throw Trouble.environment(
              "the chain on port " + port + " has the id " + answered + " instead of " + chainId,
              "Choose another port with --chain-port");
        }
        return;
      } catch (IOException e) {
        TimeUnit.NANOSECONDS.sleep(POLL.toNanos()); // not listening yet
      }
    }
    throw Trouble.environment(
        "the chain did not answer within " + READY_LIMIT.toSeconds() + " s", "See " + log);
  }

  private static Trouble inUse(int port) {
    return Trouble.environment(
        "port " + port + " is in use, and the chain needs it",
        "Stop what listens there, or choose another port with --chain-port");
  }

  private Trouble ended(int status) {
    return Trouble.environment(
        "the chain ended with status " + status + " before it answered: " + LogTail.of(log),
        "See " + log + "; if its state is of another version, choose a new folder with --dir");
  }

  /** Where its JSON-RPC answers. */
  public URI url() {
    return rpc.url();
  }

  /** The port on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** The chain id it was started with. */
  public long chainId() {
    return chainId;
  }

  /** The process id, for {@link ProcessFigures}. */
  public long pid() {
    return process.pid();
  }

  /**
   * Sets an account's balance; only a development chain can do that.
   *
   * @param address 0x and 40 hex digits
   * @param wei the new balance
   */
  public void fund(String address, BigInteger wei) throws IOException {
    rpc.call("anvil_setBalance", address, "0x" + wei.toString(16));
  }

  /** The number of the newest block. */
  public long blockNumber() throws IOException {
    return Long.decode(rpc.call("eth_blockNumber").asText());
  }

  /** Calls any other JSON-RPC method with string parameters and returns its result. */
  public JsonNode call(String method, Object... parameters) throws IOException {
    return rpc.call(method, parameters);
  }

  /**
   * Completes with what is to be told to the user if the chain ends without {@link #close} having
   * been called; never completes otherwise.
   */
  public CompletableFuture<Trouble> death() {
    CompletableFuture<Trouble> death = new CompletableFuture<>();
    var unused =
        process
            .exit()
            .thenAccept(
                status -> {
                  if (!process.isClosing()) {
                    death.complete(
                        Trouble.environment(
                            "the chain ended unexpectedly with status " + status, "See " + log));
                  }
                });
    return death;
  }

  /** Ends the chain after it has written its state; returns when the process is gone. */
  @Override
  public void close() {
    process.close();
  }
}
