package io.shardex.settlement;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real chain for a test: an Anvil process on a free port, gone at the latest with this JVM. */
final class Anvil implements AutoCloseable {
  static final long CHAIN_ID = 4_242;

  private static final int PORT_TRIES = 5;
  private static final long READY_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final Patience ONE_TRY = new Patience(Patience.DEFAULT.call(), 1);

  private final int port;
  private final List<String> options;
  private Process process;

  private Anvil(int port, List<String> options) throws IOException {
    this.port = port;
    this.options = options;
    this.process = launch(CHAIN_ID);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> process.destroyForcibly()));
  }

  /** A chain that makes a block of every transaction at once. */
  static Anvil instant() throws IOException {
    return start();
  }

  /** A chain with these further options of Anvil. */
  static Anvil start(String... options) throws IOException {
    for (int attempt = 1; ; attempt++) {
      Anvil anvil = new Anvil(freePort(), Arrays.asList(options));
      try {
        anvil.awaitReady(CHAIN_ID);
        return anvil;
      } catch (IllegalStateException e) {
        anvil.close();
        if (attempt == PORT_TRIES) {
          throw e; // else, as a rule, somebody took the port meanwhile
        }
      }
    }
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** As a power cut would: nothing is written any more. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Goes on on the same port, from the state it has written. */
  void restart() throws IOException {
    process = launch(CHAIN_ID);
    awaitReady(CHAIN_ID);
  }

  /** Starts another chain on the same port. */
  void restartAs(long chainId) throws IOException {
    process = launch(chainId);
    awaitReady(chainId);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private Process launch(long chainId) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Binary.PATH.toString());
    command.addAll(List.of("--host", "127.0.0.1", "--port", "" + port, "--chain-id", "" + chainId));
    command.addAll(List.of("--quiet", "--accounts", "0", "--enable-tx-gas-limit"));
    command.addAll(options);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private void awaitReady(long chainId) {
    long start = System.nanoTime();
    while (true) {
      try {
        ChainClient.connect(List.of(url()), chainId, ONE_TRY).close();
        return;
      } catch (ChainFailure e) {
        if (!process.isAlive() || System.nanoTime() - start > READY_NANOS) {
          throw new IllegalStateException("Anvil does not answer on port " + port, e);
        }
        ChainClient.pause("start of Anvil", 10);
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The program: SHARDEX_ANVIL, else the package in ops/localnet (installed if it is not). */
  private static final class Binary {
    private static final Path PATH = find();

    private static Path find() {
      Map<String, String> environment = System.getenv();
      String named = environment.getOrDefault("SHARDEX_ANVIL", "");
      if (!named.isEmpty()) {
        return Path.of(named);
      }
      Path localnet = localnet();
      Path installed = localnet.resolve("node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
      if (!Files.isExecutable(installed)) {
        install(localnet);
      }
      return Files.isExecutable(installed) ? installed : onThePath(environment);
    }

    private static Path localnet() {
      for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
        if (Files.isRegularFile(at.resolve("ops/localnet/package-lock.json"))) {
          return at.resolve("ops/localnet");
        }
      }
      throw new IllegalStateException("no ops/localnet above " + Path.of("").toAbsolutePath());
    }

    private static void install(Path localnet) {
      try {
        int status =
            new ProcessBuilder("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
                .directory(localnet.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (status != 0) {
          throw new IllegalStateException(
              "'npm ci --ignore-scripts' failed with status " + status + " in " + localnet);
        }
      } catch (IOException e) {
        throw new IllegalStateException(
            "Anvil is not installed and npm cannot be run: install Node 20 or later with npm, or"
                + " set SHARDEX_ANVIL to an executable Anvil 1.7.1",
            e);
      } catch (InterruptedException e) {
        throw new IllegalStateException("interrupted while npm installed Anvil", e);
      }
    }

    private static Path onThePath(Map<String, String> environment) {
      return Arrays.stream(environment.getOrDefault("PATH", "").split(":"))
          .map(folder -> Path.of(folder, "anvil"))
          .filter(Files::isExecutable)
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalStateException(
                      "there is no Anvil for this machine: set SHARDEX_ANVIL to an executable"));
    }
  }
}
