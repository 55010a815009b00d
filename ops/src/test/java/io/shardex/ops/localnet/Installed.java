package io.shardex.ops.localnet;

import java.nio.file.Path;

/** The packages of this tree; tests run in the module's folder. */
final class Installed {
  private Installed() {}

  static NodePackages packages() {
    return new NodePackages(Path.of("localnet").toAbsolutePath(), System.getenv());
  }

  static Path anvil() {
    return Anvil.binary(packages(), System.getenv());
  }
}
