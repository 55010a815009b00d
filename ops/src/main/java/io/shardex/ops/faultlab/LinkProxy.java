package io.shardex.ops.faultlab;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A TCP link on loopback that can be cut and mended. */
final class LinkProxy implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LinkProxy.class);

  private final ServerSocket server;
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  private LinkProxy(ServerSocket server, int target) {
    this.server = server;
    this.target = target;
  }

  /** Forwards a free port to the target port, both on 127.0.0.1. */
  static LinkProxy to(int target) throws IOException {
    LinkProxy proxy =
        new LinkProxy(new ServerSocket(0, 16, InetAddress.getLoopbackAddress()), target);
    Thread.ofVirtual().name("link-proxy").start(proxy::accept);
    return proxy;
  }

  int port() {
    return server.getLocalPort();
  }

  /** Ends all connections and takes no new ones. */
  void cut() {
    cut = true;
    open.forEach(LinkProxy::close);
  }

  void mend() {
    cut = false;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket near = server.accept();
        if (cut) {
          close(near);
        } else {
          join(near);
        }
      } catch (IOException e) {
        LOG.debug("the link to port {} did not take a connection", target, e);
      }
    }
  }

  private void join(Socket near) throws IOException {
    open.add(near);
    try {
      Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
      open.add(far);
      Thread.ofVirtual().start(() -> pump(near, far));
      Thread.ofVirtual().start(() -> pump(far, near));
    } catch (IOException e) {
      close(near);
      throw e;
    }
  }

  private void pump(Socket from, Socket to) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      in.transferTo(out);
    } catch (IOException e) {
      LOG.debug("a connection to port {} ended: {}", target, e.toString());
    } finally {
      close(from);
      close(to);
      open.remove(from);
      open.remove(to);
    }
  }

  private static void close(Closeable socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("a socket did not close", e);
    }
  }

  @Override
  public void close() throws IOException {
    cut();
    server.close();
  }
}
