package io.shardex.protocol.client;

/** Told after each chunk of a transfer, on the transfer's thread. */
public interface BlobProgress {
  BlobProgress NONE = (doneBytes, totalBytes) -> {};

  /**
   * @param doneBytes there so far, those that were there before included
   */
  void at(long doneBytes, long totalBytes);
}
