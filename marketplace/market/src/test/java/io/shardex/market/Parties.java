package io.shardex.market;

/** The keys of a test's people and machines, told apart by their first word. */
final class Parties {
  static final Address TREASURY = new Address(9, 0, 0);
  static final Address STRANGER = new Address(8, 0, 0);

  private Parties() {}

  static Address validator(int number) {
    return new Address(1, 0, number);
  }

  static Address builder(int number) {
    return new Address(2, 0, number);
  }

  static Address owner(int number) {
    return new Address(3, 0, number);
  }

  static Address worker(int owner, int slot) {
    return new Address(4, owner, slot);
  }
}
