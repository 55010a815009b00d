package io.shardex.ops.demo;

import io.shardex.cli.JobView;
import io.shardex.market.Ending;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import java.util.Locale;

/** What only a demo can fail with. */
final class DemoTroubles {
  private DemoTroubles() {}

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
}
