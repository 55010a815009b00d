package io.shardex.settlement;

import io.shardex.market.Address;
import java.util.Locale;
import org.web3j.abi.EventEncoder;
import org.web3j.abi.datatypes.Event;
import org.web3j.protocol.core.methods.response.Log;

/**
 * What a log is known by.
 *
 * @param contract who made it, 0x and 40 hex digits in lower case
 * @param topic hash of its event's signature
 */
record LogSource(String contract, String topic) {
  static LogSource of(Address contract, Event event) {
    return new LogSource(contract.toString(), EventEncoder.encode(event));
  }

  static LogSource of(Log log) {
    String topic = log.getTopics().isEmpty() ? "" : log.getTopics().getFirst();
    return new LogSource(log.getAddress().toLowerCase(Locale.ROOT), topic);
  }
}
