package io.shardex.ops.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LogsTest {
  private static final int LIMIT = 4 << 10;

  @TempDir Path folder;

  @Test
  void aLogNeverOutgrowsItsFiles() throws Exception {
    Path target = folder.resolve("shardex.log");
    write(target);

    try (Stream<Path> files = Files.list(folder)) {
      List<Path> kept = files.toList();
      assertEquals(5, kept.size(), () -> "kept: " + kept);
      assertTrue(kept.contains(target), () -> "kept: " + kept);
    }
  }

  @Test
  void aPercentSignInThePathIsNoPattern() throws Exception {
    Path target = folder.resolve("50%done.log");
    write(target);

    long bytes = Files.size(target);
    assertTrue(bytes >= 8 * 2 * LIMIT, () -> bytes + " bytes");
  }

  private static void write(Path target) throws InterruptedException {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    Logger logger = context.getLogger(LogsTest.class);
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    Appender<ILoggingEvent> appender = Logs.appender(context, target, LIMIT);
    logger.addAppender(appender);

    // The policy looks at the size once in 100 ms.
    for (int round = 0; round < 8; round++) {
      logger.info("x".repeat(2 * LIMIT));
      Thread.sleep(150);
    }
    logger.detachAppender(appender);
    appender.stop();
  }
}
