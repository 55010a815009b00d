package io.shardex.scheduler.attest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.job.DataDescription;
import io.shardex.protocol.job.JobRefused;
import io.shardex.scheduler.attest.Witness.CannotTell;
import io.shardex.scheduler.attest.Witness.Statement;
import io.shardex.scheduler.grid.BlobQuota;
import io.shardex.scheduler.grid.MapGrid;
import io.shardex.scheduler.replica.TwoNodes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What two nodes say of a job's terms when its builder is honest, and for each kind of lie. */
class TermsWitnessTest {
  private final TwoNodes nodes = new TwoNodes();
  private final MapGrid grid =
      new MapGrid(new BlobQuota(1 << 24, 1 << 25), Duration.ofHours(1), nodes::now);
  private final TinyJob tiny = new TinyJob(nodes, grid);
  private final TermsWitness first = new TermsWitness(nodes.first, grid, nodes.validator(0));
  private final TermsWitness second = new TermsWitness(nodes.second, grid, nodes.validator(1));
  private final JobTerms honest = tiny.terms();

  TermsWitnessTest() throws JobRefused {}

  @Test
  void termsThatFollowFromTheFileHoldAndTheFirstModelIsStored() throws Exception {
    Fact.TermsOf fact = new Fact.TermsOf(nodes.submitted(tiny.spec, honest));
    byte[] initial = tiny.initial().encode();
    Digest name = Manifest.of(initial).id();

    Statement statement = first.look(fact);

    assertEquals(new Statement(fact, new FactValue.TermsHold(name)), statement);
    assertArrayEquals(initial, grid.load(name).orElseThrow());
    assertEquals(statement, second.look(fact));
  }

  @Test
  void termsThatDifferFromTheJobFileAreRefused() throws Exception {
    WorkUnits moreWork = new WorkUnits(honest.shardWork().count() + 1);
    UnitPrice higher = new UnitPrice(honest.limit().perTeraWork() + 1);
    PartsPerMillion seldom = new PartsPerMillion(50_000);
    assertRefused("expected name", terms("other", honest.shards(), honest.shardWork()));
    assertRefused("expected shards", terms("tiny", 3, honest.shardWork()));
    assertRefused("expected shardWork", terms("tiny", honest.shards(), moreWork));
    assertRefused("expected limit", terms(higher, honest.audit(), honest.data()));
    assertRefused("expected audit", terms(honest.limit(), seldom, honest.data()));
    assertRefused("expected shardSteps", terms(honest.shardSteps() + 1, honest.rollsBack()));
    assertRefused("expected rollsBack", terms(honest.shardSteps(), !honest.rollsBack()));
  }

  @Test
  void aJobFileThatIsNoYamlIsRefused() throws Exception {
    assertRefused("expected", "{".getBytes(StandardCharsets.UTF_8), honest);
  }

  @Test
  void aJobFileWithAnUnknownFieldIsRefused() throws Exception {
    byte[] file = TinyJob.FILE.replace("rounds:", "round:").getBytes(StandardCharsets.UTF_8);
    assertRefused("round", file, honest);
  }

  @Test
  void aModelThatDoesNotFitTheDataIsRefused() throws Exception {
    byte[] file = TinyJob.FILE.replace("[16, 5", "[17, 5").getBytes(StandardCharsets.UTF_8);
    assertRefused("expected 16 inputs", file, honest);
  }

  @Test
  void aJobFileTooLargeToReadIsRefusedForThat() throws Exception {
    assertRefused("the job file has", new byte[(1 << 20) + 1], honest);
  }

  @Test
  void dataThatNobodyDescribesIsRefused() throws Exception {
    Digest noDescription = tiny.upload(new byte[DataDescription.MAX_BYTES]);
    Digest tooShort = tiny.upload(new byte[3]);
    assertRefused("no data description", terms(honest.limit(), honest.audit(), noDescription));
    assertRefused("no data description", terms(honest.limit(), honest.audit(), tooShort));
  }

  @Test
  void dataThatIsNotInTheGridIsRefused() throws Exception {
    Digest absent = Digest.sha256(new byte[] {1});
    assertRefused(
        "the images file " + absent.hex() + " is not in the grid", over(absent, labels()));
    assertRefused(
        "the labels file " + absent.hex() + " is not in the grid", over(images(), absent));
  }

  @Test
  void dataOfWhichAChunkIsMissingIsRefused() throws Exception {
    byte[] changed = TinyJob.images(TinyJob.SIDE, TinyJob.SIDE);
    changed[changed.length - 1] ^= 1;
    Manifest begun = Manifest.of(changed);
    assertEquals(List.of(0), grid.announce("builder", begun));
    assertRefused("is not in the grid", over(begun.id(), labels()));
  }

  @Test
  void dataOfAnotherSizeThanDescribedIsRefused() throws Exception {
    Digest fewer = tiny.upload(TinyJob.labels(TinyJob.SAMPLES - 1));
    assertRefused("the labels file does not have the described", over(images(), fewer));
    assertRefused("the images file does not have the described", over(labels(), labels()));
  }

  @Test
  void anEmptyFileIsRefused() throws Exception {
    Digest empty = tiny.upload(new byte[0]);
    assertRefused("the images file does not have the described", over(empty, labels()));
  }

  @Test
  void dataOfAnotherShapeThanDescribedIsRefused() throws Exception {
    Digest wide = tiny.upload(TinyJob.images(TinyJob.SIDE / 2, TinyJob.SIDE * 2));
    assertRefused("the images file does not have the described shape", over(wide, labels()));
  }

  @Test
  void dataThatIsNotIdxIsRefused() throws Exception {
    byte[] images = TinyJob.images(TinyJob.SIDE, TinyJob.SIDE);
    images[3] ^= 1;
    assertRefused("the images file is not IDX", over(tiny.upload(images), labels()));
  }

  @Test
  void anIdxHeaderThatPromisesMoreThanTheFileHoldsIsRefused() throws Exception {
    byte[] labels = TinyJob.labels(TinyJob.SAMPLES);
    labels[7]++;
    assertRefused("the labels file is not IDX", over(images(), tiny.upload(labels)));
  }

  @Test
  void aJobWhoseFileIsNotThereCannotBeToldYet() {
    Digest absent = Digest.sha256(new byte[] {1});
    JobId job = nodes.submitted(absent, honest);
    assertThrows(CannotTell.class, () -> first.look(new Fact.TermsOf(job)));
  }

  @Test
  void aJobThatIsNotInTheStateCannotBeTold() {
    Fact.TermsOf unknown = new Fact.TermsOf(new JobId(Digest.ZERO));
    assertThrows(CannotTell.class, () -> first.look(unknown));
  }

  private void assertRefused(String why, JobTerms terms) throws CannotTell {
    assertRefused(why, tiny.spec, terms);
  }

  private void assertRefused(String why, byte[] file, JobTerms terms) throws CannotTell {
    assertRefused(why, tiny.upload(file), terms);
  }

  /** Both nodes give the same sentence, and none stores a model. */
  private void assertRefused(String why, Digest spec, JobTerms terms) throws CannotTell {
    Fact.TermsOf fact = new Fact.TermsOf(nodes.submitted(spec, terms));
    Statement statement = first.look(fact);
    FactValue.TermsRefused refused =
        assertInstanceOf(FactValue.TermsRefused.class, statement.value());
    assertTrue(refused.why().contains(why), refused.why());
    assertEquals(statement, second.look(fact));
    assertTrue(grid.manifest(Manifest.of(tiny.initial().encode()).id()).isEmpty());
  }

  /** The job's terms over data that is described as these two blobs. */
  private JobTerms over(Digest images, Digest labels) {
    Digest description = tiny.upload(TinyJob.described(images, labels).encoded());
    return terms(honest.limit(), honest.audit(), description);
  }

  private Digest images() {
    return tiny.data.images();
  }

  private Digest labels() {
    return tiny.data.labels();
  }

  private JobTerms terms(String name, int shards, WorkUnits shardWork) {
    return new JobTerms(
        name,
        honest.resources(),
        honest.memoryMiB(),
        shards,
        honest.rounds(),
        shardWork,
        honest.shardSteps(),
        honest.limit(),
        honest.deadlineMillis(),
        honest.audit(),
        honest.rollsBack(),
        honest.data());
  }

  private JobTerms terms(int shardSteps, boolean rollsBack) {
    return new JobTerms(
        honest.name(),
        honest.resources(),
        honest.memoryMiB(),
        honest.shards(),
        honest.rounds(),
        honest.shardWork(),
        shardSteps,
        honest.limit(),
        honest.deadlineMillis(),
        honest.audit(),
        rollsBack,
        honest.data());
  }

  private JobTerms terms(UnitPrice limit, PartsPerMillion audit, Digest data) {
    return new JobTerms(
        honest.name(),
        honest.resources(),
        honest.memoryMiB(),
        honest.shards(),
        honest.rounds(),
        honest.shardWork(),
        honest.shardSteps(),
        limit,
        honest.deadlineMillis(),
        audit,
        honest.rollsBack(),
        data);
  }
}
