package io.shardex.settlement;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.shardex.settlement",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule usesTheJdkWeb3jAndWhatLiesBelowOnly =
      classes()
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                  "io.shardex.settlement..",
                  "io.shardex.protocol..",
                  "io.shardex.market..",
                  "io.shardex.pricing..",
                  "java..",
                  "org.web3j..",
                  "okhttp3..",
                  "okio..",
                  "com.fasterxml.jackson..",
                  "io.reactivex..", // in the generated wrappers
                  "org.jspecify.."));
}
