package io.shardex.protocol;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.shardex.protocol",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArrowsTest {
  @ArchTest
  static final ArchRule protocolKnowsOnlyMarketTrainingAndPricing =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.shardex.settlement..",
              "io.shardex.cli..",
              "io.shardex.consensus..",
              "io.shardex.scheduler..",
              "io.shardex.worker..",
              "io.shardex.ops..",
              "org.apache..");

  @ArchTest
  static final ArchRule noChainClientIsUsed =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.web3j.protocol..", "org.web3j.tx..", "org.web3j.contracts..");

  @ArchTest
  static final ArchRule keysJobsAndNetworksAreIndependentOfTheWire =
      noClasses()
          .that()
          .resideInAnyPackage("..key..", "..job..", "..network..", "..blob..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.shardex.protocol.wire..", "io.shardex.protocol.client..", "io.grpc..");
}
