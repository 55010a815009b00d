package io.shardex.ops.role;

import io.shardex.market.Address;
import io.shardex.market.Signature;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Keystores;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.key.KeyFile;
import io.shardex.protocol.key.KeyFile.Strength;
import io.shardex.protocol.key.KeyFileException;
import io.shardex.protocol.key.Passphrase;
import io.shardex.protocol.key.Signatures;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The keys of a new agent's slots, all opened by one passphrase: {@code worker.json}, or of several
 * slots {@code worker-1.json} and so on.
 *
 * @param dir where they are
 * @param given a file with the passphrase; without one a random one is made in {@code passphrase}
 */
record SlotKeys(Path dir, Optional<Path> given, int slots) {
  /** Where the passphrase is. */
  Path passphrase() {
    return given.orElseGet(() -> dir.resolve("passphrase"));
  }

  /** The keystores, one a slot. */
  List<Path> files() {
    return slots == 1
        ? List.of(dir.resolve("worker.json"))
        : IntStream.rangeClosed(1, slots)
            .mapToObj(number -> dir.resolve("worker-%d.json".formatted(number)))
            .toList();
  }

  /** The keys' addresses; a key that is not there is made. */
  List<Address> make() {
    try {
      char[] opens =
          given.isPresent() || Files.exists(passphrase())
              ? Passphrase.fromFile(passphrase())
              : Passphrase.toNewFile(passphrase(), new SecureRandom());
      try {
        if (opens.length == 0) {
          throw usage("the passphrase in " + passphrase() + " is empty", "Write one into it");
        }
        List<Address> addresses = new ArrayList<>();
        for (Path file : files()) {
          addresses.add(key(file, opens));
        }
        return addresses;
      } finally {
        Arrays.fill(opens, '\0');
      }
    } catch (KeyFileException e) {
      throw Keystores.told(e);
    }
  }

  private Address key(Path file, char[] opens) throws KeyFileException {
    if (Files.exists(file)) {
      return KeyFile.read(file, opens).address();
    }
    SigningKey key = SigningKey.random(new SecureRandom());
    // Nobody guesses 128 random bits, however cheap a guess is.
    KeyFile.write(file, key, opens, given.isPresent() ? Strength.STANDARD : Strength.LIGHT);
    return key.address();
  }

  /** The owner's endorsements of these workers, in hex. */
  static List<String> endorsed(SigningKey owner, TypedData typed, List<Address> workers) {
    return workers.stream()
        .map(
            worker ->
                "0x"
                    + HexFormat.of()
                        .formatHex(owner.sign(typed.workerKey(owner.address(), worker)).bytes()))
        .toList();
  }

  /**
   * The endorsements that were given, put in the workers' order.
   *
   * @return empty if none was given
   */
  static Optional<List<String>> endorsed(
      List<String> given, TypedData typed, Address owner, List<Address> workers) {
    if (given.isEmpty()) {
      return Optional.empty();
    }
    List<String> found = new ArrayList<>();
    for (Address worker : workers) {
      found.add(
          given.stream()
              .filter(text -> isOf(text, typed, owner, worker))
              .findFirst()
              .orElseThrow(
                  () ->
                      usage(
                          "the endorsement is not of owner %s for worker %s in this network"
                              .formatted(owner, worker),
                          "Run 'shardex worker endorse' with this network file, the owner's key"
                              + " and this worker")));
    }
    return Optional.of(found);
  }

  private static boolean isOf(String text, TypedData typed, Address owner, Address worker) {
    try {
      Signature signature =
          Signature.of(HexFormat.of().parseHex(text.strip().replaceFirst("^0x", "")));
      return Signatures.recover(typed.workerKey(owner, worker), signature)
          .equals(Optional.of(owner));
    } catch (IllegalArgumentException e) {
      throw usage(
          "--endorsement: it is no signature: " + e.getMessage(),
          "Give what 'shardex worker endorse' printed, 0x and 130 hex digits");
    }
  }

  private static Trouble usage(String what, String fix) {
    return new Trouble(ExitCode.USAGE, what, fix);
  }
}
