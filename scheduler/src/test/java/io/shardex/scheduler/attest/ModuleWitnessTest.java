package io.shardex.scheduler.attest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Digest;
import io.shardex.market.Execution;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.FactValue.Flaw;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.state.Task;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.job.CommandInputs;
import io.shardex.protocol.job.JobRefused;
import io.shardex.protocol.job.TorchInputs;
import io.shardex.scheduler.attest.Witness.Statement;
import io.shardex.scheduler.grid.BlobQuota;
import io.shardex.scheduler.grid.DataDescriptions;
import io.shardex.scheduler.grid.MapGrid;
import io.shardex.scheduler.replica.TwoNodes;
import io.shardex.training.spec.ModelSpec.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What two nodes say of the terms of a job with a module of its own, and make of its results. */
class ModuleWitnessTest {
  private final TwoNodes nodes = new TwoNodes();
  private final MapGrid grid =
      new MapGrid(new BlobQuota(1 << 24, 1 << 25), Duration.ofHours(1), nodes::now);
  private final TinyModule tiny = new TinyModule(nodes, new TinyJob(nodes, grid));
  private final TermsWitness terms = new TermsWitness(nodes.first, grid, nodes.validator(0));
  private final TermsWitness otherTerms = new TermsWitness(nodes.second, grid, nodes.validator(1));
  private final RoundWitness first =
      new RoundWitness(nodes.first, grid, nodes.validator(0), patience());
  private final RoundWitness second =
      new RoundWitness(nodes.second, grid, nodes.validator(1), patience());
  private final ResultWitness doubter = new ResultWitness(nodes.second, grid, patience());

  ModuleWitnessTest() throws JobRefused {}

  private Patience patience() {
    return new Patience(nodes::now, Duration.ofSeconds(10));
  }

  // Terms.

  @Test
  void theJobStartsFromTheParametersThatCameWithIt() throws Exception {
    assertEquals(Execution.TORCH, tiny.terms().execution());
    Fact.TermsOf fact = new Fact.TermsOf(nodes.submitted(tiny.spec(), tiny.terms()));
    byte[] initial = tiny.model(0, 1).encode();
    Digest name = Manifest.of(initial).id();

    Statement statement = terms.look(fact);

    assertEquals(new Statement(fact, new FactValue.TermsHold(name)), statement);
    assertEquals(statement, otherTerms.look(fact));
    assertArrayEquals(initial, grid.load(name).orElseThrow());
  }

  @Test
  void itsWorkersMayReadTheModuleAndWhatElseItsDescriptionLists() throws Exception {
    TorchInputs inputs = tiny.inputs;
    JobTerms described = tiny.terms();
    assertEquals(
        Set.of(
            inputs.module().id(),
            inputs.parameters().id(),
            inputs.data().images(),
            inputs.data().labels()),
        new DataDescriptions(grid).listedBy(described.data()));
  }

  @Test
  void filesThatAreNotInTheGridOrOfAnotherSizeAreRefused() throws Exception {
    CommandInputs.Blob absent = new CommandInputs.Blob(Digest.sha256(new byte[] {1}), 10);
    CommandInputs.Blob module = tiny.inputs.module();
    CommandInputs.Blob parameters = tiny.inputs.parameters();
    assertRefused("the module " + absent.id().hex() + " is not in the grid", absent, parameters);
    assertRefused("the parameters " + absent.id().hex() + " is not in the grid", module, absent);
    assertRefused(
        "does not have the described 7 bytes",
        new CommandInputs.Blob(module.id(), module.bytes() + 1),
        parameters);
  }

  @Test
  void aModuleThatIsNoArchiveIsRefused() throws Exception {
    byte[] parameters = TinyModule.parameters(TinyModule.TENSORS, 1);
    assertRefused(
        "the module is no TorchScript archive",
        tiny.inputs("import os".getBytes(UTF_8), parameters));
    assertRefused("the module is no TorchScript archive", tiny.inputs(new byte[3], parameters));
  }

  @Test
  void parametersThatAreNotTheDescribedOnesAreRefused() throws Exception {
    byte[] module = TinyModule.archive();
    List<Tensor> turned =
        List.of(new Tensor("fc.weight", List.of(16, 3)), new Tensor("fc.bias", List.of(3)));
    assertRefused(
        "do not have the described tensors", tiny.inputs(module, TinyModule.parameters(turned, 1)));
    assertRefused("the parameters: expected a safetensors file", tiny.inputs(module, new byte[99]));
  }

  @Test
  void parametersThatAreNotFiniteAreRefused() throws Exception {
    for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      assertRefused(
          "the parameters are not all finite",
          tiny.inputs(TinyModule.archive(), TinyModule.parameters(TinyModule.TENSORS, value)));
    }
  }

  @Test
  void anotherBuildersResultIsNoModule() throws Exception {
    TinyJob other = tiny.data;
    JobId foreign = nodes.submittedByAnother(other.spec, other.terms());
    nodes.agree(
        new Fact.TermsOf(foreign), new FactValue.TermsHold(other.upload(other.initial().encode())));
    byte[] result = TinyModule.archive().clone();
    result[5] = 9;
    Task unused = nodes.committed("worker/x", other.upload(result));
    assertRefused(
        "belongs to another builder's job",
        tiny.inputs(result, TinyModule.parameters(TinyModule.TENSORS, 1)));
  }

  private void assertRefused(String why, CommandInputs.Blob module, CommandInputs.Blob parameters)
      throws Exception {
    assertRefused(why, new TorchInputs(module, parameters, TinyModule.TENSORS, tiny.inputs.data()));
  }

  private void assertRefused(String why, TorchInputs inputs) throws Exception {
    Fact.TermsOf fact = new Fact.TermsOf(nodes.submitted(tiny.spec(), tiny.terms(inputs)));
    Statement statement = terms.look(fact);
    FactValue.TermsRefused refused =
        assertInstanceOf(FactValue.TermsRefused.class, statement.value(), why);
    assertTrue(refused.why().contains(why), refused.why());
    assertEquals(statement, otherTerms.look(fact));
    assertTrue(grid.manifest(Manifest.of(tiny.model(0, 1).encode()).id()).isEmpty());
  }

  // Rounds.

  private Fact.RoundModel question() {
    assertEquals(List.of(), nodes.draws());
    return nodes.openFacts(Fact.RoundModel.class).getFirst();
  }

  @Test
  void theNextModelIsTheMeanOfTheResultsByTheirSamples() throws Exception {
    JobId unused = tiny.funded();
    // 10 and 11 of the 21 samples, each seen twice.
    assertEquals(0, tiny.commits(0, 3, 21).id().shard());
    assertEquals(1, tiny.commits(1, -2, 42).id().shard());
    byte[] mean = tiny.model(1, (float) ((10.0 * 3 - 11.0 * 2) / 21)).encode();
    Digest name = Manifest.of(mean).id();
    Fact.RoundModel fact = question();

    Statement statement = first.look(fact);

    assertEquals(
        new Statement(fact, new FactValue.Averaged(name, Double.doubleToRawLongBits(1.5))),
        statement);
    assertEquals(statement, second.look(fact));
    assertArrayEquals(mean, grid.load(name).orElseThrow());
  }

  @Test
  void aResultThatIsNotFiniteIsUnusable() throws Exception {
    JobId unused = tiny.funded();
    Task lost = tiny.commits(0, Float.NaN, Double.NaN);
    Task fine = tiny.commits(1, 1, 1);
    assertEquals(1, fine.id().shard());
    assertUnusable(Flaw.NOT_FINITE, lost);
  }

  @Test
  void aResultOfAnotherShapeIsUnusable() throws Exception {
    JobId unused = tiny.funded();
    Task other =
        nodes.committed(
            "worker/0", tiny.data.upload(tiny.data.trained(tiny.data.initial(), 0).encode()));
    Task fine = tiny.commits(1, 1, 1);
    assertEquals(1, fine.id().shard());
    assertUnusable(Flaw.MALFORMED, other);
  }

  private void assertUnusable(Flaw flaw, Task task) throws Exception {
    Fact.RoundModel fact = question();
    Fact.ResultUnusable unusable = new Fact.ResultUnusable(task.id(), task.fence());
    Statement expected = new Statement(unusable, new FactValue.Unusable(flaw));
    assertEquals(expected, first.look(fact));
    assertEquals(expected, second.look(fact));
    assertEquals(expected, doubter.look(unusable));
  }
}
