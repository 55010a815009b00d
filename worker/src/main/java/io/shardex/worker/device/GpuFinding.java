package io.shardex.worker.device;

/**
 * Something that is wrong with a GPU, or is known to lead to that.
 *
 * @param what for people, a clause
 */
public record GpuFinding(Kind kind, String what) {
  /** What follows for a slot that has the GPU; the later, the graver. */
  public enum Effect {
    /** It is told, and nothing else. */
    TOLD,
    /** The lease goes on; none is taken after it until this is over. */
    NO_NEW_LEASE,
    /** What is computed cannot be relied on: the lease ends, and none is taken. */
    ENDS_LEASE
  }

  /** The kinds of findings. */
  public enum Kind {
    /** The driver does not tell of the GPU: it is lost, or its driver is in trouble. */
    SILENT(Effect.ENDS_LEASE),
    /** The driver asks to reset it, or it is in a mode in which nobody can use it. */
    UNUSABLE(Effect.ENDS_LEASE),
    /** Its memory had errors that could not be corrected. */
    MEMORY_ERRORS(Effect.ENDS_LEASE),
    /** The driver logged an Xid error that is the GPU's. */
    XID(Effect.ENDS_LEASE),
    /** The driver logged an Xid error after which the GPU is healthy: a program's, or a repair. */
    MINOR_XID(Effect.TOLD),
    /** The kernel's log cannot be read, so Xid errors are not seen. */
    LOG_UNREADABLE(Effect.TOLD),
    /** Its clocks are held down for heat or power: it computes rightly, and slower. */
    SLOWED(Effect.TOLD),
    /** It is as hot as where it slows itself down. */
    HOT(Effect.TOLD),
    /** It has been so for a minute. */
    HOT_FOR_LONG(Effect.NO_NEW_LEASE),
    /** Its power limit is lowered: it is another good than its class says. */
    POWER_CAPPED(Effect.NO_NEW_LEASE),
    /** Somebody else computes on it. */
    FOREIGN_PROCESS(Effect.NO_NEW_LEASE),
    /** Too much of its memory is taken. */
    MEMORY_TAKEN(Effect.NO_NEW_LEASE);

    private final Effect effect;

    Kind(Effect effect) {
      this.effect = effect;
    }

    public Effect effect() {
      return effect;
    }
  }
}
