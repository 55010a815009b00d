package io.shardex.ops.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starts the real launcher in a tree of its own, with programs and JDKs of the test's choice. */
@Timeout(60)
class LauncherTest {
  @TempDir private Path folder;
  private Path tree;
  private Path jar;

  @BeforeEach
  void plantTree() throws IOException {
    folder = folder.toRealPath();
    tree = folder.resolve("a tree");
    jar = tree.resolve("ops/target/shardex.jar");
    for (String name : List.of("a tree/ops/lib", "a tree/ops/target", "bin", "jdks")) {
      Files.createDirectories(folder.resolve(name));
    }
    Files.copy(Path.of("shardex"), tree.resolve("ops/shardex"));
    executable(tree.resolve("ops/shardex"));
    Files.writeString(
        tree.resolve("ops/lib/find-jdk.sh"),
        Files.readString(Path.of("lib/find-jdk.sh"))
            + "usual_jdk_folders() { printf '%s\\n' '"
            + folder.resolve("jdks")
            + "'/*; }\n");
    for (String tool :
        List.of("bash", "dirname", "find", "grep", "head", "mkdir", "readlink", "tail", "touch")) {
      Path usr = Path.of("/usr/bin", tool);
      stepInto(
          folder.resolve("bin").resolve(tool), Files.exists(usr) ? usr : Path.of("/bin", tool));
    }
    jdk("running", System.getProperty("java.version"));
    Path java = folder.resolve("jdks/running/bin/java");
    stepInto(java, Path.of(System.getProperty("java.home"), "bin", "java"));
    writeJar(jar);
  }

  @Test
  void itRunsThroughASymlinkFromAnyFolderAndBecomesTheJvm() throws Exception {
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, tree.resolve("ops/shardex"));

    Ended run = run(link, "two words", "*");

    assertEquals(0, run.status(), run.err());
    assertTrue(run.out().contains("arguments [two words, *]"), run.out());
    assertTrue(run.out().contains("folder " + folder + "\n"), run.out());
    assertTrue(run.out().contains("home " + tree + "\n"), run.out());
    assertTrue(run.out().contains("pid " + run.pid() + "\n"), "signals reach the JVM: exec");
    assertEquals("", run.err());
  }

  @Test
  void aMissingJdkIsNamed() throws Exception {
    Files.delete(folder.resolve("jdks/running/bin/javac"));

    Ended run = run(tree.resolve("ops/shardex"));

    assertEquals(ExitCode.ENVIRONMENT.number(), run.status());
    assertEquals(
        """
        shardex: a JDK 21 or later is needed, but no JDK was found.
          Install one (any vendor), or set SHARDEX_JAVA_HOME to its home.
        """,
        run.err());
  }

  @Test
  void aJdkThatIsTooOldIsNamedWithItsVersion() throws Exception {
    Files.delete(folder.resolve("jdks/running/bin/javac"));
    jdk("old", "17.0.15");

    Ended run = run(tree.resolve("ops/shardex"));

    assertEquals(ExitCode.ENVIRONMENT.number(), run.status());
    assertTrue(run.err().contains("the newest JDK found is 17 (" + folder), run.err());
  }

  @Test
  void theNewestJdkWinsAndAnUnusedChoiceIsSaid() throws Exception {
    jdk("old", "17.0.15");

    Ended run =
        run(
            new ProcessBuilder(tree.resolve("ops/shardex").toString()),
            "SHARDEX_JAVA_HOME=" + folder.resolve("jdks/old"));

    assertEquals(0, run.status(), run.err());
    assertTrue(run.err().contains("is JDK 17; taking the newest found"), run.err());
  }

  @Test
  void theHeapIsTheUsers() throws Exception {
    Ended run = run(new ProcessBuilder(tree.resolve("ops/shardex").toString()), "SHARDEX_HEAP=64m");

    assertTrue(run.out().matches("(?s).*heap 6[0-4]\n.*"), run.out());
  }

  @Test
  void aMissingMavenIsNamedWhenThereIsNoBuild() throws Exception {
    Files.delete(jar);
    Files.writeString(tree.resolve("pom.xml"), "<project/>");

    Ended run = run(tree.resolve("ops/shardex"));

    assertEquals(ExitCode.ENVIRONMENT.number(), run.status());
    assertTrue(run.err().contains("Maven is missing: no 'mvn' on the PATH"), run.err());
    assertTrue(run.err().contains("Install Maven 3.8.7 or later"), run.err());
  }

  @Test
  void itBuildsOnlyWhenASourceIsNewerThanTheBuild() throws Exception {
    maven("echo \"$PWD $*\" >>'" + folder + "/builds'");
    Files.writeString(tree.resolve("pom.xml"), "<project/>");
    Path source = Files.createDirectories(tree.resolve("market/src/main/java")).resolve("A.java");
    Files.writeString(source, "class A {}");
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(5)));

    assertEquals(0, run(tree.resolve("ops/shardex")).status());
    assertFalse(Files.exists(folder.resolve("builds")));

    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
    Ended run = run(tree.resolve("ops/shardex"));

    assertEquals(0, run.status(), run.err());
    assertEquals(
        "shardex: building (mvn package); the first time takes a few minutes\n", run.err());
    assertEquals(
        List.of(tree + " -B -q -ntp -DskipTests package"),
        Files.readAllLines(folder.resolve("builds")));
  }

  @Test
  void aFailedBuildShowsItsErrorsAndStartsNothing() throws Exception {
    maven("echo '[ERROR] A.java: no such thing'; exit 1");
    Files.writeString(tree.resolve("pom.xml"), "<project/>");
    Files.delete(jar);

    Ended run = run(tree.resolve("ops/shardex"));

    assertEquals(ExitCode.ENVIRONMENT.number(), run.status());
    assertTrue(run.err().contains("[ERROR] A.java: no such thing"), run.err());
    assertTrue(run.err().contains("build.log"), run.err());
    assertEquals("", run.out());
  }

  private record Ended(long pid, int status, String out, String err) {}

  private Ended run(Path program, String... arguments) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(program.toString());
    builder.command().addAll(List.of(arguments));
    return run(builder, "HOME=" + folder);
  }

  private Ended run(ProcessBuilder builder, String variable) throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    builder.environment().clear();
    builder.environment().put("PATH", folder.resolve("bin").toString());
    int equals = variable.indexOf('=');
    builder.environment().put(variable.substring(0, equals), variable.substring(equals + 1));
    Process process =
        builder
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    int status = process.waitFor();
    return new Ended(process.pid(), status, Files.readString(out), Files.readString(err));
  }

  private void maven(String script) throws IOException {
    Path maven = folder.resolve("bin/mvn");
    Files.writeString(maven, "#!/bin/sh\n" + script + "\n");
    executable(maven);
  }

  private void jdk(String name, String version) throws IOException {
    Path home = folder.resolve("jdks").resolve(name);
    Files.createDirectories(home.resolve("bin"));
    for (String program : List.of("java", "javac")) {
      executable(Files.createFile(home.resolve("bin").resolve(program)));
    }
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
  }

  /** A program that becomes another one; links out of the folder would be warned about. */
  private static void stepInto(Path program, Path real) throws IOException {
    Files.writeString(program, "#!/bin/sh\nexec '" + real + "' \"$@\"\n");
    executable(program);
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void writeJar(Path jar) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Echo.class.getName());
    String entry = Echo.class.getName().replace('.', '/') + ".class";
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
        InputStream in = Echo.class.getClassLoader().getResourceAsStream(entry)) {
      out.putNextEntry(new JarEntry(entry));
      in.transferTo(out);
    }
  }
}
