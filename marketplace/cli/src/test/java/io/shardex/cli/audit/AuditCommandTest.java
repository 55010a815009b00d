package io.shardex.cli.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.protocol.log.ArchiveWriter;
import io.shardex.protocol.log.LogEntry;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NetworkId;
import io.shardex.protocol.network.NodeEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands without a network: over a file, and when nobody answers. */
class AuditCommandTest {
  @TempDir Path folder;
  private final AuditedMarket market = AuditedMarket.whole();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path network = Path.of("");
  private Path log = Path.of("");

  @BeforeEach
  void exports() throws IOException {
    NodeEntry gone =
        new NodeEntry(
            "a",
            new Endpoint("127.0.0.1", 1),
            new Endpoint("127.0.0.1", 2),
            new Endpoint("127.0.0.1", 4),
            3);
    network = folder.resolve("network.json");
    Files.write(
        network,
        new NetworkFile(market.network, List.of(gone), List.of("http://127.0.0.1:1")).toJson());
    log = folder.resolve("log.shardex");
    Files.write(log, export(market.entries));
  }

  @Test
  void anExportIsVerifiedWithoutNodesAndChain() {
    assertEquals(0, run("verify", "--file", log.toString(), "--no-chain"), err::toString);

    assertTrue(out.toString().contains("running hash " + market.state().hash()), out::toString);
    assertTrue(out.toString().contains("note: 1 of 1 nodes did not answer"), out::toString);
    assertTrue(out.toString().contains("note: the chain was left out"), out::toString);
  }

  @Test
  void aReportMayBeJson() {
    assertEquals(0, run("verify", "--file", log.toString(), "--no-chain", "-o", "json"));

    assertTrue(
        out.toString()
            .startsWith(
                "{\"lastIndex\":%d,\"entries\":%d,"
                    .formatted(market.lastIndex(), market.entries.size())),
        out::toString);
  }

  @Test
  void anAlteredByteOfTheFileIsNamed() throws IOException {
    byte[] bytes = Files.readAllBytes(log);
    bytes[bytes.length / 2] ^= 1;
    Files.write(log, bytes);

    assertEquals(1, run("verify", "--file", log.toString(), "--no-chain"));
    assertTrue(err.toString().contains(log + ": at byte "), err::toString);
  }

  @Test
  void aFileThatIsCutOffIsNamed() throws IOException {
    byte[] bytes = Files.readAllBytes(log);
    Files.write(log, Arrays.copyOf(bytes, bytes.length - 3));

    assertEquals(1, run("verify", "--file", log.toString(), "--no-chain"));
    assertTrue(err.toString().contains("is cut off"), err::toString);
  }

  @Test
  void aFileOfAnotherKindIsNamed() throws IOException {
    Files.writeString(log, "something else\n");

    assertEquals(1, run("verify", "--file", log.toString(), "--no-chain"));
    assertTrue(
        err.toString()
            .contains("expected the format shardex.archive/1, but the file begins with 'something"),
        err::toString);
  }

  @Test
  void withoutAnyNodeThereIsNothingToVerifyOrExport() {
    assertEquals(3, run("verify", "--no-chain"));
    assertTrue(err.toString().contains("none of 127.0.0.1:1 answered"), err::toString);

    Path target = folder.resolve("new");
    assertEquals(3, run("export", "--out", target.toString()));
    assertFalse(Files.exists(target));
    assertFalse(Files.exists(folder.resolve("new.part")));
  }

  @Test
  void withoutTheChainNoPaymentIsCompared() {
    assertEquals(3, run("verify", "--file", log.toString()));
    assertTrue(err.toString().contains("http://127.0.0.1:1"), err::toString);
  }

  @Test
  void wrongUsageIsTold() {
    assertEquals(2, run());
    assertEquals(2, run("verify", "-o", "xml"));
    assertEquals(2, run("export"));
    assertEquals(2, run("export", "--out", log.toString()));
    assertTrue(err.toString().contains(log + " exists already"), err::toString);
    assertEquals(2, run("export", "--out", "x", "--from", "5", "--to", "4"));
    assertTrue(err.toString().contains("no range goes from 5 to 4"), err::toString);
  }

  @Test
  void helpNamesExitCodesAndExamples() {
    assertEquals(0, run("verify", "--help"));
    assertTrue(out.toString().contains("shardex audit verify --file log.shardex"), out::toString);
    assertTrue(out.toString().contains("no node or no chain endpoint answered"), out::toString);
  }

  private int run(String... arguments) {
    CommandLine audit = AuditCommand.commandLine();
    audit.setOut(new PrintWriter(out));
    audit.setErr(new PrintWriter(err));
    List<String> all = new ArrayList<>(List.of(arguments));
    if (!all.isEmpty()) {
      all.addAll(List.of("--network", network.toString()));
    }
    return audit.execute(all.toArray(String[]::new));
  }

  private byte[] export(List<LogEntry> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ArchiveWriter writer = ArchiveWriter.begin(bytes, NetworkId.of(market.network));
    for (LogEntry entry : entries) {
      writer.write(entry);
    }
    return bytes.toByteArray();
  }
}
