package io.shardex.ops.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class ShardexTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void helpShowsExamplesAndExitCodes() {
    assertEquals(0, run("--help"));

    assertTrue(out.toString().contains("shardex demo --quick"), out.toString());
    assertTrue(out.toString().contains("4     the market refused"), out.toString());
  }

  @Test
  void theVersionNamesCommitAndJdk() {
    assertEquals(0, run("--version"));

    assertTrue(out.toString().contains("JDK " + Runtime.version().feature()), out.toString());
  }

  @Test
  void aMistypedCommandNamesTheNearestAndEndsWithTwo() {
    assertEquals(ExitCode.USAGE.number(), run("report", "chekc", "x"));

    assertTrue(err.toString().contains("Did you mean check?"), err.toString());
  }

  @Test
  void withoutACommandItShowsWhichThereAreAndEndsWithTwo() {
    assertEquals(ExitCode.USAGE.number(), run());

    assertTrue(
        Pattern.compile("demo +Runs one training job").matcher(err.toString()).find(),
        err.toString());
  }

  @Test
  void aGroupWithoutACommandShowsWhichItHas() {
    assertEquals(ExitCode.USAGE.number(), run("wallet"));

    assertTrue(err.toString().contains("faucet"), err.toString());
  }

  @Test
  void aMissingKeyEndsWithThreeAndTheFix() {
    assertEquals(
        ExitCode.ENVIRONMENT.number(), run("wallet", "address", "--key", "no-such-file.json"));

    assertEquals(
        """
        shardex: there is no key in no-such-file.json.
          Make one with 'shardex wallet new', or name another: --key FILE.
        """,
        err.toString());
  }

  @Test
  void aNumberIsAskedForInWords() {
    assertEquals(ExitCode.USAGE.number(), run("demo", "--seed", "x"));

    assertTrue(err.toString().contains("'x' is not a whole number"), err.toString());
  }

  @Test
  void aTroubleIsToldInTwoLinesWithoutAStackTrace() {
    assertEquals(
        ExitCode.REFUSED.number(),
        failing(
            new CompletionException(
                new Trouble(ExitCode.REFUSED, "the budget is 3 short", "Deposit more"))));

    assertEquals("shardex: the budget is 3 short.\n  Deposit more.\n", err.toString());
  }

  @Test
  void anInterruptEndsLikeInAShell() {
    assertEquals(130, failing(new InterruptedException()));
  }

  @Test
  void anythingElseIsNamedAndFails() {
    assertEquals(ExitCode.FAILED.number(), failing(new IllegalStateException("no leader")));

    assertTrue(err.toString().contains("IllegalStateException: no leader"), err.toString());
    assertFalse(err.toString().contains("\tat "), err.toString());
  }

  private int failing(Exception failure) {
    CommandLine root = Shardex.commandLine();
    root.addSubcommand("fail", new Failing(failure));
    // Subcommands added later take the handlers over, as the real ones do.
    ErrorTexts.attach(root);
    return root.setErr(new PrintWriter(err, true)).execute("fail");
  }

  private int run(String... arguments) {
    return Shardex.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Command(name = "fail")
  private static final class Failing implements java.util.concurrent.Callable<Integer> {
    private final Exception failure;

    Failing(Exception failure) {
      this.failure = failure;
    }

    @Override
    public Integer call() throws Exception {
      throw failure;
    }
  }
}
