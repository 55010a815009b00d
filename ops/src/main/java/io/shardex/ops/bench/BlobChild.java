package io.shardex.ops.bench;

import io.shardex.market.Digest;
import io.shardex.market.Network;
import io.shardex.protocol.client.BlobProgress;
import io.shardex.protocol.client.Identity;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.worker.link.Bandwidth;
import io.shardex.worker.link.GrpcLink;
import io.shardex.worker.link.Link;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process that fetches a blob as an agent does, and by raw TCP on loopback as much as the blob
 * has into a SHA-256, in turn. Prints {@code blob S} and {@code tcp S} (seconds) for each, {@code
 * cpu S} for what of its processor time the blob took, and at the end {@code riseMiB M}: its
 * resident peak less what was resident before the first.
 */
final class BlobChild {
  private static final int TCP_BUFFER = 1 << 16;
  private static final double KIB_PER_MIB = 1024;
  private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+([0-9]+) kB$");
  private static final Pattern PEAK = Pattern.compile("(?m)^VmHWM:\\s+([0-9]+) kB$");

  private BlobChild() {}

  /**
   * Fetches.
   *
   * @param arguments network file, key file, passphrase file, blob id, its bytes, a file that is
   *     free, how often
   */
  public static void main(String[] arguments) throws Exception {
    NetworkFile file = NetworkFile.read(Path.of(arguments[0]));
    Network network = file.network();
    Identity identity =
        Identity.of(
            KeyFile.read(Path.of(arguments[1]), Passphrase.fromFile(Path.of(arguments[2]))),
            network);
    Digest blob = Digest.parse(arguments[3]);
    long bytes = Long.parseLong(arguments[4]);
    Path place = Path.of(arguments[5]);
    try (Link link =
        GrpcLink.open(NodeAddresses.of(file), identity, "shardex-bench/1", Bandwidth.UNBOUNDED)) {
      // Connected and logged in, as an agent is that waits.
      byte[] unused = link.blob(blob, 0, 1);
      long before = kib(RESIDENT);
      for (int i = 0; i < Integer.parseInt(arguments[6]); i++) {
        double cpuBefore = cpuSeconds();
        long start = System.nanoTime();
        link.blob(blob, place, bytes, BlobProgress.NONE);
        System.out.println("blob " + (System.nanoTime() - start) / 1e9);
        System.out.println("cpu " + (cpuSeconds() - cpuBefore));
        Files.delete(place);
        System.out.println("tcp " + tcp(bytes));
      }
      System.out.println("riseMiB " + (kib(PEAK) - before) / KIB_PER_MIB);
    }
  }

  /** Seconds that as many bytes take from a thread that sends to this one, which hashes. */
  private static double tcp(long bytes) throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket server = new ServerSocket(0, 1, loopback)) {
      Thread sender = Thread.ofPlatform().daemon().start(() -> send(server, bytes));
      long start = System.nanoTime();
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      long came = 0;
      try (Socket socket = new Socket(loopback, server.getLocalPort());
          InputStream in = socket.getInputStream()) {
        byte[] buffer = new byte[TCP_BUFFER];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          digest.update(buffer, 0, read);
          came += read;
        }
      }
      byte[] unused = digest.digest();
      double seconds = (System.nanoTime() - start) / 1e9;
      sender.join();
      if (came != bytes) {
        throw new IOException("expected " + bytes + " bytes by TCP, but " + came + " came");
      }
      return seconds;
    }
  }

  private static void send(ServerSocket server, long bytes) {
    try (Socket socket = server.accept();
        OutputStream out = socket.getOutputStream()) {
      byte[] buffer = new byte[TCP_BUFFER];
      for (long left = bytes; left > 0; left -= buffer.length) {
        out.write(buffer, 0, (int) Math.min(left, buffer.length));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double cpuSeconds() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
  }

  private static long kib(Pattern figure) throws IOException {
    Matcher found = figure.matcher(Files.readString(Path.of("/proc/self/status")));
    if (!found.find()) {
      throw new IOException("expected Linux's figures of this process, but there are none");
    }
    return Long.parseLong(found.group(1));
  }
}
