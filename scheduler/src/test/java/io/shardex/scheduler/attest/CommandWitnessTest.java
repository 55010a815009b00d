package io.shardex.scheduler.attest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.FactValue.Flaw;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.state.Task;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.job.CommandInputs;
import io.shardex.protocol.job.JobRefused;
import io.shardex.protocol.job.OutputIndex;
import io.shardex.scheduler.attest.Witness.CannotTell;
import io.shardex.scheduler.attest.Witness.Statement;
import io.shardex.scheduler.grid.BlobQuota;
import io.shardex.scheduler.grid.MapGrid;
import io.shardex.scheduler.replica.TwoNodes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What two nodes say of a command job's terms, and make of its outputs. */
class CommandWitnessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MOST = 1 << 20;

  private final TwoNodes nodes = new TwoNodes();
  private Instant now = nodes.now();
  private final MapGrid grid =
      new MapGrid(new BlobQuota(1 << 24, 1 << 25), Duration.ofHours(1), () -> now);
  private final TinyCommand tiny = new TinyCommand(nodes.network, nodes.now(), grid);
  private final TermsWitness terms = new TermsWitness(nodes.first, grid, nodes.validator(0));
  private final TermsWitness otherTerms = new TermsWitness(nodes.second, grid, nodes.validator(1));
  private final RoundWitness first =
      new RoundWitness(nodes.first, grid, nodes.validator(0), patience());
  private final RoundWitness second =
      new RoundWitness(nodes.second, grid, nodes.validator(1), patience());
  private final ResultWitness doubter = new ResultWitness(nodes.second, grid, patience());

  CommandWitnessTest() throws JobRefused {}

  private Patience patience() {
    return new Patience(() -> now, PATIENCE);
  }

  // Terms.

  @Test
  void termsThatFollowFromTheFileHoldAndTheJobStartsFromItsInputs() throws Exception {
    Fact.TermsOf fact = new Fact.TermsOf(nodes.submitted(tiny.spec, tiny.terms()));
    Statement expected = new Statement(fact, new FactValue.TermsHold(tiny.inputs.digest()));
    assertEquals(expected, terms.look(fact));
    assertEquals(expected, otherTerms.look(fact));
  }

  @Test
  void inputsThatAreNotInTheGridOrOfAnotherSizeAreRefused() throws Exception {
    CommandInputs.Blob image = tiny.inputs.image();
    CommandInputs.Blob script = tiny.blob("echo hello");
    assertRefused("is not in the grid", TinyCommand.inputs(image, TinyCommand.absent("else")));
    assertRefused("is not in the grid", TinyCommand.inputs(TinyCommand.absent("else"), script));
    assertRefused(
        "does not have the described 11 bytes",
        TinyCommand.inputs(image, new CommandInputs.Blob(script.id(), script.bytes() + 1)));
  }

  @Test
  void inputsUnderOtherNamesThanTheFilesAreRefused() throws Exception {
    CommandInputs renamed =
        new CommandInputs(
            tiny.inputs.image(),
            List.of(new CommandInputs.File("other.sh", tiny.blob("echo hello"))));
    assertRefused("does not list the job file's inputs", renamed);
  }

  @Test
  void aDescriptionThatIsNoneIsRefused() throws Exception {
    JobTerms honest = tiny.terms();
    JobTerms hollow =
        new JobTerms(
            honest.name(),
            honest.resources(),
            honest.memoryMiB(),
            honest.shards(),
            honest.rounds(),
            honest.shardWork(),
            honest.shardSteps(),
            honest.limit(),
            honest.deadlineMillis(),
            honest.audit(),
            honest.rollsBack(),
            tiny.upload(new byte[50]),
            honest.execution());
    assertRefused("describes no inputs", nodes.submitted(tiny.spec, hollow));
  }

  @Test
  void anotherBuildersJobFileModelOrResultIsNoInput() throws Exception {
    TinyJob training = new TinyJob(nodes, grid);
    JobId other = nodes.submittedByAnother(training.spec, training.terms());
    Digest model = training.upload(training.initial().encode());
    nodes.agree(new Fact.TermsOf(other), new FactValue.TermsHold(model));
    Digest result = training.upload(training.trained(training.initial(), 0).encode());
    Task unused = nodes.committed("worker/x", result);

    for (Digest foreign : List.of(training.spec, training.terms().data(), model, result)) {
      long bytes = grid.manifest(foreign).orElseThrow().totalBytes();
      assertRefused(
          "belongs to another builder's job",
          TinyCommand.inputs(tiny.inputs.image(), new CommandInputs.Blob(foreign, bytes)));
    }
  }

  private void assertRefused(String why, CommandInputs inputs) throws Exception {
    assertRefused(why, nodes.submitted(tiny.spec, tiny.terms(inputs)));
  }

  private void assertRefused(String why, JobId job) throws Exception {
    Fact.TermsOf fact = new Fact.TermsOf(job);
    Statement statement = terms.look(fact);
    FactValue.TermsRefused refused =
        assertInstanceOf(FactValue.TermsRefused.class, statement.value(), why);
    assertTrue(refused.why().contains(why), refused.why());
    assertEquals(statement, otherTerms.look(fact));
  }

  // Outputs.

  private JobId funded() throws JobRefused {
    return nodes.funded(tiny.spec, tiny.terms(), tiny.inputs.digest());
  }

  private Fact.RoundModel question() {
    assertEquals(List.of(), nodes.draws());
    return nodes.openFacts(Fact.RoundModel.class).getFirst();
  }

  @Test
  void theModelIsTheIndexOfTheOutputsAndBothNodesStoreIt() throws Exception {
    JobId unused = funded();
    Task one = nodes.committed("worker/0", tiny.upload(new byte[1_536]));
    Task other = nodes.committed("worker/1", tiny.upload(new byte[MOST]));
    OutputIndex index = new OutputIndex(List.of(output(one, 1_536), output(other, MOST)));
    Digest name = Manifest.of(index.encoded()).id();
    Fact.RoundModel fact = question();

    Statement statement = first.look(fact);

    assertEquals(new Statement(fact, new FactValue.Averaged(name, 0)), statement);
    assertEquals(statement, second.look(fact));
    assertArrayEquals(index.encoded(), grid.load(name).orElseThrow());
    CannotTell fine = assertThrows(CannotTell.class, () -> doubter.look(unusable(one)));
    assertTrue(String.valueOf(fine.getMessage()).endsWith("is fine"), fine::toString);
  }

  @Test
  void aJobThatWasCutShortHasTheOutputsThatAreThere() throws Exception {
    JobId job = funded();
    Task one = nodes.committed("worker/0", tiny.upload(new byte[512]));
    nodes.cancels(job);

    FactValue.Averaged value = (FactValue.Averaged) first.look(question()).value();

    OutputIndex index = OutputIndex.decode(grid.load(value.model()).orElseThrow());
    assertEquals(List.of(output(one, 512)), index.outputs());
  }

  @Test
  void anOutputThatIsMissingIsWaitedForBeforeItIsCalledSo() throws Exception {
    JobId unused = funded();
    Task lost = nodes.committed("worker/0", Digest.sha256(new byte[] {1}));
    Task other = nodes.committed("worker/1", tiny.upload(new byte[512]));
    Fact.RoundModel fact = question();
    assertThrows(CannotTell.class, () -> first.look(fact), other::toString);
    assertThrows(CannotTell.class, () -> second.look(fact));
    assertThrows(CannotTell.class, () -> doubter.look(unusable(lost)));
    now = now.plus(PATIENCE);
    assertUnusable(Flaw.MISSING, lost, fact);
  }

  @Test
  void anOutputLargerThanTheJobFileAllowsIsMalformed() throws Exception {
    JobId unused = funded();
    Task large = nodes.committed("worker/0", tiny.upload(new byte[MOST + 1]));
    Task other = nodes.committed("worker/1", tiny.upload(new byte[512]));
    assertEquals(1, other.fence());
    assertUnusable(Flaw.MALFORMED, large, question());
  }

  private void assertUnusable(Flaw flaw, Task task, Fact.RoundModel fact) throws CannotTell {
    Statement expected = new Statement(unusable(task), new FactValue.Unusable(flaw));
    assertEquals(expected, first.look(fact));
    assertEquals(expected, second.look(fact));
    assertEquals(expected, doubter.look(unusable(task)));
  }

  private static Fact.ResultUnusable unusable(Task task) {
    return new Fact.ResultUnusable(task.id(), task.fence());
  }

  private static OutputIndex.Output output(Task task, long bytes) {
    return new OutputIndex.Output(
        task.id().shard(), task.commitment().orElseThrow().result(), bytes);
  }
}
