package io.shardex.ops.launch;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever ends a command into two lines on standard error and an {@link ExitCode}. */
final class ErrorTexts {
  private ErrorTexts() {}

  static void attach(CommandLine root) {
    root.setExecutionExceptionHandler(
        (failure, command, parsed) -> print(failure, command.getErr()).number());
    root.setParameterExceptionHandler((failure, arguments) -> printUsage(failure));
    root.setCaseInsensitiveEnumValuesAllowed(true);
    Map<String, String> codes = new LinkedHashMap<>();
    for (ExitCode code : ExitCode.values()) {
      codes.put(" " + code.number(), code.meaning());
    }
    root.getCommandSpec().usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(codes);
  }

  /** Prints the failure; without SHARDEX_DEBUG=1 only what is wrong and what mends it. */
  static ExitCode print(Throwable failure, PrintWriter err) {
    Throwable cause = KnownFailures.told(unwrapped(failure));
    ExitCode code;
    if (cause instanceof Trouble trouble) {
      err.println("shardex: " + trouble.what() + ".");
      err.println("  " + trouble.fix() + ".");
      code = trouble.code();
    } else if (cause instanceof InterruptedException || cause instanceof CancellationException) {
      err.println("shardex: interrupted.");
      code = ExitCode.INTERRUPTED;
    } else {
      err.println("shardex: " + described(cause));
      err.println("  SHARDEX_DEBUG=1 shows where it happened" + Logs.where() + ".");
      code = ExitCode.FAILED;
    }
    if ("1".equals(System.getenv("SHARDEX_DEBUG"))) {
      failure.printStackTrace(err);
    }
    err.flush();
    return code;
  }

  private static int printUsage(ParameterException failure) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    if (!(failure instanceof UnmatchedArgumentException) && !command.getSubcommands().isEmpty()) {
      // No command was named: a newcomer wants to see which there are.
      command.usage(err);
      return ExitCode.USAGE.number();
    }
    err.println("shardex: " + plain(String.valueOf(failure.getMessage())));
    List<String> nearest =
        failure instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.of();
    if (!nearest.isEmpty()) {
      err.println("  Did you mean " + String.join(" or ", nearest) + "?");
    }
    err.println("  '" + command.getCommandSpec().qualifiedName() + " --help' lists what there is.");
    err.flush();
    return ExitCode.USAGE.number();
  }

  /** The parser names Java's types; people know numbers. */
  private static String plain(String message) {
    return message.replaceFirst("is not an? (int|long)$", "is not a whole number");
  }

  private static String described(Throwable cause) {
    @Nullable String message = cause.getMessage();
    String type = cause.getClass().getSimpleName();
    return message == null || message.isBlank() ? type : type + ": " + message;
  }

  private static Throwable unwrapped(Throwable failure) {
    Throwable at = failure;
    while (at instanceof CompletionException || at instanceof ExecutionException) {
      Throwable inner = at.getCause();
      if (inner == null) {
        return at;
      }
      at = inner;
    }
    return at;
  }
}
