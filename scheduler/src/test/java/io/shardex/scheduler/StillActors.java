package io.shardex.scheduler;

import java.time.Duration;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;

/** Actors that run on the test's own thread, under a clock that only the test moves. */
public final class StillActors implements AutoCloseable {
  private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
  private final ManualTime time = ManualTime.get(kit.system());

  public <T> ActorRef<T> spawn(Behavior<T> behavior) {
    return kit.spawn(
        behavior, DispatcherSelector.fromConfig("pekko.test.calling-thread-dispatcher"));
  }

  public void stop(ActorRef<?> actor) {
    kit.stop(actor);
  }

  public void pass(long millis) {
    time.timePasses(Duration.ofMillis(millis));
  }

  @Override
  public void close() {
    kit.shutdownTestKit();
  }
}
