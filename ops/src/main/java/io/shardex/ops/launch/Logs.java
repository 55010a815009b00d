package io.shardex.ops.launch;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
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
  private static final long FILE_BYTES = 16L << 20;
  private static final int OLD_FILES = 4;
  private static final Duration CHECK = Duration.buildByMilliseconds(100);
  private static volatile @Nullable Path file;

  private Logs() {}

  /** Takes java.util.logging (gRPC, Ignite) off the console and into the same log. */
  static void quiet() {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }

  /**
   * Writes the log to {@code folder/shardex.log} from now on, appending; a second call is ignored.
   * At 16 MiB it is put aside, compressed, as {@code shardex.log.1.gz}; four of these are kept. In
   * a folder with a percent sign in its path it only grows.
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
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender(context, target, FILE_BYTES));
    file = target;
    return target;
  }

  static Appender<ILoggingEvent> appender(LoggerContext context, Path target, long bytes) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.start();
    RollingFileAppender<ILoggingEvent> rolling = new RollingFileAppender<>();
    FileAppender<ILoggingEvent> appender = isPlain(target) ? rolling : new FileAppender<>();
    appender.setContext(context);
    appender.setName("state-folder");
    appender.setFile(target.toString());
    appender.setEncoder(encoder);
    if (appender == rolling) {
      roll(rolling, context, target, bytes);
    }
    appender.start();
    return appender;
  }

  /** The library's pattern of old files' names cannot hold a percent sign of the folder's. */
  private static boolean isPlain(Path target) {
    return !target.toString().contains("%");
  }

  private static void roll(
      RollingFileAppender<ILoggingEvent> appender, LoggerContext context, Path target, long bytes) {
    FixedWindowRollingPolicy window = new FixedWindowRollingPolicy();
    window.setContext(context);
    window.setParent(appender);
    window.setFileNamePattern(target + ".%i.gz");
    window.setMaxIndex(OLD_FILES);
    window.start();
    SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
    size.setContext(context);
    size.setMaxFileSize(new FileSize(bytes));
    size.setCheckIncrement(CHECK);
    size.start();
    appender.setRollingPolicy(window);
    appender.setTriggeringPolicy(size);
  }

  /** A clause that leads to the log file, or nothing while there is none. */
  static String where() {
    Path known = file;
    return known == null ? "" : "; the log has more: " + known;
  }
}
