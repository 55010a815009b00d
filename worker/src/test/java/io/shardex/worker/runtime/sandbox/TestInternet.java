package io.shardex.worker.runtime.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A host with a LAN and an internet, as three network namespaces, with a server on port 7000 of
 * each that writes down what it hears. Nothing of it touches the machine's own network.
 *
 * <pre>
 *                   198.51.100.2       198.51.100.1   203.0.113.1 on the internet, and what a
 *   LAN  ---------- host --------------- internet     default route finds of private networks:
 *   192.168.77.2    192.168.77.1                      10.99.0.1, 169.254.169.254
 *   203.0.113.130   203.0.113.129
 * </pre>
 */
final class TestInternet implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  /**
   * Says hello to who connects; answers a datagram, and one that says {@code twice} from another
   * port, too. Arguments: its name, and the addresses at which it has datagrams; it is in each
   * group among them.
   */
  private static final String SERVER =
      """
      use strict; use Socket; $| = 1;
      my $name = shift;
      socket(my $tcp, PF_INET, SOCK_STREAM, 0) or die; setsockopt($tcp, SOL_SOCKET, SO_REUSEADDR, 1);
      bind($tcp, sockaddr_in(7000, INADDR_ANY)) or die $!; listen($tcp, 20) or die $!;
      my @udp = map {
        socket(my $s, PF_INET, SOCK_DGRAM, 0) or die;
        bind($s, sockaddr_in(7000, inet_aton($_))) or die "$_: $!";
        setsockopt($s, 0, 35, inet_aton($_) . inet_aton('198.51.100.1')) or die $! if /^239/;
        $s
      } @ARGV;
      print "up\n";
      while (1) {
        my $ready = ''; vec($ready, fileno $_, 1) = 1 for $tcp, @udp;
        select($ready, undef, undef, undef);
        if (vec($ready, fileno $tcp, 1)) {
          accept(my $who, $tcp) or next;
          print "tcp\n"; syswrite($who, "hello from $name\n"); close $who;
        }
        for my $udp (grep { vec($ready, fileno $_, 1) } @udp) {
          my $from = recv($udp, my $said, 1000, 0) or next;
          print "udp $said\n"; send($udp, "udp from $name", 0, $from);
          if ($said eq 'twice') {
            socket(my $other, PF_INET, SOCK_DGRAM, 0); send($other, 'from a stranger', 0, $from);
          }
        }
      }
      """;

  private final String name =
      "shx" + ProcessHandle.current().pid() + "n" + NUMBER.incrementAndGet();
  private final Path folder;
  private final List<Process> servers = new ArrayList<>();

  private TestInternet(Path folder) {
    this.folder = folder;
  }

  /** Made anew; {@code folder} is for what its servers write. */
  static TestInternet make(Path folder) throws Exception {
    TestInternet made = new TestInternet(folder);
    try {
      made.lay();
      return made;
    } catch (Exception | AssertionError e) {
      made.close();
      throw e;
    }
  }

  private void lay() throws Exception {
    for (String space : List.of("host", "lan", "net")) {
      ip("netns", "add", space(space));
      in(space, "link", "set", "lo", "up");
    }
    link("host", "net");
    link("host", "lan");
    address("host", "to-net", "198.51.100.2/30");
    address("net", "to-host", "198.51.100.1/30");
    address("host", "to-lan", "192.168.77.1/24");
    address("host", "to-lan", "203.0.113.129/25");
    address("lan", "to-host", "192.168.77.2/24");
    address("lan", "to-host", "203.0.113.130/25");
    in("host", "route", "add", "default", "via", "198.51.100.1");
    for (String far : List.of("203.0.113.1", "10.99.0.1", "169.254.169.254")) {
      address("net", "lo", far + "/32");
    }
    String resolver = resolver();
    boolean local = resolver.startsWith("127.");
    if (!local) {
      address("net", "lo", resolver + "/32");
    }
    serve("host", "host", "127.0.0.1", "198.51.100.2", "192.168.77.1", "203.0.113.129");
    serve("lan", "lan", "192.168.77.2", "203.0.113.130");
    serve(
        "net",
        "internet",
        "198.51.100.1",
        "203.0.113.1",
        "10.99.0.1",
        "169.254.169.254",
        "239.255.255.250",
        "255.255.255.255");
    serveNames(local ? "host" : "net");
  }

  /** The first server of names that this machine asks. */
  static String resolver() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/etc/resolv.conf"))) {
      return lines
          .filter(line -> line.matches("nameserver +[0-9.]+ *"))
          .findFirst()
          .map(line -> line.replaceFirst("nameserver +", "").strip())
          .orElse("127.0.0.1");
    }
  }

  private void link(String one, String other) throws Exception {
    ip(
        "link",
        "add",
        "to-" + other,
        "netns",
        space(one),
        "type",
        "veth",
        "peer",
        "name",
        "to-" + one,
        "netns",
        space(other));
    in(one, "link", "set", "to-" + other, "up");
    in(other, "link", "set", "to-" + one, "up");
  }

  private void address(String space, String device, String address) throws Exception {
    in(space, "address", "add", address, "dev", device);
  }

  private void serve(String space, String called, String... addresses) throws Exception {
    List<String> line = new ArrayList<>(inside(space, "perl", "-e", SERVER, called));
    line.addAll(List.of(addresses));
    started(called, line);
  }

  private void serveNames(String space) throws Exception {
    started(
        "names",
        inside(
            space,
            "perl",
            "-e",
            "use Socket; $| = 1; socket(S, PF_INET, SOCK_DGRAM, 0); bind(S, sockaddr_in(53,"
                + " INADDR_ANY)) or die $!; print \"up\\n\"; while (my $f = recv(S, $_, 1000, 0)) {"
                + " send(S, 'a name', 0, $f) }"));
  }

  private void started(String called, List<String> line) throws Exception {
    Path heard = folder.resolve(called + ".heard");
    Process server =
        HostTool.process(line)
            .redirectOutput(heard.toFile())
            .redirectError(folder.resolve(called + ".err").toFile())
            .redirectErrorStream(false)
            .start();
    servers.add(server);
    while (!Files.readString(heard).contains("up")) {
      if (!server.isAlive()) {
        throw new AssertionError(
            called + " does not serve: " + Files.readString(folder.resolve(called + ".err")));
      }
      Thread.sleep(10);
    }
  }

  /** What the server of this name has heard since it was last asked; its lines. */
  List<String> heard(String called) throws IOException {
    Path heard = folder.resolve(called + ".heard");
    List<String> lines = Files.readAllLines(heard, StandardCharsets.UTF_8);
    Path before = folder.resolve(called + ".before");
    int known = Files.exists(before) ? Integer.parseInt(Files.readString(before)) : 1;
    Files.writeString(before, String.valueOf(lines.size()));
    return lines.subList(known, lines.size());
  }

  /** A command line in the host. */
  List<String> inHost(String... words) {
    return inside("host", words);
  }

  private List<String> inside(String space, String... words) {
    List<String> line = new ArrayList<>();
    line.addAll(List.of("nsenter", "--net=/run/netns/" + space(space)));
    line.addAll(List.of(words));
    return line;
  }

  private String space(String called) {
    return name + called;
  }

  private void in(String space, String... words) throws Exception {
    List<String> line = new ArrayList<>(List.of("-n", space(space)));
    line.addAll(List.of(words));
    ip(line.toArray(String[]::new));
  }

  private static void ip(String... words) throws SandboxFailure {
    List<String> line = new ArrayList<>(List.of("ip"));
    line.addAll(List.of(words));
    HostTool.run(line.toArray(String[]::new)).orFail(String.join(" ", line));
  }

  @Override
  public void close() throws SandboxFailure {
    servers.forEach(Process::destroyForcibly);
    for (String space : List.of("host", "lan", "net")) {
      if (Files.exists(Path.of("/run/netns", space(space)))) {
        ip("netns", "delete", space(space));
      }
    }
  }
}
