package io.shardex.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardex.cli.InputRefused;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @TempDir private Path home;
  private Rig rig;

  // JUnit fills the folder in and calls the method below before each test.
  @SuppressWarnings("NullAway.Init")
  SettingsTest() {}

  @BeforeEach
  void furnish() throws Exception {
    rig = Rig.in(home);
  }

  @Test
  void aDefaultLiesInTheHomeFolder() throws Exception {
    assertSetting("default", home + "/.shardex/up/network.json");
  }

  @Test
  void theFileGoesBeforeTheDefault() throws Exception {
    Path file = configure("network = other.json");

    assertSetting(file.toString(), home + "/.shardex/other.json");
  }

  @Test
  void aVariableGoesBeforeTheFile() throws Exception {
    configure("network = other.json");
    rig.environment.put("SHARDEX_NETWORK", "~/third.json");

    assertSetting("SHARDEX_NETWORK", home + "/third.json");
  }

  @Test
  void aFlagGoesBeforeAll() throws Exception {
    configure("network = other.json");
    rig.environment.put("SHARDEX_NETWORK", "third.json");

    assertSetting("--network", "fourth.json", "--network", "fourth.json");
  }

  @Test
  void anUnknownSettingNamesTheNearest() throws Exception {
    configure("netwrok = other.json");

    rig.fail(
        InputRefused.class,
        "there is no setting 'netwrok'; the nearest is 'network'",
        "config",
        "show");
  }

  @Test
  void aFileThatIsNamedMustBeThere() {
    rig.environment.put("SHARDEX_CONFIG", home.resolve("none.conf").toString());

    rig.fail(InputRefused.class, "there is no such file", "config", "show");
  }

  @Test
  void aFileThatIsNoHoconIsRefused() throws Exception {
    configure("network = {");

    rig.fail(InputRefused.class, "the configuration file cannot be read", "config", "show");
  }

  @Test
  void anotherOutputIsRefused() {
    rig.fail(InputRefused.class, "the output is text or json", "config", "show", "-o", "xml");
  }

  @Test
  void peopleGetATable() {
    String text = rig.run("config", "show");

    assertTrue(text.contains("SETTING"), text);
    assertTrue(text.contains("SHARDEX_PASSPHRASE_FILE"), text);
  }

  private Path configure(String text) throws Exception {
    Path file = home.resolve(".shardex/shardex.conf");
    Files.writeString(file, text);
    return file;
  }

  private void assertSetting(String source, String value, String... flags) throws Exception {
    String[] line = new String[flags.length + 4];
    System.arraycopy(new String[] {"config", "show", "-o", "json"}, 0, line, 0, 4);
    System.arraycopy(flags, 0, line, 4, flags.length);
    JsonNode network = rig.object(line).path("network");
    assertEquals(source, network.path("source").asText());
    assertEquals(value, network.path("value").asText());
  }
}
