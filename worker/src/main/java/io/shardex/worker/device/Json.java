package io.shardex.worker.device;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** JSON of a driver's program, which may say something to people first. */
final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  /** Reads the first object or list in what a program printed. */
  static JsonNode parse(String tool, String text) throws ToolFault {
    int start = 0;
    while (start < text.length() && text.charAt(start) != '{' && text.charAt(start) != '[') {
      start++;
    }
    try {
      JsonNode node = MAPPER.readTree(text.substring(start));
      if (node.isContainerNode()) {
        return node;
      }
      throw new ToolFault(tool, "its answer is no JSON: " + text.strip());
    } catch (JsonProcessingException e) {
      throw new ToolFault(tool, "its answer is no JSON: " + e.getOriginalMessage());
    }
  }
}
