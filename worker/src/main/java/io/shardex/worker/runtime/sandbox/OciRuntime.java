package io.shardex.worker.runtime.sandbox;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A program that runs containers as the OCI runtime specification says.
 *
 * @param version its first line about itself
 */
public record OciRuntime(Kind kind, Path program, String version) {
  /** The runtimes that are known to keep what the sandbox promises. */
  public enum Kind {
    /** Namespaces, cgroups and seccomp of the host's kernel. */
    RUNC("runc", 16),
    /** gVisor: a kernel of its own between the command and the host's; stronger and slower. */
    RUNSC("runsc", 256);

    private final String program;
    private final int ownPids;

    Kind(String program, int ownPids) {
      this.program = program;
      this.ownPids = ownPids;
    }

    /** Threads of its own in a container's cgroup, at most; runc's end when the command begins. */
    int ownPids() {
      return ownPids;
    }

    /**
     * Whether a container's packets go by the kernel whose filter is in its network namespace.
     * gVisor takes the interface over and sends what it likes.
     */
    boolean keepsNetworkFilter() {
      return this == RUNC;
    }

    /** The program's name, which is also how it is chosen. */
    @Override
    public String toString() {
      return program;
    }
  }

  /** The host's runtime of a kind, if it has one that answers. */
  public static Optional<OciRuntime> find(Kind kind) {
    Optional<Path> program = HostTool.find(kind.toString());
    if (program.isEmpty()) {
      return Optional.empty();
    }
    try {
      String said = HostTool.run(program.get().toString(), "--version").orFail(kind + " --version");
      return Optional.of(
          new OciRuntime(kind, program.get(), said.lines().findFirst().orElse("unknown version")));
    } catch (SandboxFailure e) {
      return Optional.empty();
    }
  }

  /** The program with what it is told before its own command; its state lies in {@code root}. */
  List<String> command(Path root) {
    return switch (kind) {
      case RUNC -> List.of(program.toString(), "--root", root.toString());
      // Its other platform, kvm, hung on a machine without nested virtualisation.
      case RUNSC ->
          List.of(
              program.toString(),
              "--root",
              root.toString(),
              "--platform=ptrace",
              "--network=none",
              "--oci-seccomp",
              "--ignore-cgroups=false");
    };
  }

  /** Whether a container's cgroup can be read after its end. */
  boolean keepsContainers() {
    return kind == Kind.RUNC;
  }
}
