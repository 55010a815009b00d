package io.shardex.training;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.BaseStream;
import java.util.stream.DoubleStream;

/** What the module may stand on, and what its arithmetic may never call. */
@AnalyzeClasses(packages = "io.shardex.training", importOptions = DoNotIncludeTests.class)
class ArrowsTest {
  private static final Set<String> EXACT_OF_MATH =
      Set.of("max", "min", "sqrt", "abs", "ceilDiv", "addExact", "multiplyExact", "toIntExact");

  private static final DescribedPredicate<JavaAccess<?>> INEXACT_MATH =
      describe(
          "a method of Math that is not exact on every platform",
          access ->
              access.getTargetOwner().isEquivalentTo(Math.class)
                  && !EXACT_OF_MATH.contains(access.getTarget().getName()));

  private static final DescribedPredicate<JavaAccess<?>> UNORDERED_SUM =
      describe(
          "a sum without a declared order",
          access -> {
            AccessTarget target = access.getTarget();
            return target.getName().equals("parallelStream")
                || (target.getName().equals("parallel")
                    && target.getOwner().isAssignableTo(BaseStream.class))
                || (target.getOwner().isEquivalentTo(DoubleStream.class)
                    && Set.of("sum", "average", "summaryStatistics").contains(target.getName()));
          });

  @ArchTest
  static final ArchRule standsOnTheJdkAlone =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("io.shardex.training..", "java..", "org.jspecify.annotations..");

  @ArchTest
  static final ArchRule usesExactOperationsOnly =
      noClasses().should().accessTargetWhere(INEXACT_MATH);

  @ArchTest
  static final ArchRule sumsInADeclaredOrder =
      noClasses().should().accessTargetWhere(UNORDERED_SUM);

  @ArchTest
  static final ArchRule drawsFromItsOwnGeneratorOnly =
      noClasses().should().dependOnClassesThat().areAssignableTo(RandomGenerator.class);

  @ArchTest
  static final ArchRule readsNoClock =
      noClasses()
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime");

  @ArchTest
  static final ArchRule specsStandOnNothingElse =
      noClasses()
          .that()
          .resideInAnyPackage("..training.spec..", "..training.commitment..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.shardex.training",
              "..training.arithmetic..",
              "..training.model..",
              "..training.data..");
}
