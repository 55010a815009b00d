package io.shardex.ops.demo;

import io.shardex.cli.InputRefused;
import io.shardex.cli.JobView;
import io.shardex.cli.Stalled;
import io.shardex.market.Ending;
import io.shardex.market.Rejection;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.client.CallInterrupted;
import io.shardex.protocol.client.ClientFailure;
import io.shardex.protocol.client.Refused;
import io.shardex.settlement.ChainFailure;
import java.util.Locale;

/** What the parts of a demo fail with, as the user is told it. */
final class DemoTroubles {
  private DemoTroubles() {}

  /** The failure in the launcher's words; what it knows itself stays as it is. */
  static Exception told(Exception failure) {
    return switch (failure) {
      case InputRefused refused ->
          new Trouble(ExitCode.USAGE, message(refused), refused.fix(), refused);
      case Stalled stalled ->
          new Trouble(ExitCode.FAILED, message(stalled), stalled.fix(), stalled);
      case Refused refused -> refusal(refused);
      case CallInterrupted interrupted -> interruption(interrupted);
      case ClientFailure broken ->
          new Trouble(ExitCode.FAILED, message(broken), "See the log in the state folder", broken);
      case ChainFailure.Interrupted interrupted -> interruption(interrupted);
      case ChainFailure broken ->
          new Trouble(
              ExitCode.FAILED, message(broken), "See the chain's log in the state folder", broken);
      default -> failure;
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

  private static InterruptedException interruption(Exception cause) {
    InterruptedException interruption = new InterruptedException(message(cause));
    interruption.initCause(cause);
    return interruption;
  }

  /** A job that did not complete. */
  static Trouble notCompleted(JobView job) {
    Ending ending = job.ending().orElseThrow();
    return new Trouble(
        ExitCode.FAILED,
        "the job is %s (%s, fault: %s): %s"
            .formatted(
                job.phase().orElseThrow(), ending.cause(), ending.cause().fault(), ending.detail()),
        sentence(ending.cause().nextStep()));
  }

  private static String sentence(String clause) {
    return clause.substring(0, 1).toUpperCase(Locale.ROOT) + clause.substring(1);
  }

  private static String message(Exception failure) {
    return String.valueOf(failure.getMessage());
  }
}
