package io.shardex.scheduler;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.shardex", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule onlySchedulerKnowsPekkoAndIgnite =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.shardex.scheduler..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.pekko..", "org.apache.ignite..", "javax.cache..");

  @ArchTest
  static final ArchRule igniteStaysInTheGrid =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.shardex.scheduler.grid..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.ignite..", "javax.cache..");

  @ArchTest
  static final ArchRule ratisStaysInConsensus =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.shardex.consensus..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.ratis..");

  @ArchTest
  static final ArchRule theGeneratedWireStaysInProtocolAndTheGateway =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.shardex.protocol..", "io.shardex.scheduler.gateway..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.google.protobuf..", "io.shardex.protocol.wire..");

  @ArchTest
  static final ArchRule simpleclientStaysInMetrics =
      noClasses()
          .that()
          .resideInAPackage("io.shardex.scheduler..")
          .and()
          .resideOutsideOfPackages("io.shardex.scheduler.metrics..", "io.shardex.scheduler")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.prometheus.client..");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.shardex.scheduler.(*)..").should().beFreeOfCycles();
}
