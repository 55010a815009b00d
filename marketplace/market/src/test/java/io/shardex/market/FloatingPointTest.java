package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** ArchUnit does not see local variables, so this reads the instructions themselves. */
class FloatingPointTest {
  @Test
  void neitherMarketNorPricingComputesWithFloatOrDouble() throws IOException {
    List<String> found = new ArrayList<>();
    int classes = 0;
    for (JavaClass scanned :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.shardex.market", "io.shardex.pricing")) {
      found.addAll(FloatScan.of(bytes(scanned.getSource().orElseThrow().getUri())));
      classes++;
    }
    assertEquals(List.of(), found);
    assertTrue(classes > 100, "the scan must see both modules");
  }

  @Test
  void theScanSeesAFloatInALocalVariableAConstantACallAndASignature() throws IOException {
    for (Class<?> floats :
        List.of(Local.class, Constant.class, Called.class, Signed.class, Array.class)) {
      URI source = new ClassFileImporter().importClass(floats).getSource().orElseThrow().getUri();
      assertFalse(FloatScan.of(bytes(source)).isEmpty(), floats::getName);
    }
  }

  private static byte[] bytes(URI uri) throws IOException {
    try (InputStream stream = uri.toURL().openStream()) {
      return stream.readAllBytes();
    }
  }

  static final class Local {
    static int half(int whole) {
      double half = whole / 2.0;
      return (int) half;
    }
  }

  static final class Constant {
    static Object one() {
      return 1.5f;
    }
  }

  static final class Called {
    static long bits(String text) {
      return Double.valueOf(text).longValue();
    }
  }

  interface Signed {
    long of(float value);
  }

  static final class Array {
    static Object empty() {
      return new double[0];
    }
  }
}
