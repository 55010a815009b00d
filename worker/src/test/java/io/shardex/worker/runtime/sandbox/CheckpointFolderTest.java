package io.shardex.worker.runtime.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands, honest and hostile, whose checkpoint folder is saved while they run and found again by
 * others. Runs where root may make containers; {@code -Dshardex.sandbox=runsc} tries gVisor.
 */
@Timeout(120)
class CheckpointFolderTest {
  private static final String OWN = "saved-" + ProcessHandle.current().pid() + "-";
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final long MOST = 16 << 20;

  /** Says "up" when the rest is done, and "on" as soon as the test asks whether it goes on. */
  private static final String UNTIL_ASKED =
      "; echo up; until [ -e /shardex/checkpoint/ask ]; do sleep 0.05; done; echo on";

  @TempDir Path folder;
  private final SandboxLimits limits =
      new SandboxLimits(64, 1_000, 32, 16, 200, Duration.ofSeconds(30), 64 << 10);
  private Sandbox sandbox;
  private HostPrograms image;
  private Path inputs;
  private Path tar;

  @BeforeEach
  void open() throws Exception {
    OciRuntime.Kind kind =
        OciRuntime.Kind.valueOf(
            System.getProperty("shardex.sandbox", "runc").toUpperCase(Locale.ROOT));
    Optional<OciRuntime> runtime = OciRuntime.find(kind);
    boolean root = "root".equals(System.getProperty("user.name"));
    if (runtime.isEmpty() || !root) {
      System.out.println(
          "SKIPPED: commands that are saved need root and %s; root: %s, %s: %s"
              .formatted(kind, root, kind, runtime.isPresent()));
    }
    assumeTrue(runtime.isPresent() && root);
    sandbox = Sandbox.open(runtime.get(), folder.resolve("sandbox"));
    image = HostPrograms.in(folder.resolve("image"));
    inputs = Files.createDirectory(folder.resolve("in"));
    tar = folder.resolve("checkpoint.tar");
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    if (sandbox == null) {
      return;
    }
    try (Stream<Path> bundles = Files.list(folder.resolve("sandbox/bundles"))) {
      assertEquals(List.of(), bundles.toList());
    }
    assertEquals("null", sandbox.tell("list", "--format", "json").orFail("list"));
    assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains(folder.toString()));
  }

  @Test
  void aCommandGoesOnFromWhatAnotherHadSaved() throws Exception {
    String counts =
        "cd $SHARDEX_CHECKPOINT; mkdir -p sub/deep; echo x > sub/deep/f; n=0; while :; do"
            + " n=$((n+1)); echo $n > new; mv new n; [ $n = 3 ] && echo three; done";
    try (Running first = start(sh(counts))) {
      first.hears("three");
      assertTrue(first.container.save(tar, MOST));
    }
    long saved = number("n");
    assertTrue(saved >= 3, () -> "saved at " + saved);

    String goesOn =
        "cd $SHARDEX_CHECKPOINT; n=$(cat n); echo found $n; echo $((n+1)) > n && mv n m"
            + " && cat m && echo y >> sub/deep/f && mv sub/deep sub/high && rm sub/high/f"
            + " && rmdir sub/high sub && rm -f new m && rmdir ../checkpoint 2>/dev/null; ls -A";
    try (Container second = sandbox.prepare(sh(goesOn))) {
      second.restore(tar);
      assertEquals(List.of("found " + saved, String.valueOf(saved + 1)), ran(second));
    }
  }

  @Test
  void whateverADiskHeldIsFoundAgain() throws Exception {
    String fills =
        "cd $SHARDEX_CHECKPOINT; echo x > f; i=0;"
            + " while mkdir d$i 2>/dev/null; do i=$((i+1)); done";
    try (Running first = start(sh(fills + UNTIL_ASKED))) {
      first.hears("up");
      assertTrue(first.container.save(tar, MOST));
    }
    NavigableMap<String, String> saved = packed();
    assertTrue(saved.size() > 150, saved::toString);

    try (Running second = start(sh("true" + UNTIL_ASKED), tar)) {
      second.hears("up");
      Files.delete(tar);
      assertTrue(second.container.save(tar, MOST));
    }
    assertEquals(saved, packed());
  }

  @Test
  void aCommandStandsStillWhileItIsSaved() throws Exception {
    // Two numbers with much to read between them: b is never ahead of a, and at most 1 behind.
    String pair =
        "open A, '>', 'a'; open B, '>', 'b'; open M, '>', 'a-large'; print M 'x' x (8 << 20);"
            + " close M; $| = 1; print \"up\\n\"; until (-e 'ask') { $n++;"
            + " for (*A, *B) { sysseek $_, 0, 0; syswrite $_, sprintf('%010d', $n) } }"
            + " print \"on\\n\"";
    try (Running command =
        start(command("perl", "-e", "chdir $ENV{SHARDEX_CHECKPOINT}; " + pair))) {
      command.hears("up");
      long before = 0;
      for (int i = 0; i < 5; i++) {
        assertTrue(command.container.save(tar, MOST));
        long a = number("a");
        long b = number("b");
        assertTrue(a - b == 0 || a - b == 1, () -> a + " and " + b);
        assertTrue(b >= before, "it goes on from where it stood");
        before = b;
      }
      command.ask();
      command.hears("on");
      assertTrue(command.ended().succeeded());
    }
  }

  @Test
  void aFolderWithoutFilesIsNotSaved() throws Exception {
    String makes = "cd $SHARDEX_CHECKPOINT; mkdir -p some/folder; ln -s /etc/passwd link";
    try (Running command = start(sh(makes + UNTIL_ASKED))) {
      command.hears("up");
      assertFalse(command.container.save(tar, MOST));
      assertTrue(Files.notExists(tar));
      command.ask();
      assertTrue(command.ended().succeeded());
    }
  }

  @Test
  void tooMuchIsRefusedUnreadAndTheCommandGoesOn() throws Exception {
    // More than the disk has: a file of holes.
    String makes = "truncate -s 64M $SHARDEX_CHECKPOINT/sparse";
    try (Running command = start(sh(makes + UNTIL_ASKED))) {
      command.hears("up");
      SandboxFailure failure =
          assertThrows(SandboxFailure.class, () -> command.container.save(tar, MOST));
      assertTrue(failure.getMessage().contains("checkpoint is too large"), failure::getMessage);
      assertTrue(Files.notExists(tar));
      command.ask();
      command.hears("on");
      assertTrue(command.ended().succeeded());
    }
  }

  @Test
  void onlyFoldersAndFilesAreSaved() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "the host's secret");
    String makes =
        "cd $SHARDEX_CHECKPOINT; ln -s %s link; ln -s / root; ln -s .. up; mkfifo pipe;"
                .formatted(secret)
            + " perl -MSocket -e 'socket S, AF_UNIX, SOCK_STREAM, 0;"
            + " bind S, pack_sockaddr_un(q(socket)) or die';"
            + " mkdir closed; echo in > closed/f; chmod 0 closed/f closed;"
            + " echo x > \"$(printf 'control\\001')\";"
            + " i=0; while [ $i -lt 140 ]; do mkdir d || break; cd d; i=$((i+1)); done;"
            + " cd $SHARDEX_CHECKPOINT; echo 1 > honest";
    try (Running command = start(sh(makes + UNTIL_ASKED))) {
      command.hears("up");
      assertTrue(command.container.save(tar, MOST));
    }
    NavigableMap<String, String> saved = packed();
    assertEquals(127, saved.keySet().stream().filter(name -> name.startsWith("d/")).count());
    saved.keySet().removeIf(name -> name.startsWith("d/"));
    assertEquals(Map.of("closed/", "", "closed/f", "in\n", "honest", "1\n"), saved);

    try (Container again = sandbox.prepare(sh("find $SHARDEX_CHECKPOINT -type f | wc -l"))) {
      again.restore(tar);
      assertEquals(List.of("2"), ran(again));
    }
  }

  @Test
  void aHostileTarIsRefusedAndTheCommandBeginsAnew() throws Exception {
    Path outside = Files.writeString(folder.resolve("outside"), "mine");
    TarMaker many = new TarMaker();
    TarMaker again = new TarMaker();
    for (int i = 0; i < 433; i++) {
      many.file("f" + i, "");
      again.file("f", "");
    }
    TarMaker full = new TarMaker();
    for (int i = 0; i < 4; i++) {
      full.file("f" + i, new byte[8 << 20], 0644);
    }
    byte[] cut = new TarMaker().file("first", "x").file("f", "x".repeat(5_000)).bytes();
    List<Map.Entry<String, byte[]>> hostile = new ArrayList<>();
    hostile.add(
        Map.entry("leads out of", new TarMaker().file("first", "x").file("../evil", "x").bytes()));
    hostile.add(
        Map.entry(
            "leads out of", new TarMaker().file("first", "x").file("/tmp/evil", "x").bytes()));
    hostile.add(
        Map.entry(
            "through the link",
            new TarMaker().link("d", folder.toString()).file("d/outside", "theirs").bytes()));
    hostile.add(
        Map.entry(
            "is a hard link",
            new TarMaker().link("d", outside.toString()).hardLink("theirs", "d").bytes()));
    hostile.add(Map.entry("more than 432 entries", again.bytes()));
    hostile.add(Map.entry("No space left", full.bytes()));
    hostile.add(Map.entry("No space left", many.bytes()));
    hostile.add(Map.entry("restored: Truncated", Arrays.copyOf(cut, 3_000)));
    hostile.add(Map.entry("no tar, or has no files", new byte[] {1}));
    TarArchiveEntry huge = new TarArchiveEntry("f");
    huge.setSize(100 << 20);
    byte[] header = new byte[512];
    huge.writeEntryHeader(header);
    hostile.add(Map.entry("more than 100663296 bytes", header));

    try (Container container =
        sandbox.prepare(sh("find $SHARDEX_CHECKPOINT -mindepth 1; echo anew"))) {
      for (Map.Entry<String, byte[]> each : hostile) {
        Files.write(tar, each.getValue());
        SandboxFailure failure =
            assertThrows(SandboxFailure.class, () -> container.restore(tar), each.getKey());
        assertTrue(
            failure.getMessage().contains(each.getKey()),
            () -> each.getKey() + ": " + failure.getMessage());
        assertEquals(List.of(), in(checkpoint()));
      }
      assertThrows(SandboxFailure.class, () -> container.restore(folder.resolve("nothing")));
      assertEquals(List.of("anew"), ran(container));
    }
    assertEquals("mine", Files.readString(outside));
    assertEquals(0, Files.getAttribute(outside, "unix:uid"));
  }

  @Test
  void whatIsRestoredIsTheCommandsOwnButNotWhereALinkLeads() throws Exception {
    Path outside = Files.writeString(folder.resolve("outside"), "mine");
    Files.write(
        tar,
        new TarMaker()
            .file("a/b/f", new byte[0], 04755)
            .link("link", outside.toString())
            .special("sda", TarConstants.LF_BLK)
            .special("pipe", TarConstants.LF_FIFO)
            .bytes());
    String looks = "cd $SHARDEX_CHECKPOINT; find . -printf '%p %U %G %M\\n' | sort; cat link 2>&1";
    try (Container container = sandbox.prepare(sh(looks))) {
      container.restore(tar);
      assertEquals(
          List.of(
              ". 58473 58473 drwxr-xr-x",
              "./a 58473 58473 drwxr-xr-x",
              "./a/b 58473 58473 drwxr-xr-x",
              "./a/b/f 58473 58473 -rwxr-xr-x",
              "./link 58473 58473 lrwxrwxrwx",
              "cat: link: No such file or directory"),
          ran(container));
    }
    assertEquals(0, Files.getAttribute(outside, "unix:uid"));
  }

  @Test
  void savingBeforeTheBeginningAndAfterTheEndDoesNoHarm() throws Exception {
    try (Container container = sandbox.prepare(sh("echo x > $SHARDEX_CHECKPOINT/f; echo done"))) {
      assertThrows(SandboxFailure.class, () -> container.save(tar, MOST));
      assertEquals(List.of("done"), ran(container));
      assertThrows(SandboxFailure.class, () -> container.save(tar, MOST));
      assertTrue(Files.notExists(tar));
    }
  }

  @Test
  void savingAgainAndAgainDoesNoHarmAtAnyMoment() throws Exception {
    int saves = 0;
    for (int i = 0; i < 5; i++) {
      try (Running command =
          start(
              sh("cd $SHARDEX_CHECKPOINT; for i in 1 2 3 4 5; do echo $i > f; sleep 0.1; done"))) {
        while (!command.end.isDone()) {
          try {
            saves += command.container.save(tar, MOST) ? 1 : 0;
          } catch (SandboxFailure notRunning) {
            assertTrue(notRunning.getMessage().contains("cannot be paused"), notRunning::toString);
          }
        }
        assertTrue(command.ended().succeeded());
      }
    }
    assertTrue(saves > 0);
  }

  @Test
  void aCommandThatIsCancelledWhileItIsSavedIsKilled() throws Exception {
    // Packing into a pipe lasts until somebody reads.
    assertEquals(0, HostTool.run("/usr/bin/mkfifo", tar.toString()).exitCode());
    try (Running command = start(sh("echo x > $SHARDEX_CHECKPOINT/f" + UNTIL_ASKED))) {
      command.hears("up");
      CompletableFuture<Boolean> save =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return command.container.save(tar, MOST);
                } catch (SandboxFailure e) {
                  throw new IllegalStateException(e);
                }
              });
      try {
        until(command::isPaused);
        command.cancelled = true;
        // Its end waits for the packing, as nothing may change meanwhile.
        until(() -> command.thread.getState() == Thread.State.WAITING);
        assertTrue(command.isPaused());
      } finally {
        try (InputStream in = Files.newInputStream(tar)) {
          assertTrue(in.readAllBytes().length > 0);
        }
      }

      assertEquals(SandboxEnd.Cause.CANCELLED, command.ended().cause());
      assertTrue(save.get(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void aCommandThatCannotGoOnIsKilled() throws Exception {
    OciRuntime real = sandbox.runtime();
    Path once = folder.resolve("once");
    Path broken =
        Files.writeString(
            folder.resolve("broken"),
            """
            #!/bin/sh
            case " $* " in *" resume "*) mkdir %s 2>/dev/null && echo broken && exit 1;; esac
            exec %s "$@"
            """
                .formatted(once, real.program()));
    Files.setPosixFilePermissions(broken, PosixFilePermissions.fromString("rwx------"));
    sandbox =
        Sandbox.open(new OciRuntime(real.kind(), broken, "broken"), folder.resolve("sandbox"));
    try (Running command = start(sh("echo x > $SHARDEX_CHECKPOINT/f" + UNTIL_ASKED))) {
      command.hears("up");
      SandboxFailure failure =
          assertThrows(SandboxFailure.class, () -> command.container.save(tar, MOST));
      assertTrue(failure.getMessage().contains("broken"), failure::getMessage);

      ExecutionException end = assertThrows(ExecutionException.class, command.end::get);
      assertInstanceOf(SandboxFailure.class, end.getCause());
      assertTrue(end.toString().contains("could not go on"), end::toString);
    }
  }

  @Test
  void oneThatAKilledAgentLeftStandingStillIsEndedAtTheNextStart() throws Exception {
    Running left = start(sh("true" + UNTIL_ASKED));
    left.hears("up");
    sandbox.tell("pause", left.id).orFail("pause");

    // Nothing of the first agent's is closed.
    sandbox = Sandbox.open(sandbox.runtime(), folder.resolve("sandbox"));

    left.thread.join();
  }

  @Test
  void aCommandThatIsNotSavedHasNoSuchFolder() throws Exception {
    String looks = "echo ${SHARDEX_CHECKPOINT-none}; echo /shardex/c*";
    Files.write(tar, new TarMaker().file("f", "x").bytes());
    try (Container container = sandbox.prepare(command(false, "sh", "-c", looks))) {
      assertThrows(SandboxFailure.class, () -> container.restore(tar));
      assertThrows(SandboxFailure.class, () -> container.save(tar, MOST));
      assertEquals(List.of("none", "/shardex/c*"), ran(container));
    }
  }

  /** A command on a thread of its own, which is cancelled when it is closed. */
  private final class Running implements AutoCloseable {
    final String id;
    final Container container;
    final LinkedBlockingQueue<String> said = new LinkedBlockingQueue<>();
    final CompletableFuture<SandboxEnd> end = new CompletableFuture<>();
    final Thread thread;
    volatile boolean cancelled;

    Running(CommandRun run, Container container) {
      this.id = run.id();
      this.container = container;
      this.thread =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    try {
                      end.complete(container.run(said::add, () -> cancelled));
                    } catch (SandboxFailure | InterruptedException | RuntimeException e) {
                      end.completeExceptionally(e);
                    }
                  });
    }

    void hears(String line) throws InterruptedException {
      String found = said.poll(20, TimeUnit.SECONDS);
      assertEquals(line, found);
    }

    boolean isPaused() throws SandboxFailure {
      return sandbox.tell("state", id).text().contains("\"paused\"");
    }

    void ask() throws IOException {
      Files.createFile(checkpoint().resolve("ask"));
    }

    SandboxEnd ended() throws Exception {
      return end.get(90, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws SandboxFailure {
      cancelled = true;
      var unused = end.handle((ended, failure) -> true).join();
      container.close();
    }
  }

  private Running start(CommandRun run) throws Exception {
    return new Running(run, sandbox.prepare(run));
  }

  private Running start(CommandRun run, Path checkpoint) throws Exception {
    Container container = sandbox.prepare(run);
    container.restore(checkpoint);
    return new Running(run, container);
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void until(Condition condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < end, "it never came so far");
    }
  }

  private static List<String> ran(Container container) throws Exception {
    LinkedBlockingQueue<String> said = new LinkedBlockingQueue<>();
    SandboxEnd end = container.run(said::add, () -> false);
    assertEquals(SandboxEnd.Cause.EXITED, end.cause(), end::toString);
    return List.copyOf(said);
  }

  /** The only container's folder, from outside. */
  private Path checkpoint() throws IOException {
    List<Path> bundles = in(folder.resolve("sandbox/bundles"));
    assertEquals(1, bundles.size());
    return bundles.getFirst().resolve("disk/checkpoint");
  }

  private static List<Path> in(Path folder) throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      return found.toList();
    }
  }

  private NavigableMap<String, String> packed() throws IOException {
    NavigableMap<String, String> found = new TreeMap<>();
    try (TarArchiveInputStream in = new TarArchiveInputStream(Files.newInputStream(tar))) {
      TarArchiveEntry entry;
      while ((entry = in.getNextEntry()) != null) {
        found.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return found;
  }

  private long number(String name) throws IOException {
    return Long.parseLong(packed().getOrDefault(name, "").strip());
  }

  private CommandRun sh(String script) {
    return command("sh", "-c", script);
  }

  private CommandRun command(String... words) {
    return command(true, words);
  }

  private CommandRun command(boolean saved, String... words) {
    return new CommandRun(
        OWN + NUMBER.incrementAndGet(),
        List.of(words),
        Map.of(),
        image.root(),
        inputs,
        saved,
        limits,
        false,
        Optional.empty(),
        image.edits());
  }
}
