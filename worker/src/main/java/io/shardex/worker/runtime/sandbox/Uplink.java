package io.shardex.worker.runtime.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The host's programs that bring a container to the internet and to nothing else: slirp4netns, a
 * TCP/IP stack in a process of the host, carries what a filter in the container's own network
 * namespace lets through. Needs root.
 *
 * <p>What is closed: the ranges that are nobody's on the internet (the special-purpose registry of
 * IANA, RFC 6890), and whatever the host has a route to that is not its way to everywhere: itself,
 * its LANs, its containers and tunnels, as they are when a container starts.
 */
final class Uplink {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Not on the internet, or not one machine of it. */
  private static final List<String> NEVER =
      List.of(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.168.0.0/16",
          "198.18.0.0/15",
          "224.0.0.0/3");

  /** A route to more than this is a way to everywhere, as VPNs write it: in two halves. */
  private static final int WIDEST_BITS = 8;

  private static final int MOST_RESOLVER_BYTES = 64 << 10;

  private final Path slirp;
  private final Path nft;
  private final Path ip;
  private final Path unshare;
  private final Path nsenter;
  private final List<String> inHost;

  private Uplink(List<String> inHost) throws SandboxFailure {
    this.slirp = tool("slirp4netns");
    this.nft = tool("nft");
    this.ip = tool("ip");
    this.unshare = tool("unshare");
    this.nsenter = tool("nsenter");
    this.inHost = List.copyOf(inHost);
  }

  /**
   * The host's.
   *
   * @throws SandboxFailure naming the package that the host lacks
   */
  static Uplink find() throws SandboxFailure {
    return in(List.of());
  }

  /**
   * One of a host that is a network namespace.
   *
   * @param inHost the beginning of a command line that runs a program in it
   */
  static Uplink in(List<String> inHost) throws SandboxFailure {
    return new Uplink(inHost);
  }

  private static Path tool(String name) throws SandboxFailure {
    return HostTool.find(name)
        .orElseThrow(
            () ->
                new SandboxFailure(
                    "the internet for commands needs %s, which this host does not have: apt-get"
                            .formatted(name)
                        + " install slirp4netns nftables iproute2"));
  }

  /** A network of a container's own, in a folder of its own; nothing is left if that fails. */
  ContainerNetwork connect(Path folder) throws SandboxFailure, InterruptedException {
    try {
      Files.createDirectory(folder);
      Path resolver = Files.createDirectory(folder.resolve("etc"));
      Files.write(resolver.resolve("resolv.conf"), hostsResolver());
      Files.writeString(
          folder.resolve(ContainerNetwork.RESOLVER),
          "nameserver %s%n".formatted(ContainerNetwork.NAME_SERVER));
      Files.writeString(folder.resolve(ContainerNetwork.RULES), rules(closed()));
    } catch (IOException e) {
      throw new SandboxFailure("the folder of a container's network: " + e.getMessage(), e);
    }
    ContainerNetwork network = new ContainerNetwork(folder);
    try {
      network.make(unshare, nsenter, nft);
      network.join(command(slirp, folder));
      return network;
    } catch (SandboxFailure | InterruptedException | RuntimeException e) {
      network.close();
      throw e;
    }
  }

  private static byte[] hostsResolver() throws IOException {
    try (var in = Files.newInputStream(Path.of("/etc/resolv.conf"))) {
      return in.readNBytes(MOST_RESOLVER_BYTES);
    }
  }

  /** What the host has a route to, and what is never on the internet; sorted. */
  private SortedSet<String> closed() throws SandboxFailure {
    List<String> line = new ArrayList<>(inHost);
    line.addAll(List.of(ip.toString(), "-4", "-json", "route", "show", "table", "all"));
    String said = HostTool.run(line.toArray(String[]::new)).orFail("the host's routes");
    SortedSet<String> closed = new TreeSet<>(NEVER);
    try {
      for (JsonNode route : JSON.readTree(said)) {
        String to = route.path("dst").asText();
        if (!to.equals("default") && bits(to) >= WIDEST_BITS) {
          closed.add(to);
        }
      }
    } catch (JsonProcessingException | NumberFormatException e) {
      throw new SandboxFailure("the host's routes cannot be read: " + e.getMessage(), e);
    }
    return closed;
  }

  private static int bits(String prefix) throws SandboxFailure {
    if (!prefix.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}(/[0-9]{1,2})?")) {
      throw new SandboxFailure("the host has a route to '" + prefix + "', which is no prefix");
    }
    int slash = prefix.indexOf('/');
    return slash < 0 ? Integer.SIZE : Integer.parseInt(prefix.substring(slash + 1));
  }

  /**
   * Packets that leave the container. A route would not do in a filter's place: a multicast or
   * broadcast from a named address goes out without one.
   */
  private static String rules(SortedSet<String> closed) {
    return """
        table inet shardex {
          set closed {
            type ipv4_addr
            flags interval
            auto-merge
            elements = { %s }
          }
          chain out {
            type filter hook output priority 0; policy drop;
            oif lo accept
            ip daddr %s meta l4proto { tcp, udp } th dport 53 accept
            ip daddr @closed meta l4proto tcp reject with tcp reset
            ip daddr @closed reject with icmp admin-prohibited
            meta nfproto ipv4 accept
          }
          chain in {
            type filter hook input priority 0; policy drop;
            iif lo accept
            ct state established,related accept
          }
        }
        """
        .formatted(String.join(", ", closed), ContainerNetwork.NAME_SERVER);
  }

  /**
   * slirp4netns in a tree of files in which there is the host's resolver and nothing else, in a PID
   * namespace of its own; it drops its capabilities but one itself. It ends when its input does, so
   * with this agent, however that ends.
   */
  private List<String> command(Path slirp, Path folder) {
    List<String> line = new ArrayList<>(inHost);
    line.addAll(
        List.of(
            unshare.toString(),
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "/bin/sh",
            "-euc",
            ContainerNetwork.SCRIPT,
            "sh",
            folder.resolve("etc").toString(),
            slirp.toString(),
            folder.resolve(ContainerNetwork.NAMESPACE).toString()));
    return line;
  }
}
