package io.shardex.training.model;

/** A blob that is not the round model, shard result or checkpoint it should be. */
public final class MalformedBlob extends Exception {
  private static final long serialVersionUID = 1;

  /** What is wrong. */
  public enum Fault {
    /** Shorter or longer than its kind and shape ask for. */
    WRONG_LENGTH,
    /** Does not begin with the kind's four letters. */
    WRONG_MAGIC,
    /** Format, arithmetic or aggregation of another version. */
    WRONG_VERSION,
    /** Another model's layers. */
    WRONG_SHAPE,
    /** Another round, shard, sample count or step count than expected. */
    WRONG_PLACE,
    /** A parameter or the loss is NaN or infinite. */
    NOT_FINITE
  }

  private final Fault fault;

  MalformedBlob(Fault fault, String message) {
    super(message);
    this.fault = fault;
  }

  public Fault fault() {
    return fault;
  }
}
