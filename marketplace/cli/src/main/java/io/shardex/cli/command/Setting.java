package io.shardex.cli.command;

/** What every command needs to know, and where it may be said. */
enum Setting {
  /** The network file. */
  NETWORK("network", "SHARDEX_NETWORK", "--network", "~/.shardex/up/network.json"),
  /** The keystore. */
  KEY("key", "SHARDEX_KEY", "--key", "~/.shardex/wallet.json"),
  /** The keystore's passphrase; asked for when there is no file. */
  PASSPHRASE_FILE("passphrase-file", "SHARDEX_PASSPHRASE_FILE", "--passphrase-file", ""),
  /** text or json. */
  OUTPUT("output", "SHARDEX_OUTPUT", "--output", "text");

  private final String key;
  private final String variable;
  private final String flag;
  private final String standard;

  Setting(String key, String variable, String flag, String standard) {
    this.key = key;
    this.variable = variable;
    this.flag = flag;
    this.standard = standard;
  }

  /** Its name in the configuration file. */
  String key() {
    return key;
  }

  String variable() {
    return variable;
  }

  String flag() {
    return flag;
  }

  /** What holds when nobody says anything; empty for nothing. */
  String standard() {
    return standard;
  }

  boolean isPath() {
    return this != OUTPUT;
  }
}
