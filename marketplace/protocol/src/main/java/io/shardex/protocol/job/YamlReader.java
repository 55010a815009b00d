package io.shardex.protocol.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.shardex.protocol.job.Yaml.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Reads one small YAML document from a stranger: no aliases, anchors or tags, no doubled fields,
 * bounded in size and depth.
 */
final class YamlReader {
  private static final int MAX_DEPTH = 12;
  private static final YAMLFactory YAML = new YAMLFactory();

  private final YAMLParser parser;

  private YamlReader(YAMLParser parser) {
    this.parser = parser;
  }

  /** The document's root mapping. */
  static Yaml.Mapping read(byte[] bytes) throws JobRefused {
    try (YAMLParser parser = YAML.createParser(decode(bytes))) {
      YamlReader reader = new YamlReader(parser);
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new JobRefused("", "expected a mapping that starts with apiVersion");
      }
      Yaml.Mapping root = reader.mapping(1, 1);
      if (parser.nextToken() != null) {
        throw reader.refused("expected one document, but another follows");
      }
      return root;
    } catch (JsonProcessingException e) {
      throw malformed(e);
    } catch (IOException e) {
      throw new AssertionError("text in memory is always read", e);
    }
  }

  private static String decode(byte[] bytes) throws JobRefused {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new JobRefused("", "expected UTF-8 text, but it is not");
    }
  }

  private Yaml node(int line, int depth) throws IOException, JobRefused {
    if (parser.isCurrentAlias() || parser.getObjectId() != null) {
      throw refused("expected no anchors and aliases, but there is one");
    }
    if (parser.getTypeId() != null) {
      throw refused("expected no tags, but there is !" + parser.getTypeId());
    }
    if (depth > MAX_DEPTH) {
      throw refused("expected at most " + MAX_DEPTH + " levels, but there are more");
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping(line, depth);
      case START_ARRAY -> sequence(line, depth);
      case VALUE_STRING -> scalar(line, Kind.TEXT);
      case VALUE_NUMBER_INT -> scalar(line, Kind.WHOLE);
      case VALUE_NUMBER_FLOAT -> scalar(line, Kind.DECIMAL);
      case VALUE_TRUE, VALUE_FALSE -> scalar(line, Kind.TRUTH);
      case VALUE_NULL -> scalar(line, Kind.NOTHING);
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
          throw refused("expected a value, but found " + parser.currentToken());
    };
  }

  private Yaml.Mapping mapping(int line, int depth) throws IOException, JobRefused {
    Map<String, Yaml> fields = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      int keyLine = line();
      String name = parser.currentName();
      parser.nextToken();
      if (fields.put(name, node(keyLine, depth + 1)) != null) {
        throw new JobRefused(
            List.of(new Problem(name, OptionalInt.of(keyLine), "this field is here twice")));
      }
    }
    return new Yaml.Mapping(line, fields);
  }

  private Yaml.Sequence sequence(int line, int depth) throws IOException, JobRefused {
    List<Yaml> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(node(line(), depth + 1));
    }
    return new Yaml.Sequence(line, items);
  }

  private Yaml.Scalar scalar(int line, Kind kind) throws IOException {
    return new Yaml.Scalar(line, kind, parser.getText());
  }

  private int line() {
    return parser.currentTokenLocation().getLineNr();
  }

  private JobRefused refused(String detail) {
    return new JobRefused(List.of(new Problem("", OptionalInt.of(line()), detail)));
  }

  private static JobRefused malformed(JsonProcessingException e) {
    String first = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
    OptionalInt line =
        e.getLocation() == null ? OptionalInt.empty() : OptionalInt.of(e.getLocation().getLineNr());
    return new JobRefused(List.of(new Problem("", line, "expected YAML, but " + first)));
  }
}
