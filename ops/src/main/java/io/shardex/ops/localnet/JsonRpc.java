package io.shardex.ops.localnet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** The few calls a supervisor makes to its chain; contracts are spoken to elsewhere. */
record JsonRpc(URI url) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LIMIT_MILLIS = 5_000;

  /**
   * The result of one call.
   *
   * @throws IOException when nobody answers, or the answer is an error
   */
  JsonNode call(String method, Object... parameters) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
    connection.setConnectTimeout(LIMIT_MILLIS);
    connection.setReadTimeout(LIMIT_MILLIS);
    connection.setRequestProperty("Content-Type", "application/json");
    connection.setDoOutput(true);
    try (var out = connection.getOutputStream()) {
      out.write(
          JSON.writeValueAsBytes(
              Map.of("jsonrpc", "2.0", "id", 1, "method", method, "params", List.of(parameters))));
    }
    try (InputStream in = connection.getInputStream()) {
      JsonNode answer = JSON.readTree(in);
      if (!answer.has("result")) {
        throw new IOException(method + " was refused: " + answer.path("error"));
      }
      return answer.get("result");
    }
  }
}
