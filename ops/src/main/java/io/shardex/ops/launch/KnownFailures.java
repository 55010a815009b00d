package io.shardex.ops.launch;

import io.shardex.cli.Declined;
import io.shardex.cli.InputRefused;
import io.shardex.cli.NotCompleted;
import io.shardex.cli.Stalled;
import io.shardex.cli.Unprepared;
import io.shardex.market.Rejection;
import io.shardex.protocol.client.CallInterrupted;
import io.shardex.protocol.client.ClientFailure;
import io.shardex.protocol.client.Denied;
import io.shardex.protocol.client.PlaintextRefused;
import io.shardex.protocol.client.Refused;
import io.shardex.protocol.client.Throttled;
import io.shardex.protocol.client.Unreachable;
import io.shardex.settlement.ChainFailure;
import java.util.Locale;

/** What the parts fail with, as the user is told it: the only place where exit codes are chosen. */
final class KnownFailures {
  private KnownFailures() {}

  /** The failure in the launcher's words; what it does not know stays as it is. */
  static Throwable told(Throwable failure) {
    return switch (failure) {
      case InputRefused refused -> trouble(ExitCode.USAGE, refused, refused.fix());
      case Unprepared missing -> trouble(ExitCode.ENVIRONMENT, missing, missing.fix());
      case Declined declined -> trouble(ExitCode.REFUSED, declined, declined.fix());
      case NotCompleted ended -> trouble(ExitCode.FAILED, ended, ended.fix());
      case Stalled stalled -> trouble(ExitCode.FAILED, stalled, stalled.fix());
      case PlaintextRefused refused ->
          trouble(
              ExitCode.ENVIRONMENT,
              refused,
              "Get the network file with the network's 'ca', or reach the node through a tunnel");
      case ClientFailure broken -> ofNodes(broken);
      case ChainFailure broken -> ofChain(broken);
      default -> failure;
    };
  }

  private static Throwable ofNodes(ClientFailure failure) {
    return switch (failure) {
      case Refused refused -> refusal(refused);
      case CallInterrupted interrupted -> interruption(interrupted);
      case Unreachable away ->
          trouble(
              ExitCode.ENVIRONMENT,
              away,
              "See whether the nodes run and the network file is theirs: shardex doctor");
      case Denied denied ->
          trouble(
              ExitCode.REFUSED,
              denied,
              denied.nextStep().isEmpty()
                  ? "Name the key that may: --key FILE"
                  : sentence(denied.nextStep()));
      case Throttled throttled ->
          trouble(ExitCode.FAILED, throttled, "Wait a moment and start again");
      case ClientFailure broken ->
          trouble(ExitCode.FAILED, broken, "Is the node of another version? Its log has more");
    };
  }

  private static Throwable ofChain(ChainFailure failure) {
    return switch (failure) {
      case ChainFailure.Interrupted interrupted -> interruption(interrupted);
      case ChainFailure.Unavailable away ->
          trouble(
              ExitCode.ENVIRONMENT,
              away,
              "See whether the chain runs, and rpc in the network file: shardex doctor");
      case ChainFailure.WrongChain wrong ->
          trouble(ExitCode.ENVIRONMENT, wrong, "Check rpc and chainId in the network file");
      case ChainFailure.BadAnswer bad ->
          trouble(
              ExitCode.ENVIRONMENT,
              bad,
              "Are the network's contracts on this chain? 'shardex doctor' looks for them");
      case ChainFailure.Reverted reverted ->
          trouble(
              ExitCode.REFUSED,
              reverted,
              "Nothing was moved but gas money; 'shardex wallet balance' shows what there is");
      case ChainFailure.Stuck stuck ->
          trouble(
              ExitCode.FAILED,
              stuck,
              "It may still get into a block: look before you send it again");
      case ChainFailure broken ->
          trouble(ExitCode.FAILED, broken, "See the chain's log; 'shardex doctor' checks the rest");
    };
  }

  private static Trouble refusal(Refused refused) {
    Rejection no = refused.rejection();
    return new Trouble(
        ExitCode.REFUSED,
        "the market refused (%s, fault: %s): %s"
            .formatted(no.reason(), no.reason().fault(), no.detail()),
        sentence(no.reason().nextStep()),
        refused);
  }

  private static Trouble trouble(ExitCode code, Exception failure, String fix) {
    String what = String.valueOf(failure.getMessage());
    return new Trouble(code, withoutStop(what), fix, failure);
  }

  /** The launcher sets the full stop itself. */
  private static String withoutStop(String what) {
    return what.endsWith(".") ? what.substring(0, what.length() - 1) : what;
  }

  private static InterruptedException interruption(Exception cause) {
    InterruptedException interruption =
        new InterruptedException(String.valueOf(cause.getMessage()));
    interruption.initCause(cause);
    return interruption;
  }

  private static String sentence(String clause) {
    return clause.substring(0, 1).toUpperCase(Locale.ROOT) + clause.substring(1);
  }
}
