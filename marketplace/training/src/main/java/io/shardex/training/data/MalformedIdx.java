package io.shardex.training.data;

/** An IDX file that is not what it should be; the message names the file and what is wrong. */
public final class MalformedIdx extends Exception {
  private static final long serialVersionUID = 1;

  MalformedIdx(String file, String message) {
    super(file + ": " + message);
  }
}
