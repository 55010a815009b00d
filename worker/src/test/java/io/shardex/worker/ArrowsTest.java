package io.shardex.worker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What the agent may stand on. */
@AnalyzeClasses(packages = "io.shardex.worker", importOptions = DoNotIncludeTests.class)
class ArrowsTest {
  @ArchTest
  static final ArchRule standsOnProtocolAndBelow =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.shardex.worker..",
              "io.shardex.protocol..",
              "io.shardex.market..",
              "io.shardex.training..",
              "io.shardex.pricing..",
              "io.prometheus.client..",
              "org.slf4j..",
              "org.jspecify.annotations..",
              "com.sun.management..",
              "java..");

  @ArchTest
  static final ArchRule countsInMetricsOnly =
      noClasses()
          .that()
          .resideOutsideOfPackage("..worker.metrics..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.prometheus..");

  @ArchTest
  static final ArchRule speaksThroughItsLinkOnly =
      noClasses()
          .that()
          .haveNameNotMatching(".*\\.GrpcLink(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .haveNameMatching(
              "io\\.shardex\\.protocol\\.client\\.(Nodes|MarketClient|BlobClient|AgentStream)");

  @ArchTest
  static final ArchRule leavesTheWireToProtocol =
      noClasses().should().dependOnClassesThat().resideInAnyPackage("..protocol.wire..");
}
