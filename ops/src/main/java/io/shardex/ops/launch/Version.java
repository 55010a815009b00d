package io.shardex.ops.launch;

import picocli.CommandLine.IVersionProvider;

/** Which Shardex this is: version, commit and the JDK it runs on. */
public final class Version implements IVersionProvider {
  /** The short commit id of the tree the launcher started from, or {@code unknown}. */
  public static String commit() {
    return System.getProperty("shardex.commit", "unknown");
  }

  /** The version of the running JDK, such as {@code 25.0.3}. */
  public static String jdk() {
    return System.getProperty("java.version");
  }

  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[] {
      "shardex " + (version == null ? "unpackaged" : version) + " (" + commit() + "), JDK " + jdk()
    };
  }
}
