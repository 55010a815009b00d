package io.shardex.ops;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What holds for all modules together; each module's own arrows are tested beside it. */
class HouseTest {
  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.shardex");

  @Test
  void nothingDependsOnOps() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.shardex.ops..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.shardex.ops..")
        .check(OURS);
  }

  @Test
  void namesSayWhatAClassDoes() {
    List<String> vague =
        OURS.stream()
            .filter(HouseTest::isHandWritten)
            .map(JavaClass::getName)
            .filter(name -> name.matches(".*(Manager|Utils?|Helpers?|Impl|Common)(\\$.*)?"))
            .toList();

    assertTrue(vague.isEmpty(), vague.toString());
  }

  @Test
  void everyModuleIsSeen() {
    for (String module : List.of("ops", "pricing", "market", "training", "protocol")) {
      String prefix = "io.shardex." + module + ".";
      assertTrue(OURS.stream().anyMatch(type -> type.getName().startsWith(prefix)), module);
    }
  }

  /** protoc and Web3j write classes, too, and name them their own way. */
  private static boolean isHandWritten(JavaClass type) {
    return !type.getName().matches("io\\.shardex\\..*\\.(contracts|v[0-9]+|proto)\\..*");
  }
}
