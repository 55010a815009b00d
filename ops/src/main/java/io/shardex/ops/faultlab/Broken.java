package io.shardex.ops.faultlab;

import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import java.nio.file.Path;

/** A promise that was not kept. */
public final class Broken extends RuntimeException {
  private static final long serialVersionUID = 1;

  public Broken(String what) {
    super(what);
  }

  /** What the user is told: what is left to look at lies in a folder. */
  public Trouble leftIn(Path folder) {
    return new Trouble(
        ExitCode.FAILED, String.valueOf(getMessage()), "What is left is in " + folder, this);
  }
}
