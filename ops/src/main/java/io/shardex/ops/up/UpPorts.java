package io.shardex.ops.up;

import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.LoopbackPort;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Ports on 127.0.0.1, chosen when a network is founded and kept in its files from then on.
 *
 * @param chain JSON-RPC of the chain
 * @param gateway of node-1; the others take the next
 * @param raft of node-1; the others take the next
 * @param grid of node-1; each node takes two
 * @param operator metrics and health of node-1; the others take the next
 * @param worker metrics and health of worker-1; the others take the next
 */
record UpPorts(int chain, int gateway, int raft, int grid, int operator, int worker) {
  private static final int LAST = 65_535;

  /** Flags by name, with the port and how many are taken from it. */
  private record Range(int first, int count) {}

  /** The ports that this network will listen on; those given as 0 are any free ones. */
  Assigned assign(int nodes, int workers) throws IOException {
    Map<String, Range> ranges = new LinkedHashMap<>();
    ranges.put("--chain-port", new Range(chain, 1));
    ranges.put("--gateway-port", new Range(gateway, nodes));
    ranges.put("--raft-port", new Range(raft, nodes));
    ranges.put("--grid-port", new Range(grid, 2 * nodes));
    ranges.put("--operator-port", new Range(operator, nodes));
    ranges.put("--worker-port", new Range(worker, workers));
    Map<Integer, String> taken = new LinkedHashMap<>();
    for (Map.Entry<String, Range> range : ranges.entrySet()) {
      requireFree(range.getKey(), range.getValue(), taken);
    }
    Pick pick = new Pick(taken);
    return new Assigned(
        pick.from(chain, 0),
        pick.all(gateway, nodes, 1),
        pick.all(raft, nodes, 1),
        pick.all(grid, nodes, 2),
        pick.all(operator, nodes, 1),
        pick.all(worker, workers, 1));
  }

  private static void requireFree(String flag, Range range, Map<Integer, String> taken) {
    if (range.first() < 0 || range.first() > LAST - range.count() + 1) {
      throw new Trouble(
          ExitCode.USAGE,
          "%s: expected 0 to %d, but got %d"
              .formatted(flag, LAST - range.count() + 1, range.first()),
          "Choose another port, or 0 for any free one");
    }
    for (int port = range.first();
        range.first() > 0 && port < range.first() + range.count();
        port++) {
      String other = taken.putIfAbsent(port, flag);
      if (other != null) {
        throw new Trouble(
            ExitCode.USAGE,
            "port %d is wanted by both %s and %s".formatted(port, other, flag),
            "Choose ports further apart");
      }
      if (!LoopbackPort.isFree(port)) {
        throw Trouble.environment(
            "port %d is in use, and %s wants it".formatted(port, flag),
            "Stop what listens there, or choose another port with " + flag);
      }
    }
  }

  /** Ports by part, in the order of the parts' numbers. */
  record Assigned(
      int chain,
      List<Integer> gateways,
      List<Integer> rafts,
      List<Integer> grids,
      List<Integer> operators,
      List<Integer> workers) {}

  /** Gives out ports, none twice. */
  private static final class Pick {
    private final Map<Integer, String> taken;

    Pick(Map<Integer, String> taken) {
      this.taken = taken;
    }

    int from(int first, int offset) throws IOException {
      return first > 0 ? first + offset : free(1);
    }

    List<Integer> all(int first, int count, int width) throws IOException {
      List<Integer> ports = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        ports.add(first > 0 ? first + i * width : free(width));
      }
      return ports;
    }

    /** The first of {@code width} free ports in a row. */
    private int free(int width) throws IOException {
      while (true) {
        int port = LoopbackPort.free();
        if (port + width <= LAST && areFree(port, width)) {
          for (int i = 0; i < width; i++) {
            taken.put(port + i, "any");
          }
          return port;
        }
      }
    }

    private boolean areFree(int port, int width) {
      for (int i = 0; i < width; i++) {
        if (taken.containsKey(port + i) || (i > 0 && !LoopbackPort.isFree(port + i))) {
          return false;
        }
      }
      return true;
    }
  }
}
