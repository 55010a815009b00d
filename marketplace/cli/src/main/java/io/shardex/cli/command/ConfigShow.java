package io.shardex.cli.command;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code shardex config show}. */
@Command(
    name = "show",
    description = {
      "Shows each setting in force and who said so.",
      "",
      "A flag goes before a SHARDEX_ variable, that before the file ~/.shardex/shardex.conf (or"
          + " SHARDEX_CONFIG), that before the default."
    },
    footer = {
      "  shardex config show",
      "  SHARDEX_NETWORK=net/network.json shardex config show",
    })
final class ConfigShow extends NetworkCommand {
  ConfigShow(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) {
    var object = Screen.object();
    List<List<String>> rows = new ArrayList<>();
    for (Setting setting : Setting.values()) {
      Settings.Value value = session.settings().value(setting);
      object.putObject(setting.key()).put("value", value.text()).put("source", value.source());
      rows.add(
          List.of(setting.key(), value.text().isEmpty() ? "(none)" : value.text(), value.source()));
    }
    screen.table(List.of("SETTING", "VALUE", "FROM"), rows);
    screen.object(object);
  }
}
