package io.shardex.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockFileTest {
  @TempDir Path folder = Path.of("set by JUnit");

  /** Another process that takes the lock and ends. */
  public static final class Other {
    private Other() {}

    public static void main(String[] args) throws IOException {
      System.out.print(LockFile.take(Path.of(args[0])).isPresent());
    }
  }

  private static String taken(Path file) throws IOException {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                place(LockFile.class) + File.pathSeparator + place(Other.class),
                Other.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static Path place(Class<?> type) {
    return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()));
  }

  @Test
  void aSecondTryInThisProcessDoesNotLetAnotherProcessIn() throws IOException {
    Path file = folder.resolve("lock");
    LockFile held = LockFile.take(file).orElseThrow();
    assertEquals(Optional.empty(), LockFile.take(file));
    Path link = Files.createLink(folder.resolve("other-name"), file);
    assertEquals(Optional.empty(), LockFile.take(link));
    assertEquals("false", taken(file));
    held.close();
    assertEquals("true", taken(file));
    LockFile again = LockFile.take(file).orElseThrow();
    // Closed twice it does not let go of what another has taken since.
    held.close();
    assertEquals(Optional.empty(), LockFile.take(file));
    again.close();
    LockFile.take(link).orElseThrow().close();
  }
}
