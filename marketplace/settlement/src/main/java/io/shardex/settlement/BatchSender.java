package io.shardex.settlement;

import io.shardex.market.Batch;
import io.shardex.market.ChainEvent;
import io.shardex.market.Digest;
import io.shardex.market.state.SealedBatch;

/** Brings signed batches to the Settlement contract, which anybody may. */
public final class BatchSender {
  private final ContractViews views;
  private final ChainEvents events;

  public BatchSender(ChainClient chain, Contracts contracts) {
    this.views = new ContractViews(chain, contracts);
    this.events = new ChainEvents(chain, contracts);
  }

  /** How a batch came into the chain. */
  public sealed interface Delivery {
    /** By this transaction of ours. */
    record Brought(Receipt receipt) implements Delivery {}

    /** Somebody had brought it before; nothing was sent. */
    record AlreadyThere() implements Delivery {}
  }

  /**
   * Settles the batch unless it is settled. Two senders at once do no harm but cost gas twice.
   *
   * @param batch with the endorsements of k validators
   * @param readTo the block up to which the caller knows that the batch is not settled; the
   *     market's own chain view is one
   * @throws ChainFailure.Reverted when the contract does not accept the endorsements
   */
  public Delivery settle(TransactionSender sender, SealedBatch batch, long readTo) {
    return isSettled(batch.batch(), readTo)
        ? new Delivery.AlreadyThere()
        : new Delivery.Brought(sender.run(call(batch)));
  }

  /** Whether a block after {@code readTo} holds this very batch, final or not. */
  public boolean isSettled(Batch batch, long readTo) {
    long latest = views.chain().latestBlock();
    Digest digest = BatchEncoding.digest(batch);
    return readTo < latest
        && events.events(readTo + 1, latest).contains(new ChainEvent.Settled(batch.id(), digest));
  }

  private Call call(SealedBatch batch) {
    String data =
        views
            .calls()
            .settlement()
            .settle(
                BatchEncoding.abi(batch.batch()),
                batch.endorsements().stream().map(BatchEncoding::abi).toList())
            .encodeFunctionCall();
    return Call.to(
        views.contracts().settlement(), "settlement of batch " + batch.batch().id(), data);
  }
}
