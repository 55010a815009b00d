package io.shardex.ops.localnet;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A JVM to be killed: starts a chain, prints its process id, waits for ever. */
final class AnvilHost {
  private AnvilHost() {}

  public static void main(String[] arguments) throws Exception {
    Anvil anvil = Anvil.start(Path.of(arguments[0]), 0, 31_337, Path.of(arguments[1]));
    System.out.println(anvil.pid());
    new CountDownLatch(1).await();
  }
}
