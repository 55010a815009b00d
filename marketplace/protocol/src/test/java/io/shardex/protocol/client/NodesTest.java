package io.shardex.protocol.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.market.codec.MalformedBytes;
import org.junit.jupiter.api.Test;

class NodesTest {
  private static final NodeAddress LIAR = new NodeAddress("127.0.0.1", 1);
  private static final NodeAddress HONEST = new NodeAddress("127.0.0.1", 2);

  @Test
  void aNodeWhoseAnswerIsFalseIsNotTheNextOneToBeAsked() {
    try (Nodes nodes = Nodes.openPublic(NodeAddresses.of(LIAR, HONEST), Patience.USUAL)) {
      BadAnswer refused =
          assertThrows(
              BadAnswer.class,
              () ->
                  nodes.call(
                      "blob x",
                      link -> {
                        throw new MalformedBytes("the manifest is of another blob");
                      }));
      assertEquals(
          "blob x: 127.0.0.1:1 answered: the manifest is of another blob", refused.getMessage());

      assertEquals(HONEST, nodes.call("blob x", NodeLink::address));
    }
  }
}
