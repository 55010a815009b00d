package io.shardex.ops.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.shardex.cli.Declined;
import io.shardex.cli.InputRefused;
import io.shardex.cli.NotCompleted;
import io.shardex.cli.Unprepared;
import io.shardex.market.Rejection;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeAddress;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.client.PlaintextRefused;
import io.shardex.protocol.client.Refused;
import io.shardex.protocol.client.Unreachable;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.ChainFailure;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownFailuresTest {
  @Test
  void eachKindHasItsExitCode() {
    assertEquals(ExitCode.USAGE, code(new InputRefused("what", "Fix")));
    assertEquals(ExitCode.ENVIRONMENT, code(new Unprepared("what", "Fix")));
    assertEquals(ExitCode.REFUSED, code(new Declined("what", "Fix")));
    assertEquals(ExitCode.FAILED, code(new NotCompleted("what", "Fix")));
  }

  @Test
  void theMarketsNoCarriesReasonFaultAndNextStep() {
    Trouble told =
        told(new Refused(new Rejection(Rejection.Reason.JOB_ENDED, "job 1f3a has ended")));

    assertEquals(ExitCode.REFUSED, told.code());
    assertEquals("the market refused (JOB_ENDED, fault: BUILDER): job 1f3a has ended", told.what());
    assertEquals("Nothing: the job has ended", told.fix());
  }

  @Test
  void nodesThatAreAwayAreTheEnvironments() {
    Duration soon = Duration.ofMillis(200);
    try (Nodes nodes =
        Nodes.openPublic(
            NodeAddresses.of(new NodeAddress("127.0.0.1", 1)), new Patience(soon, soon))) {
      Throwable away = failure(() -> new MarketClient(nodes).status());

      assertInstanceOf(Unreachable.class, away);
      assertEquals(ExitCode.ENVIRONMENT, code(away));
    }
  }

  @Test
  void plaintextBeyondThisMachineIsTheEnvironments() {
    Throwable refused = failure(() -> NodeAddresses.of(new NodeAddress("example.org", 1)));

    assertInstanceOf(PlaintextRefused.class, refused);
    assertEquals(ExitCode.ENVIRONMENT, code(refused));
  }

  @Test
  void aChainThatIsAwayIsTheEnvironments() {
    Throwable away =
        failure(
            () ->
                ChainClient.connect(
                    List.of(URI.create("http://127.0.0.1:1")),
                    31_337,
                    new io.shardex.settlement.Patience(Duration.ofMillis(200), 1)));

    assertInstanceOf(ChainFailure.Unavailable.class, away);
    assertEquals(ExitCode.ENVIRONMENT, code(away));
  }

  @Test
  void whatIsNotKnownStaysAsItIs() {
    IllegalStateException bug = new IllegalStateException("no leader");

    assertSame(bug, KnownFailures.told(bug));
  }

  private static Throwable failure(Runnable call) {
    try {
      call.run();
      throw new AssertionError("nothing failed");
    } catch (RuntimeException e) {
      return e;
    }
  }

  private static ExitCode code(Throwable failure) {
    return told(failure).code();
  }

  private static Trouble told(Throwable failure) {
    return assertInstanceOf(Trouble.class, KnownFailures.told(failure));
  }
}
