package io.shardex.ops.launch;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Where the libraries' warnings go: into a file in the state folder, never onto the console. The
 * levels stand in {@code logback.xml}.
 */
public final class Logs {
  private static final String PATTERN = "%d{HH:mm:ss.SSS} %-5level [%thread] %logger{36}: %msg%n";
  private static volatile @Nullable Path file;

  private Logs() {}

  /** Takes java.util.logging (gRPC, Ignite) off the console and into the same log. */
  static void quiet() {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }

  /**
   * Writes the log to {@code folder/shardex.log} from now on, appending; a second call is ignored.
   *
   * @return the log file
   */
  public static synchronized Path to(Path folder) {
    Path known = file;
    if (known != null) {
      return known;
    }
    Path target = folder.resolve("shardex.log");
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.start();
    FileAppender<ILoggingEvent> appender = new FileAppender<>();
    appender.setContext(context);
    appender.setName("state-folder");
    appender.setFile(target.toString());
    appender.setEncoder(encoder);
    appender.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
    file = target;
    return target;
  }

  /** A clause that leads to the log file, or nothing while there is none. */
  static String where() {
    Path known = file;
    return known == null ? "" : "; the log has more: " + known;
  }
}
