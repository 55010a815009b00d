package io.shardex.worker.runtime.sandbox;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The filter of system calls, in the words of the OCI runtime specification. */
final class Seccomp {
  private static final String LIST = "allowed-syscalls.txt";

  /** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET of clone's flags. */
  private static final long NEW_NAMESPACES = 0x7E020000L;

  /**
   * The first of fcntl's commands that only Linux has: leases on files. Whoever opens a file that
   * is leased waits for its holder, 45 s as a rule; the agent would, for each file of a command
   * that stands still while it is saved.
   */
  private static final long SET_LEASE = 1_024;

  /** F_GETDELEG and F_SETDELEG, which are about leases too, come after it. */
  private static final long LAST_FCNTL = 1_038;

  private static final long ALL_BITS = 0xffffffffL;
  private static final int ENOSYS = 38;

  /**
   * Linux, 32 bit addresses, the like of old Unixes: what {@code setarch} asks for, and queries.
   */
  private static final List<Long> PERSONALITIES = List.of(0L, 8L, 0x20000L, 0x20008L, 0xffffffffL);

  /** Unix, IPv4, IPv6, and netlink, by which libraries list interfaces. */
  private static final List<Long> SOCKETS = List.of(1L, 2L, 10L, 16L);

  private Seccomp() {}

  static ObjectNode filter() {
    ObjectNode filter = JsonNodeFactory.instance.objectNode();
    filter.put("defaultAction", "SCMP_ACT_ERRNO");
    ArrayNode rules = filter.putArray("syscalls");
    ObjectNode allowed = rule(rules, "SCMP_ACT_ALLOW");
    ArrayNode names = allowed.withArray("names");
    allowed().forEach(names::add);
    argument(rule(rules, "SCMP_ACT_ALLOW", "clone"), "SCMP_CMP_MASKED_EQ", NEW_NAMESPACES, 0);
    // Its flags lie in memory, where no filter can look; C libraries then fall back to clone.
    rule(rules, "SCMP_ACT_ERRNO", "clone3").put("errnoRet", ENOSYS);
    for (long persona : PERSONALITIES) {
      argument(rule(rules, "SCMP_ACT_ALLOW", "personality"), "SCMP_CMP_EQ", persona, 0);
    }
    // The kernel looks at the lower half of the command only.
    fcntl(rules, ALL_BITS - 63, 0);
    for (long command = SET_LEASE + 1; command <= LAST_FCNTL; command++) {
      fcntl(rules, ALL_BITS, command);
    }
    for (long family : SOCKETS) {
      argument(rule(rules, "SCMP_ACT_ALLOW", "socket"), "SCMP_CMP_EQ", family, 0);
    }
    return filter;
  }

  private static ObjectNode rule(ArrayNode rules, String action, String... names) {
    ObjectNode rule = rules.addObject();
    ArrayNode list = rule.putArray("names");
    Arrays.stream(names).forEach(list::add);
    return rule.put("action", action);
  }

  private static void fcntl(ArrayNode rules, long mask, long command) {
    argument(rule(rules, "SCMP_ACT_ALLOW", "fcntl"), 1, "SCMP_CMP_MASKED_EQ", mask, command);
  }

  private static void argument(ObjectNode rule, String op, long value, long valueTwo) {
    argument(rule, 0, op, value, valueTwo);
  }

  private static void argument(ObjectNode rule, int index, String op, long value, long valueTwo) {
    rule.putArray("args")
        .addObject()
        .put("index", index)
        .put("value", value)
        .put("valueTwo", valueTwo)
        .put("op", op);
  }

  /** The names in the list, in its order. */
  static List<String> allowed() {
    try (InputStream list = Seccomp.class.getResourceAsStream(LIST)) {
      if (list == null) {
        throw new IllegalStateException(LIST + " is not on the class path");
      }
      return new String(list.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .flatMap(line -> Arrays.stream(line.split(" ")))
          .filter(name -> !name.isEmpty())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
