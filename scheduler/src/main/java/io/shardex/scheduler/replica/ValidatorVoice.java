package io.shardex.scheduler.replica;

import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.protocol.key.EnvelopeSigner;
import java.util.concurrent.CompletableFuture;

/** What this node's validator says: commands under its own key, straight into the log. */
public final class ValidatorVoice {
  private final EnvelopeSigner signer;
  private final LogWriter log;

  public ValidatorVoice(EnvelopeSigner signer, LogWriter log) {
    this.signer = signer;
    this.log = log;
  }

  public Address address() {
    return signer.address();
  }

  /** Signs the command and writes it. */
  public CompletableFuture<LogWriter.Written> say(Command command) {
    return log.write(signer.sign(command));
  }
}
