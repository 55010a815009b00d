package io.shardex.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.shardex.cli", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule standsOnSettlementAndProtocol =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.shardex.cli..",
              "io.shardex.settlement",
              "io.shardex.protocol.blob",
              "io.shardex.protocol.client",
              "io.shardex.protocol.job",
              "io.shardex.protocol.key",
              "io.shardex.protocol.log",
              "io.shardex.protocol.network",
              "io.shardex.market",
              "io.shardex.market.codec",
              "io.shardex.market.decide",
              "io.shardex.market.state",
              "io.shardex.training..",
              "io.shardex.pricing",
              "picocli..",
              "com.typesafe.config",
              "com.fasterxml.jackson.databind..",
              "org.slf4j",
              "java..",
              "org.jspecify..");
}
