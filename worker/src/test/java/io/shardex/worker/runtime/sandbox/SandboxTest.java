package io.shardex.worker.runtime.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile commands in real containers: each is contained, its reason is told, and nothing of it is
 * left. Runs where root may make containers with runc, and is skipped by name elsewhere.
 */
@Timeout(120)
class SandboxTest {
  private static final String OWN = "test-" + ProcessHandle.current().pid() + "-";
  private static final AtomicInteger NUMBER = new AtomicInteger();

  /** In the command line of every process that must not be there any more. */
  private static final String MARK = OWN + "process";

  private static final String[] SLEEPER = {
    "perl", "-e", "$| = 1; print \"up\\n\"; sleep 600; # " + MARK
  };

  @TempDir Path folder;
  private final List<String> said = Collections.synchronizedList(new ArrayList<>());
  private SandboxLimits limits =
      new SandboxLimits(64, 1_000, 32, 16, 200, Duration.ofSeconds(30), 64 << 10);
  private Sandbox sandbox;
  private HostPrograms image;
  private Path inputs;

  @BeforeEach
  void open() throws Exception {
    Optional<OciRuntime> runc = OciRuntime.find(OciRuntime.Kind.RUNC);
    boolean root = "root".equals(System.getProperty("user.name"));
    if (runc.isEmpty() || !root) {
      System.out.println(
          "SKIPPED: hostile commands need root and runc; root: %s, runc: %s"
              .formatted(root, runc.isPresent()));
    }
    assumeTrue(runc.isPresent() && root);
    sandbox = Sandbox.open(runc.get(), folder.resolve("sandbox"));
    image = HostPrograms.in(folder.resolve("image"));
    inputs = Files.createDirectory(folder.resolve("in"));
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    if (sandbox == null) {
      return;
    }
    try (Stream<Path> bundles = Files.list(folder.resolve("sandbox/bundles"))) {
      assertEquals(List.of(), bundles.toList());
    }
    assertEquals("null", sandbox.tell("list", "--format", "json").orFail("runc list"));
    assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains(folder.toString()));
    for (String controller : List.of("memory/", "pids/", "")) {
      Path cgroups = Path.of("/sys/fs/cgroup", controller + "shardex");
      if (Files.exists(cgroups)) {
        try (Stream<Path> left = Files.list(cgroups)) {
          assertEquals(
              List.of(),
              left.filter(path -> path.getFileName().toString().startsWith(OWN)).toList());
        }
      }
    }
    try (Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
      assertEquals(
          List.of(),
          processes
              .filter(process -> process.info().commandLine().orElse("").contains(MARK))
              .toList());
    }
  }

  @Test
  void aCommandReadsItsInputsAndLeavesItsOutputs() throws Exception {
    Files.writeString(inputs.resolve("number"), "41\n");

    SandboxEnd end =
        run(
            Map.of("ADD", "1"),
            () -> false,
            outputs -> assertEquals("42\n", Files.readString(outputs.resolve("sum"))),
            "sh",
            "-c",
            "pwd >&2; echo $(($(cat number) + ADD)) > $SHARDEX_OUT/sum; echo done >&2");

    assertTrue(end.succeeded(), end::toString);
    assertEquals(List.of("/shardex/in", "done"), said);
    assertTrue(end.peakBytes().orElse(0) > 0, end::toString);
  }

  @Test
  void itsExitCodeIsTold() throws Exception {
    assertEnd(SandboxEnd.Cause.EXITED, 7, sh("exit 7"));
  }

  @Test
  void aProgramThatIsNotThereIsNamed() {
    SandboxFailure failure = assertThrows(SandboxFailure.class, () -> run("no-such-program"));
    assertTrue(failure.getMessage().contains("no-such-program"), failure::getMessage);
  }

  @Test
  void itHasNoPowersOfRoot() throws Exception {
    sh("grep -E '^(Uid|Gid|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status; id -G");

    assertEquals(
        List.of(
            "Uid:?58473?58473?58473?58473",
            "Gid:?58473?58473?58473?58473",
            "CapEff:?0000000000000000",
            "CapBnd:?0000000000000000",
            "NoNewPrivs:?1",
            "Seccomp:?2",
            "58473"),
        said);
  }

  @Test
  void aForkBombStaysSmall() throws Exception {
    SandboxEnd end =
        sh("i=0; while [ $i -lt 200 ]; do (exec sleep 60) & i=$((i+1)); done; echo all");
    assertEquals(SandboxEnd.Cause.EXITED, end.cause());
    assertFalse(said.contains("all"), said::toString);
    assertTrue(said.toString().contains("Cannot fork"), said::toString);

    said.clear();
    limits = within(Duration.ofSeconds(3));
    assertEquals(SandboxEnd.Cause.OUT_OF_TIME, run("perl", "-e", "while (1) { fork }").cause());
  }

  @Test
  void memoryEndsAtTheLimit() throws Exception {
    SandboxEnd end =
        run("perl", "-e", "my $x = 'x' x (1 << 20); my @a; push @a, $x . $_ for 1..400");

    assertEquals(SandboxEnd.Cause.OUT_OF_MEMORY, end.cause(), end::toString);
    assertTrue(end.peakBytes().orElse(0) <= 64L << 20, end::toString);
  }

  @Test
  void sharedMemoryIsMemoryToo() throws Exception {
    SandboxEnd end = sh("head -c 200m /dev/zero > /dev/shm/x; echo over; cat /dev/shm/x | wc -c");

    assertTrue(end.peakBytes().orElse(0) <= 64L << 20, end::toString);
  }

  @Test
  void theDiskEndsAtTheLimit() throws Exception {
    SandboxEnd end = sh("head -c 100m /dev/zero > /shardex/out/x; head -c 100m /dev/zero > /tmp/x");

    assertEnd(SandboxEnd.Cause.EXITED, 1, end);
    assertTrue(said.toString().contains("No space left"), said::toString);
  }

  @Test
  void filesAreCounted() throws Exception {
    sh("i=0; while [ $i -lt 2000 ]; do : > /tmp/$i || break; i=$((i+1)); done; echo made $i");

    assertTrue(said.toString().contains("No space left"), said::toString);
  }

  @Test
  void anEndlessLoopIsKilledAtItsTime() throws Exception {
    limits = within(Duration.ofSeconds(2));

    SandboxEnd end = sh("while :; do :; done");

    assertEnd(SandboxEnd.Cause.OUT_OF_TIME, 137, end);
  }

  @Test
  void aFloodOfWordsIsCut() throws Exception {
    SandboxEnd end = run("perl", "-e", "print 'x' x 100, \"\\n\" for 1..200000");

    assertTrue(end.succeeded(), end::toString);
    assertTrue(said.size() < 700, () -> said.size() + " lines");
    assertEquals("... the rest is dropped", said.getLast());
  }

  @Test
  void aCancelledCommandIsKilled() throws Exception {
    SandboxEnd end = run(Map.of(), () -> said.contains("up"), outputs -> {}, SLEEPER);

    assertEnd(SandboxEnd.Cause.CANCELLED, 137, end);
  }

  @Test
  void oneThatIsCancelledBeforeItBeganIsKilled() throws Exception {
    assertEquals(
        SandboxEnd.Cause.CANCELLED,
        run(Map.of(), () -> true, outputs -> {}, "sleep", "600").cause());
  }

  @Test
  void aChildCannotOutliveItsParent() throws Exception {
    SandboxEnd end =
        run(
            "perl",
            "-e",
            "use POSIX; for (1..3) { if (!fork) { POSIX::setsid(); if (!fork) {"
                + " $0 = '"
                + MARK
                + "'; $SIG{TERM} = $SIG{HUP} = 'IGNORE'; sleep 600 } exit } }"
                + " sleep 1");

    assertTrue(end.succeeded(), end::toString);
    // nothingIsLeft looks for them
  }

  @Test
  void thereIsNoNetwork() throws Exception {
    sh("cat /proc/net/dev | grep -c :; cat /proc/net/route | wc -l");
    assertEquals(List.of("1", "1"), said);

    said.clear();
    run(
        "perl",
        "-e",
        "use Socket; socket(S, PF_INET, SOCK_STREAM, 0) or die; print connect(S,"
            + " sockaddr_in(53, inet_aton('192.0.2.1'))) ? 'connected' : \"$!\"");
    assertEquals(List.of("Network is unreachable"), said);
  }

  @Test
  void theHostsProcessesAndKeysAreNotSeen() throws Exception {
    Path key = Files.writeString(folder.resolve("key.json"), "secret");

    sh(
        "echo processes $(ls /proc | grep -c '^[0-9]'); cat %s; head -c 1 /proc/kcore;"
                .formatted(key)
            + " echo keys $(wc -c < /proc/keys); echo sys $(ls /sys 2>/dev/null | wc -l);"
            + " echo x > /proc/sys/kernel/hostname; echo x > /proc/sysrq-trigger;"
            + " echo $(hostname)");

    assertEquals(
        1, Integer.parseInt(said.getFirst().replace("processes ", "")) / 3, said::toString);
    assertTrue(said.containsAll(List.of("keys 0", "sys 0", "shardex")), said::toString);
    assertFalse(said.contains("secret"), said::toString);
    assertEquals("secret", Files.readString(key));
  }

  @Test
  void theRootIsReadOnly() throws Exception {
    SandboxEnd end = sh("touch /x /usr/x /shardex/in/x /etc/x");

    assertEquals(1, end.exitCode());
    assertEquals(
        4L, said.stream().filter(line -> line.contains("Read-only")).count(), said::toString);
  }

  @Test
  void dangerousSystemCallsAreRefused() throws Exception {
    // ptrace, mount, unshare, setns, bpf, keyctl, userfaultfd, perf_event_open, io_uring_setup
    run(
        "perl",
        "-e",
        "for (101, 165, 272, 308, 321, 250, 323, 298, 425) {"
            + " my $r = syscall($_, 0, 0, 0, 0, 0); print \"$_ $r $!\\n\" }"
            + " print 'vsock ', syscall(41, 40, 1, 0), \"\\n\";"
            + " print 'userns ', syscall(56, 0x10000000 | 17, 0, 0, 0, 0), \"\\n\"");

    assertEquals(11, said.size(), said::toString);
    for (String line : said.subList(0, 9)) {
      assertTrue(line.endsWith("-1 Operation not permitted"), said::toString);
    }
    assertEquals(List.of("vsock -1", "userns -1"), said.subList(9, 11));
  }

  /** Who opens a leased file waits for the holder, which may be one that stands still. */
  @Test
  void filesCannotBeLeased() throws Exception {
    // fcntl's F_SETLEASE, also with bits that the kernel does not look at; F_DUPFD_CLOEXEC, F_GETFL
    run(
        "perl",
        "-e",
        "open my $f, '>', '/tmp/f' or die; for (1024, 1024 + (1 << 32), 1030, 3) {"
            + " my $r = syscall(72, fileno($f), $_, 1); print $r < 0 ? \"$!\" : 'done', \"\\n\" }");

    assertEquals(
        List.of("Operation not permitted", "Operation not permitted", "done", "done"), said);
  }

  @Test
  void devicesAreNotThereAndCannotBeMade() throws Exception {
    sh(
        "echo $(ls /dev); mknod /tmp/sda b 8 0; mknod /tmp/kmsg c 1 11;"
            + " head -c 1 /dev/zero | wc -c");

    String devices = "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero";
    assertTrue(said.getFirst().startsWith(devices), said::toString);
    assertEquals(2L, said.stream().filter(line -> line.contains("not permitted")).count());
    assertEquals("1", said.getLast());
  }

  @Test
  void setuidProgramsGiveNothing() throws Exception {
    sh("su -c id; chfn -f x; cat /proc/self/status | grep Uid");

    assertEquals("Uid:?58473?58473?58473?58473", said.getLast());
  }

  @Test
  void aHostThatCanMakeContainersIsKnown() throws Exception {
    sandbox.probe();
  }

  @Test
  void theProcessorIsShared() throws Exception {
    limits = new SandboxLimits(64, 200, 32, 16, 200, Duration.ofSeconds(2), 64 << 10);

    run("perl", "-e", "$SIG{ALRM} = sub { print times(), \"\\n\"; exit }; alarm 1; 1 while 1");

    // One second of a fifth of a processor; a full one would show about 1.
    double used =
        said.isEmpty()
            ? 0
            : Double.parseDouble(said.getFirst().replaceAll("^([0-9]\\.[0-9]{2}).*", "$1"));
    assertTrue(used < 0.6, said::toString);
  }

  @Test
  void whatAKilledAgentLeftIsEndedAtTheNextStart() throws Exception {
    Container container = sandbox.prepare(command(SLEEPER));
    Thread agent =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  try {
                    var unused = container.run(said::add, () -> false);
                  } catch (SandboxFailure | InterruptedException e) {
                    said.add(String.valueOf(e.getMessage()));
                  }
                });
    while (!said.contains("up")) {
      Thread.sleep(20);
    }

    // Nothing of the first agent's is closed.
    sandbox = Sandbox.open(sandbox.runtime(), folder.resolve("sandbox"));

    agent.join();
  }

  private SandboxLimits within(Duration wall) {
    return new SandboxLimits(64, 1_000, 32, 16, 200, wall, 64 << 10);
  }

  private static void assertEnd(SandboxEnd.Cause cause, int exit, SandboxEnd found) {
    assertEquals(cause, found.cause(), found::toString);
    assertEquals(exit, found.exitCode(), found::toString);
  }

  private interface Look {
    void at(Path outputs) throws IOException;
  }

  /** The runtime carries output and errors by themselves, so only one of them keeps its order. */
  private SandboxEnd sh(String script) throws Exception {
    return run("sh", "-c", "exec 2>&1; " + script);
  }

  private SandboxEnd run(String... words) throws Exception {
    return run(Map.of(), () -> false, outputs -> {}, words);
  }

  private SandboxEnd run(
      Map<String, String> environment, BooleanSupplier cancelled, Look look, String... words)
      throws Exception {
    try (Container container = sandbox.prepare(command(environment, words))) {
      SandboxEnd end = container.run(said::add, cancelled);
      look.at(container.outputs());
      return end;
    }
  }

  private CommandRun command(String... words) {
    return command(Map.of(), words);
  }

  private CommandRun command(Map<String, String> environment, String... words) {
    return new CommandRun(
        OWN + NUMBER.incrementAndGet(),
        List.of(words),
        environment,
        image.root(),
        inputs,
        false,
        limits,
        false,
        Optional.empty(),
        image.edits());
  }
}
