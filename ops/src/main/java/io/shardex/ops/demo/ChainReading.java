package io.shardex.ops.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.market.Network;
import io.shardex.ops.localnet.MoneyTotals;
import io.shardex.pricing.Amount;
import io.shardex.settlement.ChainAccounts;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.ChainTotals;
import io.shardex.settlement.Contracts;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads the books of a job from the contracts and their logs, not from the market. */
record ChainReading(ChainClient chain, URI endpoint, Network network) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int WORD_DIGITS = 64;

  /** The books after the newest block. */
  ChainBooks of(JobId job, Address builder) throws IOException, InterruptedException {
    ChainTotals totals =
        new ChainAccounts(chain, Contracts.of(network))
            .totals(chain.latestBlock(), network.treasury());
    return new ChainBooks(
        new MoneyTotals(
            totals.escrowed(),
            totals.paid(),
            totals.fees(),
            totals.refunded(),
            totals.stakeIn(),
            totals.stakeSlashed()),
        payments(job, builder));
  }

  /**
   * The logs {@code Credited(jobId, payee, increase, total)} and {@code Closed(jobId, finalTotal,
   * refunded)} of the Settlement contract. Of its logs that begin with the job they are the ones
   * with two words of data, and their topics tell one from the other.
   */
  private List<Payment> payments(JobId job, Address builder)
      throws IOException, InterruptedException {
    List<Payment> payments = new ArrayList<>();
    for (JsonNode log : logs()) {
      JsonNode topics = log.path("topics");
      String data = log.path("data").asText().substring("0x".length());
      if (!topics.path(1).asText().equals(job.toString()) || data.length() != 2 * WORD_DIGITS) {
        continue;
      }
      String transaction = log.path("transactionHash").asText();
      if (topics.size() == 3) {
        Address payee = Address.parse(topics.path(2).asText().substring(26));
        payments.add(new Payment(payee, false, word(data, 0), transaction));
      } else {
        payments.add(new Payment(builder, true, word(data, 1), transaction));
      }
    }
    return payments;
  }

  private static Amount word(String data, int index) {
    String digits = data.substring(index * WORD_DIGITS, (index + 1) * WORD_DIGITS);
    return Amount.of(new BigInteger(digits, 16).longValueExact());
  }

  private JsonNode logs() throws IOException, InterruptedException {
    ObjectNode call = JSON.createObjectNode();
    call.put("jsonrpc", "2.0").put("id", 1).put("method", "eth_getLogs");
    call.putArray("params")
        .addObject()
        .put("address", network.settlement().toString())
        .put("fromBlock", "0x" + Long.toHexString(network.startBlock()))
        .put("toBlock", "latest");
    HttpRequest request =
        HttpRequest.newBuilder(endpoint)
            .timeout(LIMIT)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(call)))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      JsonNode answer =
          JSON.readTree(http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
      if (!answer.has("result")) {
        throw new IOException("the chain does not tell its logs: " + answer.path("error"));
      }
      return answer.get("result");
    }
  }
}
