package io.shardex.worker.runtime.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The network namespace of one container, with its filter and the process that carries its packets
 * to the internet. It is there before the container is, and goes after it.
 */
final class ContainerNetwork implements AutoCloseable {
  /** Where names are asked for; slirp4netns passes that on to the host's own resolver. */
  static final String NAME_SERVER = "10.0.2.3";

  /** The network namespace, mounted over this file. */
  static final String NAMESPACE = "namespace";

  /** What the container finds as /etc/resolv.conf. */
  static final String RESOLVER = "resolv.conf";

  static final String RULES = "rules.nft";

  /**
   * Arguments: a folder in place of /etc and /run, slirp4netns, the namespace. At most about a
   * thousand connections, a GiB of memory and a MiB of words, which a command could make it say
   * without end; a processor only when nobody else wants it.
   */
  static final String SCRIPT =
      """
      ulimit -n 1024
      ulimit -v 1048576
      ulimit -f 2048
      trap '' XFSZ
      exec 3>&1 1>&2
      mount --bind "$1" /etc
      mount --bind "$1" /run
      exec nice -n 19 "$2" --netns-type=path --disable-host-loopback --enable-sandbox \
        --enable-seccomp --configure --mtu=65520 --ready-fd=3 --exit-fd=0 "$3" tap0
      """;

  private static final long READY_MILLIS = 10_000;
  private static final long LOOK_MILLIS = 2;
  private static final long END_SECONDS = 5;
  private static final int MOST_WORDS = 64 << 10;

  private final Path folder;
  private @Nullable Process carrier;

  /** Nothing is made yet. */
  ContainerNetwork(Path folder) {
    this.folder = folder;
  }

  /** Makes the namespace, in which at first there is nothing but the filter. */
  void make(Path unshare, Path nsenter, Path nft) throws SandboxFailure {
    try {
      Files.createFile(namespace());
    } catch (IOException e) {
      throw new SandboxFailure("a network namespace: " + e.getMessage(), e);
    }
    String into = "--net=" + namespace();
    HostTool.run(unshare.toString(), into, "true").orFail("a network namespace");
    HostTool.run(nsenter.toString(), into, nft.toString(), "-f", folder.resolve(RULES).toString())
        .orFail("the filter of a container's network");
  }

  /** Starts what carries its packets, and waits until the namespace has its interface. */
  void join(List<String> command) throws SandboxFailure, InterruptedException {
    Process process;
    try {
      process =
          HostTool.process(command)
              .redirectErrorStream(false)
              .redirectError(words().toFile())
              .start();
    } catch (IOException e) {
      throw new SandboxFailure("slirp4netns cannot be run: " + e.getMessage(), e);
    }
    carrier = process;
    try (InputStream ready = process.getInputStream()) {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(READY_MILLIS);
      while (ready.available() == 0) {
        if (!process.isAlive() || System.nanoTime() > end) {
          throw new SandboxFailure("slirp4netns does not start: " + lastWord());
        }
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (IOException e) {
      throw new SandboxFailure("slirp4netns does not start: " + e.getMessage(), e);
    }
  }

  /** What the container's network namespace is joined by. */
  Path namespace() {
    return folder.resolve(NAMESPACE);
  }

  /** A file for the container's /etc/resolv.conf. */
  Path resolver() {
    return folder.resolve(RESOLVER);
  }

  private Path words() {
    return folder.resolve("slirp4netns.log");
  }

  private String lastWord() throws IOException {
    try (InputStream said = Files.newInputStream(words())) {
      return new String(said.readNBytes(MOST_WORDS), StandardCharsets.UTF_8)
          .lines()
          .reduce((before, last) -> last)
          .orElse("no word of why");
    }
  }

  /** Ends the process and unmounts the namespace; the folder is the caller's to remove. */
  @Override
  public void close() throws SandboxFailure {
    Process process = carrier;
    if (process != null) {
      try {
        // Which ends it; and with it the namespaces it is in.
        process.getOutputStream().close();
      } catch (IOException e) {
        process.destroyForcibly();
      }
      if (!HostTool.waitFor(process, END_SECONDS)) {
        process.destroyForcibly();
      }
    }
    unmount(folder);
  }

  /** Unmounts what an earlier process left in the folder of a network; nothing if nothing is. */
  static void unmount(Path folder) throws SandboxFailure {
    BoundedDisk.unmount(folder.resolve(NAMESPACE));
  }
}
