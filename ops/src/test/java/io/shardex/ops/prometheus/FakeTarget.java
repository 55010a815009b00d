package io.shardex.ops.prometheus;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;

/** An operator port whose figures a test sets, and that may go away and come back. */
final class FakeTarget implements AutoCloseable {
  private final Map<String, Double> figures = new ConcurrentSkipListMap<>();
  private final int port;
  private HttpServer server;

  FakeTarget() throws IOException {
    this.server = listen(0);
    this.port = server.getAddress().getPort();
  }

  private HttpServer listen(int on) throws IOException {
    HttpServer opened =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), on), 16);
    opened.createContext(
        "/metrics",
        exchange -> {
          byte[] page =
              figures.entrySet().stream()
                  .map(figure -> figure.getKey() + " " + figure.getValue() + "\n")
                  .collect(Collectors.joining())
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    opened.start();
    return opened;
  }

  LivePrometheus.Target target() {
    return LivePrometheus.Target.of("http://127.0.0.1:" + port + "/metrics");
  }

  void show(String series, double value) {
    figures.put(series, value);
  }

  void goAway() {
    server.stop(0);
  }

  void comeBack() throws IOException {
    server = listen(port);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
