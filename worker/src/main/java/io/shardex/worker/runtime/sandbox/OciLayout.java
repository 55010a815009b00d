package io.shardex.worker.runtime.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * An image in the layout of the OCI image specification 1.0: {@code index.json}, which leads by
 * digests to a manifest, and from there to layers that lie over each other. Every digest is
 * checked.
 */
final class OciLayout {
  private static final int MOST_JSON = 4 << 20;
  private static final int MOST_LAYERS = 128;
  private static final int DEEPEST_INDEX = 2;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final String machine;

  /** The layout unpacked in this folder, for the processor that this JVM runs on. */
  OciLayout(Path folder) {
    this.folder = folder;
    this.machine =
        switch (System.getProperty("os.arch").toLowerCase(Locale.ROOT)) {
          case "amd64", "x86_64" -> "amd64";
          case "aarch64" -> "arm64";
          case String other -> other;
        };
  }

  /** Unpacks all layers, the lowest first. */
  void unpack(Unpacker root) throws SandboxFailure, IOException {
    JsonNode index = parsed(read(folder.resolve("index.json"), "index.json"), "index.json");
    JsonNode manifest = manifest(index, 0);
    JsonNode layers = manifest.path("layers");
    if (!layers.isArray() || layers.isEmpty() || layers.size() > MOST_LAYERS) {
      throw new SandboxFailure(
          "expected 1 to %d layers, but the image has %d".formatted(MOST_LAYERS, layers.size()));
    }
    for (JsonNode layer : layers) {
      String type = layer.path("mediaType").asText();
      if (!(type.endsWith(".tar") || type.endsWith(".tar+gzip") || type.endsWith(".tar.gzip"))) {
        throw new SandboxFailure(
            "expected layers of tar or tar+gzip, but one is "
                + shown(type)
                + "; pack the image with gzip");
      }
      unpack(root, digest(layer));
    }
  }

  /** The manifest for this machine; an index may lead to another one. */
  private JsonNode manifest(JsonNode index, int depth) throws SandboxFailure, IOException {
    JsonNode entries = index.path("manifests");
    if (depth == DEEPEST_INDEX || !entries.isArray()) {
      throw new SandboxFailure("index.json of the image lists no manifests");
    }
    for (JsonNode entry : entries) {
      JsonNode platform = entry.path("platform");
      boolean fits =
          platform.isMissingNode()
              || (platform.path("os").asText("linux").equals("linux")
                  && platform.path("architecture").asText(machine).equals(machine));
      if (fits) {
        String digest = digest(entry);
        byte[] bytes = read(blob(digest), digest);
        if (!HexFormat.of().formatHex(sha256().digest(bytes)).equals(digest)) {
          throw new SandboxFailure("blob " + digest + " of the image has other bytes");
        }
        JsonNode found = parsed(bytes, digest);
        return found.has("layers") ? found : manifest(found, depth + 1);
      }
    }
    throw new SandboxFailure("the image has no manifest for linux/" + machine);
  }

  private void unpack(Unpacker root, String digest) throws SandboxFailure, IOException {
    Path blob = regular(blob(digest), digest);
    if (!sha256(blob).equals(digest)) {
      throw new SandboxFailure("layer " + digest + " of the image has other bytes");
    }
    try (InputStream in = Files.newInputStream(blob)) {
      root.unpack(in, true);
    }
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest hash = sha256();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] block = new byte[1 << 16];
      int count;
      while ((count = in.read(block)) >= 0) {
        hash.update(block, 0, count);
      }
    }
    return HexFormat.of().formatHex(hash.digest());
  }

  private Path blob(String digest) {
    return folder.resolve("blobs").resolve("sha256").resolve(digest);
  }

  private static String digest(JsonNode descriptor) throws SandboxFailure {
    String digest = descriptor.path("digest").asText();
    if (!digest.matches("sha256:[0-9a-f]{64}")) {
      throw new SandboxFailure("expected a digest sha256:..., but it is " + shown(digest));
    }
    return digest.substring("sha256:".length());
  }

  private Path regular(Path file, String name) throws SandboxFailure {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new SandboxFailure("the image's archive has no " + name);
    }
    return file;
  }

  private byte[] read(Path file, String name) throws SandboxFailure, IOException {
    try (InputStream in = Files.newInputStream(regular(file, name))) {
      byte[] bytes = in.readNBytes(MOST_JSON + 1);
      if (bytes.length > MOST_JSON) {
        throw new SandboxFailure(name + " has more than " + MOST_JSON + " bytes");
      }
      return bytes;
    }
  }

  private static JsonNode parsed(byte[] bytes, String name) throws SandboxFailure {
    try {
      JsonNode parsed = JSON.readTree(bytes);
      return parsed == null ? JSON.missingNode() : parsed;
    } catch (JsonProcessingException e) {
      throw new SandboxFailure(name + " of the image is no JSON", e);
    } catch (IOException e) {
      throw new SandboxFailure(name + " of the image cannot be read: " + e.getMessage(), e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String shown(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return "'" + plain.substring(0, Math.min(100, plain.length())) + "'";
  }
}
