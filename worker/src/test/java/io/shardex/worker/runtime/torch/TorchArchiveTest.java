package io.shardex.worker.runtime.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a builder's archive reaches libtorch. */
class TorchArchiveTest {
  @TempDir Path folder;
  private final Map<String, byte[]> entries = new LinkedHashMap<>();

  TorchArchiveTest() {
    put("m/data.pkl", "pickle");
    put("m/constants.pkl", "pickle");
    put("m/version", "3\n");
    put("m/data/0", "floats");
    put("m/code/__torch__.py", "def forward(self, x):\n  return torch.relu(x)\n");
  }

  @Test
  void whatIsNeededIsKeptByteForByte() throws Exception {
    Path target = folder.resolve("rewritten.pt");
    Path file = Toys.file(folder, "toy.pt");

    TorchArchive.rewrite(file, target);

    try (ZipFile before = new ZipFile(file.toFile());
        ZipFile after = new ZipFile(target.toFile())) {
      assertEquals(
          before.stream()
              .map(ZipEntry::getName)
              .filter(name -> !name.endsWith("debug_pkl"))
              .collect(Collectors.toSet()),
          after.stream().map(ZipEntry::getName).collect(Collectors.toSet()));
      for (ZipEntry entry : after.stream().toList()) {
        assertArrayEquals(
            before.getInputStream(before.getEntry(entry.getName())).readAllBytes(),
            after.getInputStream(entry).readAllBytes());
      }
    }
  }

  @Test
  void whatLibtorchDoesNotNeedIsLeftOut() throws Exception {
    put("m/extra/notes.txt", "whatever");
    put("m/code/__torch__.py.debug_pkl", "\u0080 torch.classes.dist_c10d.Store");
    put("m/bytecode.pkl", "for phones");
    put("m/.data/serialization_id", "1");
    put("m/byteorder", "little");

    assertEquals(
        "m/byteorder m/code/__torch__.py m/constants.pkl m/data.pkl m/data/0 m/version",
        rewritten());
  }

  @Test
  void theSmallestArchiveIsTaken() throws Exception {
    assertEquals("m/code/__torch__.py m/constants.pkl m/data.pkl m/data/0 m/version", rewritten());
  }

  @Test
  void theVersionMayStandInEitherPlace() throws Exception {
    entries.remove("m/version");
    put("m/.data/version", "10\n");

    assertEquals(
        "m/.data/version m/code/__torch__.py m/constants.pkl m/data.pkl m/data/0", rewritten());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../m/data/1",
        "/m/data/1",
        "m/../data/1",
        "m/data/../../1",
        "n/data/1",
        "data.pkl",
        "m/data/x",
        "m/code/run.sh",
        "m/code/../x.py",
        "m/something.else",
        "m/data/1\u0000",
        "m\\data\\1",
        "m/",
      })
  void anEntryThatNoModuleHasIsRefused(String name) throws IOException {
    put(name, "x");

    assertRefused("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"m/data.pkl", "m/constants.pkl", "m/version", "m/code/__torch__.py"})
  void anArchiveWithoutItsPartsIsRefused(String name) throws IOException {
    entries.remove(name);

    assertRefused("it has no ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "torch.save(x, \"/etc/passwd\")",
        "torch . save (x, y)",
        "x.save(\"f\")",
        "y = torch.from_file(\"/etc/shadow\", False, 9)",
        "getattr(x, \"sa\" \"ve\")",
        "getattr(x, \"save\")",
        "getattr (x, \"0\")",
        "getattr(x, \"0\" \"1\")",
        "hasattr(x, \"save\")",
        "ops.c10d.send(x)",
        "ops . aten . save(x)",
        "o = ops",
        "y = ops.prim.x; ops.quantized.linear(x)",
        "a = __torch__.torch.classes.dist_c10d.TCPStore",
        "a = torch\n.\nclasses.x",
        "torch.rpc_sync(x)",
        "# \u00e9",
        "x = \u0000",
      })
  void codeWithAWayOutIsRefused(String code) throws IOException {
    put("m/code/__torch__/deeper.py", "def forward(self, x):\n  " + code + "\n");

    assertRefused("deeper.py");
  }

  @Test
  void ordinaryCodeIsNotTakenForAWayOut() throws Exception {
    put(
        "m/code/__torch__/deeper.py",
        "saved = self.classes\n_0 = getattr(self, \"0\")\nfrom_files = ops.prim.NumToTensor(2)\n_save = saves\n");

    assertTrue(rewritten().contains("deeper.py"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"c__torch__.torch.classes.rpc\nX\n", "c__torch__.torch\nclasses.rpc.X\n"})
  void anObjectOfANativeClassIsRefused(String pickle) throws IOException {
    put("m/data.pkl", "\u0080\u0002" + pickle);

    assertRefused("native class");
  }

  @Test
  void anArchiveThatGrowsOverItsBoundIsRefused() throws IOException {
    Path file = folder.resolve("bomb.pt");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("m/data/0"));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i <= TorchArchive.MOST_BYTES >> 20; i++) {
        zip.write(zeros);
      }
    }

    assertTrue(Files.size(file) < 1 << 20);
    assertRefused("unpacked, it has more than", file);
  }

  @Test
  void anotherByteOrderOrVersionIsRefused() throws IOException {
    put("m/byteorder", "big");
    assertRefused("its byteorder is 'big'");
    entries.remove("m/byteorder");
    put("m/version", "three");
    assertRefused("its version is 'three'");
  }

  @Test
  void whatIsNoZipIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("text.pt"), "import torch");
    assertRefused("no TorchScript archive", text);

    Path half = folder.resolve("half.pt");
    byte[] whole = Files.readAllBytes(Toys.file(folder, "toy.pt"));
    Files.write(half, Arrays.copyOf(whole, whole.length / 2));
    assertRefused("no TorchScript archive", half);
  }

  @Test
  void twoEntriesOfOneNameAreRefused() throws IOException {
    put("m/data/1", "one");
    put("m/data/2", "two");
    Path file = write();
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1).replace("m/data/2", "m/data/1");
    Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));

    assertRefused("two entries", file);
  }

  private void put(String name, String content) {
    entries.put(name, content.getBytes(StandardCharsets.ISO_8859_1));
  }

  private Path write() throws IOException {
    Path file = folder.resolve("module.pt");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
      }
    }
    return file;
  }

  private String rewritten() throws Exception {
    Path target = folder.resolve("rewritten.pt");
    TorchArchive.rewrite(write(), target);
    try (ZipFile after = new ZipFile(target.toFile())) {
      return after.stream().map(ZipEntry::getName).sorted().collect(Collectors.joining(" "));
    }
  }

  private void assertRefused(String part) throws IOException {
    assertRefused(part, write());
  }

  private void assertRefused(String part, Path file) {
    TorchArchive.Refused refused =
        assertThrows(
            TorchArchive.Refused.class,
            () -> TorchArchive.rewrite(file, folder.resolve("rewritten.pt")));
    assertTrue(refused.getMessage().contains(part), refused.getMessage());
  }
}
