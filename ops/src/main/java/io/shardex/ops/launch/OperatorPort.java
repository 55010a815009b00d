package io.shardex.ops.launch;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The port operators and their monitoring look at: {@code /metrics} in Prometheus' text format,
 * {@code /healthz} (the process lives), {@code /readyz?node=NAME} (that node, or without a name
 * every node, may serve). Plain HTTP, for monitoring only: on the loopback address unless told
 * otherwise.
 */
public final class OperatorPort implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int BACKLOG = 16;

  private final HttpServer server;
  private final ExecutorService threads;
  private final List<CollectorRegistry> registries;
  private final BooleanSupplier healthy;
  private final Map<String, BooleanSupplier> nodes;

  private OperatorPort(
      HttpServer server,
      ExecutorService threads,
      List<CollectorRegistry> registries,
      BooleanSupplier healthy,
      Map<String, BooleanSupplier> nodes) {
    this.server = server;
    this.threads = threads;
    this.registries = registries;
    this.healthy = healthy;
    this.nodes = nodes;
  }

  /** Opens the port on 127.0.0.1. */
  public static OperatorPort open(
      int port,
      List<CollectorRegistry> registries,
      BooleanSupplier healthy,
      Map<String, BooleanSupplier> nodes)
      throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    return open(new InetSocketAddress(loopback, port), registries, healthy, nodes);
  }

  /**
   * Opens the port.
   *
   * @param bind the address and the port, or 0 for a free one
   * @param registries what {@code /metrics} shows, one after the other; a metric family may stand
   *     in several of them, its samples told apart by their labels
   * @param healthy whether the process should go on
   * @param nodes by name, whether each node may serve
   * @throws Trouble when the port is in use
   */
  public static OperatorPort open(
      InetSocketAddress bind,
      List<CollectorRegistry> registries,
      BooleanSupplier healthy,
      Map<String, BooleanSupplier> nodes)
      throws IOException {
    HttpServer server;
    try {
      server = HttpServer.create(bind, BACKLOG);
    } catch (BindException e) {
      throw Trouble.environment(
          "port " + bind.getPort() + " is in use, and /metrics needs it",
          "Stop what listens there, or choose another port with --operator-port");
    }
    ExecutorService threads =
        Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().daemon().name("operator-port-", 1).factory());
    OperatorPort operator =
        new OperatorPort(server, threads, List.copyOf(registries), healthy, Map.copyOf(nodes));
    server.setExecutor(threads);
    server.createContext("/metrics", operator::metrics);
    server.createContext("/healthz", operator::health);
    server.createContext("/readyz", operator::readiness);
    server.start();
    return operator;
  }

  /** Answers one more path, with an object for programs. */
  public void serve(String path, Supplier<JsonNode> object) {
    server.createContext(
        path,
        exchange ->
            answer(
                exchange,
                200,
                "application/json",
                (object.get() + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  /** The port it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  private void metrics(HttpExchange exchange) throws IOException {
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    try (Writer writer = new OutputStreamWriter(page, StandardCharsets.UTF_8)) {
      TextFormat.write004(writer, MergedFamilies.of(registries));
    }
    answer(exchange, 200, TextFormat.CONTENT_TYPE_004, page.toByteArray());
  }

  private void health(HttpExchange exchange) throws IOException {
    text(exchange, healthy.getAsBoolean(), "healthy", "not healthy");
  }

  private void readiness(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getQuery();
    if (query == null) {
      text(
          exchange,
          nodes.values().stream().allMatch(BooleanSupplier::getAsBoolean),
          "ready",
          "not ready");
      return;
    }
    BooleanSupplier node = query.startsWith("node=") ? nodes.get(query.substring(5)) : null;
    if (node == null) {
      byte[] names =
          ("expected node= one of " + nodes.keySet().stream().sorted().toList() + "\n")
              .getBytes(StandardCharsets.UTF_8);
      answer(exchange, 404, "text/plain; charset=utf-8", names);
    } else {
      text(exchange, node.getAsBoolean(), "ready", "not ready");
    }
  }

  private static void text(HttpExchange exchange, boolean good, String yes, String no)
      throws IOException {
    byte[] body = ((good ? yes : no) + "\n").getBytes(StandardCharsets.UTF_8);
    answer(exchange, good ? 200 : 503, "text/plain; charset=utf-8", body);
  }

  private static void answer(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** Stops answering. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
