package io.shardex.protocol.founding;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Signature;
import io.shardex.protocol.key.BeaconChain;
import io.shardex.protocol.key.Signatures;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.network.InvalidNetworkFile;
import io.shardex.protocol.network.NetworkJson;
import io.shardex.protocol.network.NodeEntry;
import java.io.IOException;
import java.nio.file.Path;

/**
 * {@code ID.card.json}: what an operator offers to a network that is planned. It holds no secret,
 * and nobody can alter it on its way, for the validator's key has signed it.
 *
 * @param plan digest of the plan it answers
 * @param validator whose key the node holds
 * @param beacon tip of the validator's first chain in this network
 * @param node its name and where it listens
 * @param request PKCS#10 certificate request as PEM; empty if the plan has no CA
 */
public record NodeCard(
    Digest plan,
    Address validator,
    Digest beacon,
    NodeEntry node,
    String request,
    Signature signature) {
  /** Makes and signs the card of a node. */
  public static NodeCard sign(NetworkPlan plan, SigningKey key, NodeEntry node, String request) {
    Digest digest = plan.digest();
    Digest beacon = BeaconChain.of(key, plan.identity(), 0).tip();
    Digest content = typed(plan).nodeCard(digest, key.address(), beacon, node, request);
    return new NodeCard(digest, key.address(), beacon, node, request, key.sign(content));
  }

  /** Reads a file of at most 1 MiB. */
  public static NodeCard read(Path file) throws IOException, InvalidNetworkFile {
    return NetworkJson.read(file, NodeCard.class);
  }

  /** The file's bytes. */
  public byte[] toJson() {
    return NetworkJson.print(this);
  }

  /** Passes if the validator has signed just this, for just this plan. */
  void require(NetworkPlan asked) throws CardRefused {
    if (!plan.equals(asked.digest())) {
      throw new CardRefused(
          "the card of %s answers plan %s, but this is plan %s"
              .formatted(node.id(), plan, asked.digest()),
          "Let its operator run 'shardex node init' with this plan");
    }
    Digest content = typed(asked).nodeCard(plan, validator, beacon, node, request);
    if (Signatures.recover(content, signature).filter(validator::equals).isEmpty()) {
      throw new CardRefused(
          "the card of %s is not what validator %s has signed: it was altered"
              .formatted(node.id(), validator),
          "Get it anew from its operator, by another way");
    }
  }

  private static TypedData typed(NetworkPlan plan) {
    return new TypedData(plan.chainId(), plan.settlement());
  }
}
