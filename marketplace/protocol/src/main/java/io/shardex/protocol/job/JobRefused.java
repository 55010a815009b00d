package io.shardex.protocol.job;

import java.util.List;
import java.util.stream.Collectors;

/** A job file that cannot become a job; lists everything that is wrong with it, in file order. */
public final class JobRefused extends Exception {
  private static final long serialVersionUID = 1;
  private static final int BRIEF_CHARS = 240;

  @SuppressWarnings("serial") // a list of records, never serialised
  private final List<Problem> problems;

  JobRefused(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  JobRefused(String path, String detail) {
    this(List.of(Problem.of(path, detail)));
  }

  /** At least one. */
  public List<Problem> problems() {
    return problems;
  }

  /** The first problem in at most 240 printable ASCII characters, the same on every machine. */
  public String brief() {
    String first = problems.getFirst().toString();
    String printable = first.replaceAll("[^ -~]", "?");
    return printable.substring(0, Math.min(BRIEF_CHARS, printable.length()));
  }
}
