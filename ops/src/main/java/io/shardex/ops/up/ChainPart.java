package io.shardex.ops.up;

import io.shardex.ops.localnet.Anvil;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** The development chain, gone on with from the state in its folder. */
record ChainPart(Path anvil, int port, long chainId, Path folder) implements Part {
  @Override
  public String name() {
    return "chain";
  }

  @Override
  public Running start() throws InterruptedException {
    Anvil chain = Anvil.start(anvil, port, chainId, folder);
    CompletableFuture<String> ended =
        chain.death().thenApply(trouble -> "ended: " + trouble.what());
    return new Running() {
      @Override
      public CompletableFuture<String> ended() {
        return ended;
      }

      @Override
      public OptionalLong pid() {
        return OptionalLong.of(chain.pid());
      }

      @Override
      public void close() {
        chain.close();
      }
    };
  }
}
