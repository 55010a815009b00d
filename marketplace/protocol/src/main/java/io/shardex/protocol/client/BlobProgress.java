package io.shardex.protocol.client;

/**
 * Told before the first chunk that a transfer moves and after each, on the transfer's thread. An
 * upload that goes on at another node begins anew, with what that one has.
 */
public interface BlobProgress {
  BlobProgress NONE = (doneBytes, totalBytes) -> {};

  /**
   * @param doneBytes there so far, those that were there before included; at most {@code
   *     totalBytes}
   */
  void at(long doneBytes, long totalBytes);
}
