package io.shardex.worker.runtime.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile commands with a way to the internet, on a host that is a network namespace: they reach
 * the internet, and neither the host nor what is near it. Runs where root may make containers with
 * runc and has slirp4netns, nft and ip; is skipped by name elsewhere.
 */
@Timeout(120)
class OnlineSandboxTest {
  private static final String OWN = "online-" + ProcessHandle.current().pid() + "-";
  private static final AtomicInteger NUMBER = new AtomicInteger();

  /** All that the host reaches and its commands must not. */
  private static final List<String> NEAR =
      List.of(
          "198.51.100.2",
          "192.168.77.1",
          "192.168.77.2",
          "203.0.113.129",
          "203.0.113.130",
          "198.51.100.1",
          "10.99.0.1",
          "169.254.169.254");

  /** Prints what each address answers to a connection and to a datagram. */
  private static final String KNOCK =
      """
      use Socket; $| = 1;
      for (@ARGV) {
        my ($address, $port) = split /:/; $port ||= 7000;
        for my $kind (SOCK_STREAM, SOCK_DGRAM) {
          my $answer = eval {
            local $SIG{ALRM} = sub { die "silence\n" }; alarm 1;
            socket(my $s, PF_INET, $kind, 0) or die "$!\n";
            connect($s, sockaddr_in($port, inet_aton($address))) or die "$!\n";
            $kind == SOCK_STREAM or syswrite($s, 'x') or die "$!\n";
            sysread($s, my $said, 100) or die "$!\n"; chomp $said; "answers: $said";
          } || "does not: $@";
          alarm 0; chomp $answer; print "$_ $answer\n";
        }
      }
      """;

  @TempDir Path folder;
  private final List<String> said = Collections.synchronizedList(new ArrayList<>());
  private TestInternet world;
  private Sandbox sandbox;
  private HostPrograms image;
  private Path inputs;

  @BeforeEach
  void open() throws Exception {
    Optional<OciRuntime> runc = OciRuntime.find(OciRuntime.Kind.RUNC);
    String lacking = runc.isEmpty() ? "runc is not here" : lacking();
    if (!lacking.isEmpty()) {
      System.out.println("SKIPPED: commands with the internet: " + lacking);
    }
    assumeTrue(lacking.isEmpty());
    world = TestInternet.make(Files.createDirectory(folder.resolve("world")));
    sandbox = Sandbox.open(runc.get(), folder.resolve("sandbox")).online(Uplink.in(world.inHost()));
    image = HostPrograms.in(folder.resolve("image"));
    inputs = Files.createDirectory(folder.resolve("in"));
  }

  private static String lacking() {
    if (!"root".equals(System.getProperty("user.name"))) {
      return "only root makes containers, and this is not root";
    }
    try {
      Uplink unused = Uplink.find();
      return "";
    } catch (SandboxFailure e) {
      return e.getMessage();
    }
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    if (world == null) {
      return;
    }
    world.close();
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() throws Exception {
    try (Stream<Path> bundles = Files.list(folder.resolve("sandbox/bundles"))) {
      assertEquals(List.of(), bundles.toList());
    }
    assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains(folder.toString()));
    assertEquals(List.of(), carriers());
  }

  /** Command lines of the processes that carry packets of this test's containers. */
  private List<String> carriers() {
    try (Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
      return processes
          .map(process -> process.info().commandLine().orElse(""))
          .filter(line -> line.contains("slirp4netns") && line.contains(folder.toString()))
          .toList();
    }
  }

  @Test
  void theInternetIsReachedByConnectionAndByDatagramAndNamesAreFound() throws Exception {
    knock("203.0.113.1", "10.0.2.3:53");

    assertEquals(
        List.of(
            "203.0.113.1 answers: hello from internet",
            "203.0.113.1 answers: udp from internet",
            "10.0.2.3:53 answers: a name"),
        said.stream().filter(line -> line.contains("answers")).toList(),
        said::toString);

    said.clear();
    sh("cat /etc/resolv.conf; : > /etc/resolv.conf");
    assertEquals("nameserver 10.0.2.3", said.getFirst());
    assertTrue(said.getLast().contains("Read-only"), said::toString);
  }

  @Test
  void neitherTheHostNorWhatIsNearItIsReached() throws Exception {
    List<String> host = knockFrom(world.inHost(), NEAR);
    assertEquals(
        2L * NEAR.size(),
        host.stream().filter(line -> line.contains("answers")).count(),
        host::toString);
    heard();

    List<String> addresses = new ArrayList<>(NEAR);
    addresses.addAll(List.of("127.0.0.1", "10.0.2.2", "10.0.2.3", "10.0.2.100", "0.0.0.0"));
    knock(addresses.toArray(String[]::new));

    assertEquals(2 * addresses.size(), said.size(), said::toString);
    assertEquals(List.of(), said.stream().filter(line -> line.contains("answers")).toList());
    assertEquals(List.of(), heard());
  }

  @Test
  void noMulticastAndNoBroadcastLeaves() throws Exception {
    String call =
        "use Socket; socket(S, PF_INET, SOCK_DGRAM, 0); setsockopt(S, SOL_SOCKET, SO_BROADCAST, 1);"
            + " bind(S, sockaddr_in(0, inet_aton('%s'))) or die $!; for (@ARGV) { send(S, \"to $_\","
            + " 0, sockaddr_in(7000, inet_aton($_))) or print \"$!\\n\" }";
    List<String> everybody = List.of("239.255.255.250", "255.255.255.255", "10.0.2.255");
    assertTrue(
        perlFrom(world.inHost(), call.formatted("0.0.0.0"), everybody.subList(0, 1)).isEmpty());
    assertEquals(List.of("udp to 239.255.255.250"), heard());

    perl(call.formatted("10.0.2.100"), everybody);
    assertEquals(3, said.size(), said::toString);
    knock("203.0.113.1");

    assertEquals(List.of("tcp", "udp x"), heard());
  }

  @Test
  void nobodyElseSpeaksToIt() throws Exception {
    perl(
        "use Socket; $| = 1; socket(S, PF_INET, SOCK_DGRAM, 0); send(S, 'twice', 0,"
            + " sockaddr_in(7000, inet_aton('203.0.113.1'))); $SIG{ALRM} = sub { exit }; alarm 2;"
            + " while (recv(S, my $m, 100, 0)) { print \"$m\\n\" }",
        List.of());

    assertEquals(List.of("udp from internet"), said);
  }

  @Test
  void itCannotChangeItsNetwork() throws Exception {
    sh(
        "nft flush ruleset; ip link set tap0 down; ip address add 10.0.2.9/24 dev tap0;"
            + " ip link add v0 type veth; unshare --user --net true;"
            + " perl -e 'use Socket; socket(S, 17, 3, 768) or print \"raw: $!\\n\"';"
            + " nsenter --net=/proc/1/ns/net true; slirp4netns 1 tap1");
    assertEquals(
        8L, said.stream().filter(line -> line.contains("not permitted")).count(), said::toString);

    said.clear();
    knock("192.168.77.2");
    assertEquals(List.of(), said.stream().filter(line -> line.contains("answers")).toList());
  }

  @Test
  void oneThatDoesNotNeedItHasNone() throws Exception {
    run(false, "sh", "-c", "cat /proc/net/dev | grep -c :; cat /proc/net/route | wc -l");

    assertEquals(List.of("1", "1"), said);
  }

  @Test
  void nothingLeavesInTheSixthVersion() throws Exception {
    // The interface's own address is good for sending after about a second.
    perl(
        "use Socket qw(:all); socket(S, PF_INET6, SOCK_DGRAM, 0) or die $!; for my $try (1..30) {"
            + " for (@ARGV) { send(S, 'x', 0, pack_sockaddr_in6(7000, inet_pton(AF_INET6, $_), 2))"
            + " and print(\"sent to $_\\n\"), exit } select(undef, undef, undef, 0.1) }",
        List.of("fe80::1", "ff02::1"));

    assertEquals(List.of(), said);
  }

  @Test
  void whatCarriesItsPacketsHasNoPowersAndSeesNoFiles() throws Exception {
    List<String> found = new ArrayList<>();
    try (Container container = sandbox.prepare(command(true, "sleep", "600"))) {
      SandboxEnd end =
          container.run(
              said::add,
              () -> {
                found.addAll(carrier());
                return true;
              });
      assertEquals(SandboxEnd.Cause.CANCELLED, end.cause());
    }
    assertTrue(
        found.containsAll(
            // CAP_NET_BIND_SERVICE, which it keeps for itself.
            List.of("CapEff:\t0000000000000400", "CapBnd:\t0000000000000400", "Seccomp:\t2")),
        found::toString);
    assertTrue(found.contains("/etc: resolv.conf"), found::toString);
    assertTrue(found.contains("/: etc run"), found::toString);
  }

  private List<String> carrier() {
    try (Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
      List<String> seen = new ArrayList<>();
      for (ProcessHandle process : processes.toList()) {
        String line = process.info().commandLine().orElse("");
        if (line.contains(folder.toString()) && line.contains("slirp4netns --netns-type")) {
          Path proc = Path.of("/proc", String.valueOf(process.pid()));
          if (Files.readSymbolicLink(proc.resolve("exe")).endsWith("slirp4netns")) {
            seen.addAll(Files.readAllLines(proc.resolve("status")));
            for (String place : List.of("/", "/etc")) {
              try (Stream<Path> files = Files.list(Path.of(proc + "/root" + place))) {
                seen.add(
                    place
                        + ": "
                        + String.join(
                            " ", files.map(f -> f.getFileName().toString()).sorted().toList()));
              }
            }
          }
        }
      }
      return seen;
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aHostWhoseCommandsMayHaveTheInternetIsKnown() throws Exception {
    sandbox.probe();
    assertEquals(List.of(), heard());
  }

  @Test
  void aRuntimeThatPassesTheFilterByIsRefused() throws Exception {
    OciRuntime other = new OciRuntime(OciRuntime.Kind.RUNSC, Path.of("/bin/false"), "none");
    Sandbox stronger = Sandbox.open(other, folder.resolve("stronger"));

    SandboxFailure refused = assertThrows(SandboxFailure.class, stronger::online);
    assertTrue(refused.getMessage().contains("with runc only: runsc"), refused::getMessage);
  }

  @Test
  void aSandboxThatIsNotOnlineConnectsNobody() throws Exception {
    Sandbox closed = Sandbox.open(sandbox.runtime(), folder.resolve("sandbox"));

    assertThrows(SandboxFailure.class, () -> closed.prepare(command(true, "true")));
  }

  @Test
  void whatAKilledAgentLeftIsGoneAfterTheNextStart() throws Exception {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), KilledAgent.class.getName()));
    line.add(folder.toString());
    line.addAll(world.inHost());
    Process agent = HostTool.process(line).start();
    try (var out = agent.inputReader()) {
      assertEquals("up", out.readLine());
    }
    assertFalse(carriers().isEmpty());

    agent.destroyForcibly().waitFor();
    for (int i = 0; i < 2_000 && !carriers().isEmpty(); i++) {
      Thread.sleep(10);
    }
    assertEquals(List.of(), carriers());

    sandbox = Sandbox.open(sandbox.runtime(), folder.resolve("sandbox"));
    assertNothingIsLeft();
  }

  /** An agent that runs a command with the internet, until somebody kills it. */
  static final class KilledAgent {
    private KilledAgent() {}

    public static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      Uplink uplink = Uplink.in(List.of(arguments).subList(1, arguments.length));
      Sandbox sandbox =
          Sandbox.open(
                  OciRuntime.find(OciRuntime.Kind.RUNC).orElseThrow(), folder.resolve("sandbox"))
              .online(uplink);
      HostPrograms image = HostPrograms.in(folder.resolve("killed"));
      CommandRun run =
          run(image, folder.resolve("in"), true, "sh", "-c", "echo up; exec sleep 600");
      try (Container container = sandbox.prepare(run)) {
        var unused = container.run(System.out::println, () -> false);
      }
    }
  }

  private List<String> heard() throws Exception {
    List<String> heard = new ArrayList<>(world.heard("host"));
    heard.addAll(world.heard("lan"));
    heard.addAll(world.heard("internet"));
    return heard;
  }

  private void knock(String... addresses) throws Exception {
    perl(KNOCK, List.of(addresses));
  }

  private static List<String> knockFrom(List<String> place, List<String> addresses)
      throws Exception {
    return perlFrom(place, KNOCK, addresses);
  }

  private static List<String> perlFrom(List<String> place, String script, List<String> arguments)
      throws Exception {
    List<String> line = new ArrayList<>(place);
    line.addAll(List.of("perl", "-e", script));
    line.addAll(arguments);
    return HostTool.run(line.toArray(String[]::new)).orFail("perl").lines().toList();
  }

  private void perl(String script, List<String> arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of("perl", "-e", script));
    line.addAll(arguments);
    run(true, line.toArray(String[]::new));
  }

  private void sh(String script) throws Exception {
    run(true, "sh", "-c", "exec 2>&1; " + script);
  }

  private void run(boolean online, String... words) throws Exception {
    try (Container container = sandbox.prepare(command(online, words))) {
      SandboxEnd end = container.run(said::add, () -> false);
      assertEquals(SandboxEnd.Cause.EXITED, end.cause(), end::toString);
    }
  }

  private CommandRun command(boolean online, String... words) {
    return run(image, inputs, online, words);
  }

  private static CommandRun run(HostPrograms image, Path inputs, boolean online, String... words) {
    return new CommandRun(
        OWN + NUMBER.incrementAndGet(),
        List.of(words),
        Map.of(),
        image.root(),
        inputs,
        false,
        new SandboxLimits(64, 1_000, 32, 16, 200, Duration.ofSeconds(60), 64 << 10),
        online,
        Optional.empty(),
        image.edits());
  }
}
