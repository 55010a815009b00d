package io.shardex.consensus;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;

@AnalyzeClasses(
    packages = "io.shardex.consensus",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule usesTheJdkRatisAndSlf4jOnly =
      classes()
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                  "io.shardex.consensus",
                  "java..",
                  "javax.net.ssl",
                  "org.apache.ratis..",
                  "org.slf4j",
                  "org.jspecify.."));

  @ArchTest
  static final ArchRule ratisStaysInside =
      noMethods()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat()
          .arePublic()
          .should()
          .haveRawReturnType(resideInAPackage("org.apache.ratis.."))
          .orShould()
          .haveRawParameterTypes(
              DescribedPredicate.<List<JavaClass>>describe(
                  "of Ratis",
                  types -> types.stream().anyMatch(resideInAPackage("org.apache.ratis.."))));
}
