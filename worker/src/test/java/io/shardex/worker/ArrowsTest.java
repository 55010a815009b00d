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
          .that()
          .resideOutsideOfPackages(
              "..worker.device..", "..worker.runtime.sandbox..", "..worker.runtime.torch..")
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
              "java..");

  /** The device package looks at the machine and knows nothing of the agent. */
  @ArchTest
  static final ArchRule devicesAreReadByThemselves =
      classes()
          .that()
          .resideInAPackage("..worker.device..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.shardex.worker.device..",
              "io.shardex.market..",
              "oshi..",
              "com.fasterxml.jackson..",
              "javax.xml..",
              "org.w3c.dom..",
              "org.xml.sax..",
              "org.jspecify.annotations..",
              "com.sun.management..",
              "java..");

  /** The sandbox runs a command and knows neither market nor leases. */
  @ArchTest
  static final ArchRule sandboxesKnowNoLeases =
      classes()
          .that()
          .resideInAPackage("..worker.runtime.sandbox..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.shardex.worker.runtime.sandbox..",
              "org.apache.commons.compress..",
              "com.fasterxml.jackson..",
              "org.slf4j..",
              "org.jspecify.annotations..",
              "com.sun.management..",
              "java..");

  /** Training by libtorch knows neither market nor leases. */
  @ArchTest
  static final ArchRule torchKnowsNoLeases =
      classes()
          .that()
          .resideInAPackage("..worker.runtime.torch..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.shardex.worker.runtime.torch..",
              "io.shardex.worker.runtime.sandbox..",
              "io.shardex.training..",
              "ai.djl..",
              "org.slf4j..",
              "org.jspecify.annotations..",
              "java..");

  /** The agent runs without the binding, which is on the child's class path alone. */
  @ArchTest
  static final ArchRule onlyTheChildMeetsLibtorch =
      noClasses()
          .that()
          .haveNameNotMatching(
              "io\\.shardex\\.worker\\.runtime\\.torch\\.(LibtorchTraining|LibtorchChain|Rule)(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  @ArchTest
  static final ArchRule onlyTheChildHasThem =
      noClasses()
          .that()
          .haveNameNotMatching(
              "io\\.shardex\\.worker\\.runtime\\.torch\\.(LibtorchTraining|LibtorchChain|Rule|TorchChild)(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .haveNameMatching(
              "io\\.shardex\\.worker\\.runtime\\.torch\\.(LibtorchTraining|LibtorchChain|Rule)(\\$.*)?");

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

  /** The agent only dials out. */
  @ArchTest
  static final ArchRule listensToNobody =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveNameMatching(
              "java\\.net\\.ServerSocket"
                  + "|java\\.nio\\.channels\\.(Asynchronous)?ServerSocketChannel"
                  + "|com\\.sun\\.net\\.httpserver\\..*"
                  + "|io\\.grpc\\.(Server|ServerBuilder|.*NettyServerBuilder)");

  @ArchTest
  static final ArchRule leavesTheWireToProtocol =
      noClasses().should().dependOnClassesThat().resideInAnyPackage("..protocol.wire..");
}
