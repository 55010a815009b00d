package io.shardex.market;

import io.shardex.market.codec.Samples;
import java.util.LinkedHashSet;
import java.util.Set;

/** Runs the simulation for a range of seeds, by hand: first seed, count, steps. */
final class Seeds {
  private Seeds() {}

  public static void main(String[] args) {
    long first = Long.parseLong(args[0]);
    int failed = 0;
    Set<Class<?>> missing = new LinkedHashSet<>(Samples.cases(Event.class).toList());
    for (long seed = first; seed < first + Long.parseLong(args[1]); seed++) {
      try {
        Simulation simulation = new Simulation(seed);
        simulation.run(Integer.parseInt(args[2]));
        simulation.replicasAgree();
        missing.removeAll(simulation.market().seen());
      } catch (RuntimeException | AssertionError e) {
        failed++;
        System.out.println("seed " + seed + ": " + e);
        for (StackTraceElement at : e.getStackTrace()) {
          if (at.getClassName().startsWith("io.shardex")) {
            System.out.println("  at " + at);
          }
        }
      }
    }
    System.out.println("never seen: " + missing);
    System.out.println(failed + " of " + args[1] + " seeds failed");
  }
}
