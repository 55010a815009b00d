package io.shardex.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The golden shard in fresh JVMs: every JDK 21 or later that is installed, every compiler, one and
 * two lanes, must print what is committed. To set it anew after a new version of the arithmetic,
 * run {@link GoldenShard} into {@code golden-shard.txt}, and the others alike.
 */
class GoldenShardTest {
  private static final List<List<String>> FLAGS =
      List.of(
          List.of(),
          List.of("-XX:+IgnoreUnrecognizedVMOptions", "-XX:UseAVX=0"),
          List.of("-XX:TieredStopAtLevel=1"));

  @TestFactory
  Stream<DynamicTest> everyJvmPrintsTheCommittedDigests() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Map.Entry<Path, String> jdk : jdks().entrySet()) {
      for (List<String> flags : FLAGS) {
        String name = "JDK " + jdk.getValue() + " " + String.join(" ", flags);
        golden(name, jdk.getKey(), flags, GoldenShard.class, "/golden-shard.txt", tests);
        golden(
            name, jdk.getKey(), flags, GoldenTransformer.class, "/golden-transformer.txt", tests);
        golden(name, jdk.getKey(), flags, GoldenSeeds.class, "/golden-seeds.txt", tests);
      }
    }
    return tests.stream();
  }

  private static void golden(
      String name,
      Path home,
      List<String> flags,
      Class<?> program,
      String committed,
      List<DynamicTest> tests) {
    tests.add(
        DynamicTest.dynamicTest(
            program.getSimpleName() + ", " + name,
            () -> assertEquals(text(committed), run(home, flags, program))));
  }

  private static Map<Path, String> jdks() throws IOException {
    List<Path> homes = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
    Path installed = Path.of("/usr/lib/jvm");
    if (Files.isDirectory(installed)) {
      try (Stream<Path> found = Files.list(installed)) {
        found.sorted().forEach(homes::add);
      }
    }
    Map<Path, String> jdks = new LinkedHashMap<>();
    for (Path home : homes) {
      if (Files.isExecutable(home.resolve("bin/java"))
          && Files.isRegularFile(home.resolve("release"))) {
        String version = version(home);
        if (Runtime.Version.parse(version).feature() >= 21) {
          jdks.put(home.toRealPath(), version);
        }
      }
    }
    return jdks;
  }

  private static String version(Path home) throws IOException {
    Properties release = new Properties();
    try (InputStream in = Files.newInputStream(home.resolve("release"))) {
      release.load(in);
    }
    return release.getProperty("JAVA_VERSION", "\"1\"").replace("\"", "");
  }

  private static String run(Path home, List<String> flags, Class<?> program) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin/java").toString());
    command.addAll(flags);
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            program.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  private static String text(String resource) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(GoldenShardTest.class.getResourceAsStream(resource))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
