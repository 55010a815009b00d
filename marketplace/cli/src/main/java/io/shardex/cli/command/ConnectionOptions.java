package io.shardex.cli.command;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every command may be told: where the network is, whose key, and how to print. */
final class ConnectionOptions {
  @Option(
      names = "--network",
      paramLabel = "FILE",
      description = "The network file (~/.shardex/up/network.json).")
  private @Nullable String network;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "The keystore (~/.shardex/wallet.json).")
  private @Nullable String key;

  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description = "Holds the keystore's passphrase; without it you are asked.")
  private @Nullable String passphraseFile;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text or json (text).")
  private @Nullable String output;

  Map<Setting, String> flags() {
    Map<Setting, String> flags = new EnumMap<>(Setting.class);
    put(flags, Setting.NETWORK, network);
    put(flags, Setting.KEY, key);
    put(flags, Setting.PASSPHRASE_FILE, passphraseFile);
    put(flags, Setting.OUTPUT, output);
    return flags;
  }

  private static void put(Map<Setting, String> flags, Setting setting, @Nullable String said) {
    if (said != null) {
      flags.put(setting, said);
    }
  }
}
