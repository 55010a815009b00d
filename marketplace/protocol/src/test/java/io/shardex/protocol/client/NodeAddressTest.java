package io.shardex.protocol.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NodeAddressTest {
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:7001", "localhost:1", "[::1]:65535", "127.8.8.8:80"})
  void aLoopbackAddressReadsBackAsItIsWritten(String text) {
    assertEquals(text, NodeAddress.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.0.1:7001", "example.org:7001", "localhost.example.org:7001", "[::2]:7001"})
  void plaintextOffLoopbackIsRefusedByName(String text) {
    assertThrows(PlaintextRefused.class, () -> NodeAddresses.parse(text, Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "localhost", "localhost:0", "localhost:65536", ":7001", "::1:7001"})
  void anythingElseIsNoAddress(String text) {
    assertThrows(IllegalArgumentException.class, () -> NodeAddress.parse(text));
  }

  @Test
  void addressesKeepTheirOrderAndAreDistinct() {
    assertEquals(
        List.of(new NodeAddress("localhost", 2), new NodeAddress("localhost", 1)),
        NodeAddresses.parse("localhost:2, localhost:1", Optional.empty()).nodes());
    assertThrows(
        IllegalArgumentException.class,
        () -> NodeAddresses.parse("localhost:1,localhost:1", Optional.empty()));
  }
}
