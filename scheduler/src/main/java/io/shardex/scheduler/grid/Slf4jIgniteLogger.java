package io.shardex.scheduler.grid;

import org.apache.ignite.IgniteLogger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ignite's log through SLF4J, under its own class names; never "quiet", which means standard
 * output.
 */
final class Slf4jIgniteLogger implements IgniteLogger {
  private final Logger log;

  Slf4jIgniteLogger() {
    this(LoggerFactory.getLogger("org.apache.ignite"));
  }

  private Slf4jIgniteLogger(Logger log) {
    this.log = log;
  }

  @Override
  public IgniteLogger getLogger(@Nullable Object category) {
    if (category == null) {
      return new Slf4jIgniteLogger();
    }
    return new Slf4jIgniteLogger(
        category instanceof Class<?> type
            ? LoggerFactory.getLogger(type)
            : LoggerFactory.getLogger(category.toString()));
  }

  @Override
  public void trace(String message) {
    log.trace(message);
  }

  @Override
  public void debug(String message) {
    log.debug(message);
  }

  @Override
  public void info(String message) {
    log.info(message);
  }

  @Override
  public void warning(String message, @Nullable Throwable cause) {
    log.warn(message, cause);
  }

  @Override
  public void error(String message, @Nullable Throwable cause) {
    log.error(message, cause);
  }

  @Override
  public boolean isTraceEnabled() {
    return log.isTraceEnabled();
  }

  @Override
  public boolean isDebugEnabled() {
    return log.isDebugEnabled();
  }

  @Override
  public boolean isInfoEnabled() {
    return log.isInfoEnabled();
  }

  @Override
  public boolean isQuiet() {
    return false;
  }

  @Override
  public @Nullable String fileName() {
    return null;
  }
}
