package io.shardex.ops.launch;

import java.util.List;

/** What the launcher's tests start in place of Shardex: says how it was started. */
final class Echo {
  private Echo() {}

  public static void main(String[] arguments) {
    System.out.println("pid " + ProcessHandle.current().pid());
    System.out.println("arguments " + List.of(arguments));
    System.out.println("folder " + System.getProperty("user.dir"));
    System.out.println("home " + System.getProperty("shardex.home"));
    System.out.println("heap " + (Runtime.getRuntime().maxMemory() >> 20));
  }
}
