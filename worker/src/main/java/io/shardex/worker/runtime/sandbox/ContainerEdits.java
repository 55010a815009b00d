package io.shardex.worker.runtime.sandbox;

import java.util.List;
import java.util.Map;

/**
 * What a device needs in a container beside its limits.
 *
 * @param devices nodes under /dev
 * @param mounts the driver's libraries and programs
 * @param environment variables
 */
public record ContainerEdits(
    List<Device> devices, List<Mount> mounts, Map<String, String> environment) {
  /** Of a command that uses no device. */
  public static final ContainerEdits NONE = new ContainerEdits(List.of(), List.of(), Map.of());

  /**
   * A device node.
   *
   * @param path in the container
   * @param type {@code c} or {@code b}
   */
  public record Device(String path, String type, long major, long minor) {}

  /**
   * A folder or file of the host, read-only in the container unless the options say otherwise.
   *
   * @param options those of a bind mount
   */
  public record Mount(String source, String target, List<String> options) {
    public Mount {
      options = List.copyOf(options);
    }
  }

  public ContainerEdits {
    devices = List.copyOf(devices);
    mounts = List.copyOf(mounts);
    environment = Map.copyOf(environment);
  }
}
