package io.shardex.worker.runtime.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The devices that the host's CDI specifications describe, by their qualified names, as {@code
 * nvidia.com/gpu=0}. Source: Container Device Interface specification, versions 0.3 to 0.8.
 */
public final class CdiDevices {
  /** Where specifications lie; a later folder's device hides an earlier one's of its name. */
  public static final List<Path> FOLDERS = List.of(Path.of("/etc/cdi"), Path.of("/var/run/cdi"));

  /** A host with eight cards, all their slices and the driver's libraries has about 100 KiB. */
  private static final int MOST_BYTES = 2 << 20;

  private static final int MOST_FILES = 64;

  /** JSON is YAML. */
  private static final YAMLMapper YAML = new YAMLMapper();

  private final SortedMap<String, Described> devices;

  private CdiDevices(SortedMap<String, Described> devices) {
    this.devices = devices;
  }

  /** A device's edits, and those that its file asks for once with any device of it. */
  private record Described(Path file, JsonNode common, JsonNode own) {}

  /**
   * Reads all specifications; folders that do not exist have none.
   *
   * @param folders the most important last
   * @throws SandboxFailure if a file is none, or two files of a folder describe one device
   */
  public static CdiDevices read(List<Path> folders) throws SandboxFailure {
    SortedMap<String, Described> all = new TreeMap<>();
    for (Path folder : folders) {
      SortedMap<String, Described> here = new TreeMap<>();
      for (Path file : files(folder)) {
        add(file, here);
      }
      all.putAll(here);
    }
    return new CdiDevices(all);
  }

  /** The qualified names of all devices. */
  public SortedSet<String> names() {
    return new TreeSet<>(devices.keySet());
  }

  /**
   * What these devices add to a container.
   *
   * @param names qualified
   * @throws SandboxFailure if there is no such device, or it needs what a sandbox does not give
   */
  public ContainerEdits edits(List<String> names) throws SandboxFailure {
    Set<ContainerEdits.Device> nodes = new LinkedHashSet<>();
    Set<ContainerEdits.Mount> mounts = new LinkedHashSet<>();
    Map<String, String> environment = new TreeMap<>();
    for (String name : names) {
      Described device = devices.get(name);
      if (device == null) {
        throw new SandboxFailure(
            "expected device %s to be one of %s; make its specification, as by 'nvidia-ctk cdi generate'"
                .formatted(name, devices.keySet()));
      }
      for (JsonNode edits : List.of(device.common(), device.own())) {
        CdiEdits read = new CdiEdits(device.file(), edits);
        nodes.addAll(read.nodes());
        mounts.addAll(read.mounts());
        environment.putAll(read.environment());
      }
    }
    return new ContainerEdits(List.copyOf(nodes), List.copyOf(mounts), environment);
  }

  private static List<Path> files(Path folder) throws SandboxFailure {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> found = Files.list(folder)) {
      List<Path> files =
          found
              .filter(file -> file.toString().matches(".*\\.(json|yaml|yml)"))
              .sorted()
              .limit(MOST_FILES + 1L)
              .toList();
      if (files.size() > MOST_FILES) {
        throw new SandboxFailure(
            "expected at most %d specifications in %s, but there are more"
                .formatted(MOST_FILES, folder));
      }
      return files;
    } catch (IOException e) {
      throw new SandboxFailure(folder + " cannot be listed: " + e.getMessage(), e);
    }
  }

  private static void add(Path file, SortedMap<String, Described> devices) throws SandboxFailure {
    JsonNode spec = parse(file);
    String version = spec.path("cdiVersion").asText();
    if (!version.matches("0\\.[3-8]\\.[0-9]")) {
      throw new SandboxFailure(
          "expected %s to be of cdiVersion 0.3.0 to 0.8.x, but it is '%s'"
              .formatted(file, version));
    }
    String kind = spec.path("kind").asText();
    if (!kind.matches("[A-Za-z0-9][A-Za-z0-9.-]{0,62}/[A-Za-z0-9][A-Za-z0-9_-]{0,62}")) {
      throw new SandboxFailure(
          "expected %s to have a kind like nvidia.com/gpu, but it is '%s'".formatted(file, kind));
    }
    for (JsonNode device : spec.path("devices")) {
      String name = device.path("name").asText();
      if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")) {
        throw new SandboxFailure(
            "expected %s to name its devices, but one is '%s'".formatted(file, name));
      }
      Described described =
          new Described(file, spec.path("containerEdits"), device.path("containerEdits"));
      String qualified = kind + "=" + name;
      Optional<Described> other = Optional.ofNullable(devices.put(qualified, described));
      if (other.isPresent()) {
        throw new SandboxFailure(
            "expected one file to describe %s, but %s and %s do; remove one"
                .formatted(qualified, other.get().file(), file));
      }
    }
  }

  private static JsonNode parse(Path file) throws SandboxFailure {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new SandboxFailure(
            "expected %s to have at most %d bytes, but it has more".formatted(file, MOST_BYTES));
      }
      JsonNode spec = YAML.readTree(new String(bytes, StandardCharsets.UTF_8));
      if (spec == null || !spec.isObject()) {
        throw new SandboxFailure(
            "expected %s to be a specification, but it is none".formatted(file));
      }
      return spec;
    } catch (JsonProcessingException e) {
      throw new SandboxFailure("%s is no YAML: %s".formatted(file, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new SandboxFailure("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }
}
