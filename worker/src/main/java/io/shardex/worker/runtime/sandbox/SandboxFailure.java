package io.shardex.worker.runtime.sandbox;

/** The sandbox could not do its part, or the job's command could not be started in it. */
public final class SandboxFailure extends Exception {
  private static final long serialVersionUID = 1L;

  SandboxFailure(String message) {
    super(message);
  }

  SandboxFailure(String message, Throwable cause) {
    super(message, cause);
  }

  /** What is wrong; never null. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
