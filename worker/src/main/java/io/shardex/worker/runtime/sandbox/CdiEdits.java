package io.shardex.worker.runtime.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One {@code containerEdits} of a CDI specification. The host's owner wrote it, so it is believed,
 * but for what would open the sandbox: mounts are read-only and stay away from the sandbox's own
 * places, and hooks are refused. A hook runs as root before the root file system turns read-only,
 * and would write into an image that leases share.
 */
final class CdiEdits {
  /** Device nodes are open to all users of the container, so extra groups change nothing. */
  private static final Set<String> KNOWN = Set.of("deviceNodes", "mounts", "env", "additionalGids");

  /** The sandbox's own places, which no mount may cover. */
  private static final List<String> TAKEN = List.of("/proc", "/sys", "/dev", "/tmp", "/shardex");

  private static final int MOST = 1_024;
  private static final int FILE_TYPE = 0170000;
  private static final int CHARACTER = 0020000;
  private static final int BLOCK = 0060000;

  private final Path file;
  private final JsonNode edits;

  CdiEdits(Path file, JsonNode edits) throws SandboxFailure {
    this.file = file;
    this.edits = edits;
    for (Iterator<String> names = edits.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!KNOWN.contains(name) && !edits.path(name).isEmpty()) {
        throw new SandboxFailure(
            "%s asks for %s, which a sandbox does not give; generate it without them"
                .formatted(file, name));
      }
    }
    for (String name : List.of("deviceNodes", "mounts", "env")) {
      if (edits.path(name).size() > MOST) {
        throw new SandboxFailure(
            "expected at most %d %s in %s, but there are %d"
                .formatted(MOST, name, file, edits.path(name).size()));
      }
    }
  }

  /** Nodes under /dev, with numbers from the host where the specification gives none. */
  List<ContainerEdits.Device> nodes() throws SandboxFailure {
    List<ContainerEdits.Device> nodes = new ArrayList<>();
    for (JsonNode node : edits.path("deviceNodes")) {
      String path = place(node, "path");
      if (!path.startsWith("/dev/")) {
        throw new SandboxFailure(
            "expected the device nodes of %s to lie in /dev, but one is %s".formatted(file, path));
      }
      nodes.add(
          node.has("major") && node.has("minor") && node.has("type")
              ? described(node, path)
              : onHost(Path.of(node.path("hostPath").asText(path)), path));
    }
    return nodes;
  }

  private ContainerEdits.Device described(JsonNode node, String path) throws SandboxFailure {
    String type = node.path("type").asText();
    if (!type.matches("[bcu]")) {
      throw new SandboxFailure(
          "expected %s in %s to be of type b or c, but it is '%s'".formatted(path, file, type));
    }
    return new ContainerEdits.Device(
        path,
        type.equals("u") ? "c" : type,
        node.path("major").asLong(),
        node.path("minor").asLong());
  }

  private static ContainerEdits.Device onHost(Path host, String path) throws SandboxFailure {
    try {
      int mode = (Integer) Files.getAttribute(host, "unix:mode");
      long device = (Long) Files.getAttribute(host, "unix:rdev");
      int type = mode & FILE_TYPE;
      if (type != CHARACTER && type != BLOCK) {
        throw new SandboxFailure("expected %s to be a device, but it is none".formatted(host));
      }
      // The two numbers as Linux packs them: minor in bits 0-7 and 20-31, major in 8-19 and 32-.
      long major = ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
      long minor = (device & 0xff) | ((device >>> 12) & 0xffffff00L);
      return new ContainerEdits.Device(path, type == CHARACTER ? "c" : "b", major, minor);
    } catch (IOException e) {
      throw new SandboxFailure(
          "device %s cannot be looked at: is its driver loaded? %s".formatted(host, e.getMessage()),
          e);
    }
  }

  /** Bind mounts, all read-only. */
  List<ContainerEdits.Mount> mounts() throws SandboxFailure {
    List<ContainerEdits.Mount> mounts = new ArrayList<>();
    for (JsonNode mount : edits.path("mounts")) {
      String target = place(mount, "containerPath");
      if (target.equals("/")
          || TAKEN.stream().anyMatch(own -> target.equals(own) || target.startsWith(own + "/"))) {
        throw new SandboxFailure(
            "expected the mounts of %s to leave %s to the sandbox, but one is there"
                .formatted(file, target));
      }
      mounts.add(
          new ContainerEdits.Mount(
              place(mount, "hostPath"), target, List.of("ro", "nosuid", "nodev")));
    }
    return mounts;
  }

  /** Variables, by name. */
  Map<String, String> environment() throws SandboxFailure {
    Map<String, String> variables = new TreeMap<>();
    for (JsonNode variable : edits.path("env")) {
      String text = variable.asText();
      if (!text.matches("(?s)[A-Za-z_][A-Za-z0-9_]*=[^\\x00]{0,4096}")) {
        throw new SandboxFailure(
            "expected the variables of %s to be NAME=value, but one is not".formatted(file));
      }
      int end = text.indexOf('=');
      variables.put(text.substring(0, end), text.substring(end + 1));
    }
    return variables;
  }

  /** An absolute path in its one normal form, so that comparing names compares places. */
  private String place(JsonNode from, String field) throws SandboxFailure {
    String text = from.path(field).asText();
    if (!text.startsWith("/")
        || text.indexOf('\0') >= 0
        || !Path.of(text).normalize().toString().equals(text)) {
      throw new SandboxFailure(
          "expected %s in %s to be an absolute path without '..', but it is '%s'"
              .formatted(field, file, text));
    }
    return text;
  }
}
