package io.shardex.ops.localnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.ops.launch.Trouble;
import java.io.BufferedReader;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class AnvilTest {
  private static final long CHAIN_ID = 31_337;
  private static final String ACCOUNT = "0x00000000000000000000000000000000000000aa";

  @TempDir private Path folder;

  @BeforeAll
  static void install() throws InterruptedException {
    Installed.packages().install(System.err::println);
  }

  @Test
  void blocksAreMadeAndCloseLeavesNoProcess() throws Exception {
    ProcessHandle process;
    try (Anvil anvil = Anvil.start(Installed.anvil(), 0, CHAIN_ID, folder)) {
      process = ProcessHandle.of(anvil.pid()).orElseThrow();
      long first = anvil.blockNumber();

      awaitBlock(anvil, first + 2);

      assertTrue(process.isAlive());
      assertEquals("0x7a69", anvil.call("eth_chainId").asText());
      assertTrue(ProcessFigures.of(anvil.pid()).orElseThrow().peakRssKib() > 1_000);
      assertEquals(0, anvil.call("eth_accounts").size());
    }
    assertFalse(process.isAlive());
  }

  @Test
  void aChainGoesOnFromItsState() throws Exception {
    long height;
    try (Anvil anvil = Anvil.start(Installed.anvil(), 0, CHAIN_ID, folder)) {
      anvil.fund(ACCOUNT, new BigInteger("12345678901234567890"));
      awaitBlock(anvil, 2);
      height = anvil.blockNumber();
    }
    try (Anvil again = Anvil.start(Installed.anvil(), 0, CHAIN_ID, folder)) {
      assertTrue(again.blockNumber() >= height, "expected a block from " + height + " on");
      assertEquals("0xab54a98ceb1f0ad2", again.call("eth_getBalance", ACCOUNT, "latest").asText());
    }
  }

  @Test
  void aPortInUseIsNamedWithTheFlagThatChangesIt() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Trouble trouble =
          assertThrows(
              Trouble.class,
              () -> Anvil.start(Installed.anvil(), taken.getLocalPort(), CHAIN_ID, folder));

      assertTrue(
          trouble.what().contains("port " + taken.getLocalPort() + " is in use"), trouble.what());
      assertTrue(trouble.fix().contains("--chain-port"), trouble.fix());
    }
  }

  @Test
  void aStateOfAnotherFormatIsNamed() throws Exception {
    Files.writeString(folder.resolve("chain-state.json"), "{\"version\":0}");

    Trouble trouble =
        assertThrows(Trouble.class, () -> Anvil.start(Installed.anvil(), 0, CHAIN_ID, folder));

    assertTrue(trouble.what().contains("before it answered"), trouble.what());
    assertTrue(trouble.fix().contains("chain.log"), trouble.fix());
  }

  @Test
  void theDeathOfTheChainIsToldButItsCloseIsNot() throws Exception {
    Anvil killed = Anvil.start(Installed.anvil(), 0, CHAIN_ID, folder.resolve("killed"));
    ProcessHandle.of(killed.pid()).orElseThrow().destroyForcibly();
    Trouble told = killed.death().get(30, TimeUnit.SECONDS);
    assertTrue(told.what().contains("137"), told.what());
    killed.close();

    Anvil closed = Anvil.start(Installed.anvil(), 0, CHAIN_ID, folder.resolve("closed"));
    var death = closed.death();
    closed.close();
    assertFalse(death.isDone());
  }

  @Test
  void killingTheJvmEndsTheChain() throws Exception {
    Process jvm = hostJvm();
    try (BufferedReader out = jvm.inputReader(StandardCharsets.US_ASCII)) {
      ProcessHandle chain = ProcessHandle.of(Long.parseLong(out.readLine())).orElseThrow();
      assertTrue(chain.isAlive());

      jvm.destroyForcibly();

      chain.onExit().get(30, TimeUnit.SECONDS);
      assertNotEquals(0, jvm.waitFor());
      assertFalse(chain.isAlive());
    } finally {
      jvm.destroyForcibly();
    }
  }

  @Test
  void aJvmAskedToEndTakesTheChainWithIt() throws Exception {
    Process jvm = hostJvm();
    try (BufferedReader out = jvm.inputReader(StandardCharsets.US_ASCII)) {
      ProcessHandle chain = ProcessHandle.of(Long.parseLong(out.readLine())).orElseThrow();

      jvm.destroy();

      assertEquals(143, jvm.waitFor());
      assertFalse(chain.isAlive(), "the chain is gone before the JVM is");
    } finally {
      jvm.destroyForcibly();
    }
  }

  private Process hostJvm() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            AnvilHost.class.getName(),
            Installed.anvil().toString(),
            folder.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  void aMissingProgramIsToldWithTheVariableThatNamesIt() {
    NodePackages nothing = new NodePackages(folder, Map.of());
    Map<String, String> wrong = Map.of("SHARDEX_ANVIL", folder.resolve("none").toString());

    Trouble unset = assertThrows(Trouble.class, () -> Anvil.binary(nothing, Map.of()));
    Trouble unusable = assertThrows(Trouble.class, () -> Anvil.binary(nothing, wrong));

    assertTrue(unset.fix().contains("SHARDEX_ANVIL"), unset.fix());
    assertTrue(unusable.what().contains("cannot be run"), unusable.what());
  }

  private static void awaitBlock(Anvil anvil, long number) throws Exception {
    while (anvil.blockNumber() < number) {
      Thread.onSpinWait();
    }
  }
}
