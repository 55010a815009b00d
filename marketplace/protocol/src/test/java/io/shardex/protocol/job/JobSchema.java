package io.shardex.protocol.job;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The JSON Schema of job files, made of their table of fields. {@code main} writes it to a file.
 */
final class JobSchema {
  private JobSchema() {}

  public static void main(String[] arguments) throws IOException {
    Files.writeString(Path.of(arguments[0]), json());
  }

  static String json() throws IOException {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    root.put("title", "Shardex job file");
    root.putArray("oneOf").add(schema(JobFields.ROOT)).add(schema(CommandFields.ROOT));
    DefaultIndenter indent = new DefaultIndenter("  ", "\n");
    return new ObjectMapper()
            .writer(new DefaultPrettyPrinter().withObjectIndenter(indent))
            .writeValueAsString(root)
        + "\n";
  }

  private static ObjectNode schema(Shape shape) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    return switch (shape) {
      case Shape.Fields fields -> fields(fields, node);
      case Shape.Variants variants -> {
        ArrayNode options = node.putArray("oneOf");
        variants.options().forEach(option -> options.add(schema(option)));
        yield node;
      }
      case Shape.Text text ->
          node.put("type", "string").put("pattern", "^(" + text.pattern().pattern() + ")$");
      case Shape.Choice choice -> {
        ArrayNode words = node.putArray("enum");
        choice.words().forEach(words::add);
        yield node;
      }
      case Shape.Whole whole ->
          node.put("type", "integer").put("minimum", whole.min()).put("maximum", whole.max());
      case Shape.Numeric numeric -> node.put("type", "number");
      case Shape.Truth truth -> node.put("type", "boolean");
      case Shape.Items items -> {
        node.put("type", "array").put("minItems", items.min()).put("maxItems", items.max());
        node.set("items", schema(items.each()));
        yield node;
      }
    };
  }

  private static ObjectNode fields(Shape.Fields shape, ObjectNode node) {
    node.put("type", "object").put("additionalProperties", false);
    ArrayNode required = node.putArray("required");
    ObjectNode properties = node.putObject("properties");
    for (Shape.Field field : shape.fields()) {
      ObjectNode property = JsonNodeFactory.instance.objectNode();
      property.put("description", field.about());
      property.setAll(schema(field.shape()));
      properties.set(field.name(), property);
      if (field.required()) {
        required.add(field.name());
      }
    }
    return node;
  }
}
