package io.shardex.ops.role;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Installing libtorch, with a Maven that does what its script says. */
class TorchFolderTest {
  @TempDir private Path folder;
  private final List<String> progress = new ArrayList<>();

  @BeforeEach
  void pins() throws Exception {
    Files.createDirectory(folder.resolve("bin"));
    Files.writeString(folder.resolve("pom.xml"), "<project/>");
    String jar = sha256("jar\n");
    Files.writeString(
        folder.resolve("sha256sums"),
        "%s  api-1.jar%n%s  pytorch-engine-1.jar%n%s  pytorch-jni-1.jar%n"
            .formatted(jar, jar, jar));
  }

  @Test
  void aMissingMavenIsNamed() {
    assertTrue(trouble().what().contains("no 'mvn' on the PATH"));
    assertEquals(ExitCode.ENVIRONMENT, trouble().code());
  }

  @Test
  void aMavenThatRefusesIsToldWithItsFirstError() throws IOException {
    maven("echo '[INFO] looking'; echo '[ERROR] Could not find artifact x:y:1'; exit 1");

    Trouble trouble = trouble();

    assertTrue(
        trouble.what().contains("ended with status 1: Could not find artifact x:y:1"),
        trouble.what());
    assertFalse(Files.exists(folder.resolve("torch/lib")));
  }

  @Test
  void filesOfOtherDigestsAreRemovedAgain() throws IOException {
    maven(
        "mkdir -p $out; for f in api pytorch-engine pytorch-jni; do echo jar >$out/$f-1.jar; done;"
            + " echo other >$out/api-1.jar");

    Trouble trouble = trouble();

    assertTrue(trouble.what().contains("not the pinned ones: {api-1.jar="), trouble.what());
    assertFalse(Files.exists(folder.resolve("torch/lib")));
    assertFalse(Files.exists(folder.resolve("torch/lib.new")));
  }

  @Test
  void aFileTooManyIsRefused() throws IOException {
    maven(
        "mkdir -p $out; for f in api pytorch-engine pytorch-jni evil; do"
            + " echo jar >$out/$f-1.jar; done");

    assertTrue(trouble().what().contains("evil-1.jar"));
  }

  @Test
  void whatIsThereIsNotFetchedAgain() throws IOException {
    maven(
        "echo x >>"
            + folder.resolve("calls")
            + "; mkdir -p $out;"
            + " for f in api pytorch-engine pytorch-jni; do echo jar >$out/$f-1.jar; done");

    // The jars are none, so no child of them can start: that is the trouble, after the fetching.
    assertTrue(trouble().what().contains("libtorch cannot be installed"), trouble().what());
    assertEquals(1, Files.readAllLines(folder.resolve("calls")).size());
    assertTrue(Files.exists(folder.resolve("torch/lib/api-1.jar")));

    Files.writeString(folder.resolve("torch/lib/api-1.jar"), "damaged");
    var unused = trouble();
    assertEquals(2, Files.readAllLines(folder.resolve("calls")).size());
  }

  /** A script that knows where its files have to go. */
  private void maven(String script) throws IOException {
    Path file = folder.resolve("bin/mvn");
    Files.writeString(
        file,
        "#!/bin/sh\nfor a; do case $a in -DoutputDirectory=*) out=${a#*=};; esac; done\n"
            + script
            + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Trouble trouble() {
    return assertThrows(
        Trouble.class,
        () ->
            new TorchFolder(
                    folder,
                    folder.resolve("torch"),
                    Map.of("PATH", folder.resolve("bin").toString()))
                .install(progress::add));
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }
}
