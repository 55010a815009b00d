package io.shardex.settlement;

import io.shardex.market.Batch;
import io.shardex.market.Digest;
import io.shardex.settlement.contract.Settlement;
import org.web3j.abi.TypeEncoder;
import org.web3j.utils.Numeric;

/** The market's batch in the Solidity ABI. */
public final class BatchEncoding {
  private BatchEncoding() {}

  /** SHA-256 of {@code abi.encode(batch)}, as {@code Settlement.digestOf} computes it. */
  public static Digest digest(Batch batch) {
    // abi.encode of one dynamic argument is its offset, 0x20, and then the argument.
    byte[] offset = new byte[32];
    offset[31] = 32;
    return Digest.sha256(offset, Numeric.hexStringToByteArray(TypeEncoder.encode(abi(batch))));
  }

  static Settlement.Batch abi(Batch batch) {
    return new Settlement.Batch(
        Units.unsigned(batch.id()),
        Units.unsigned(batch.logIndex()),
        batch.stateHash().bytes(),
        batch.receiptsRoot().bytes(),
        Units.units(batch.receiptsSum()),
        batch.pays().stream().map(BatchEncoding::pay).toList(),
        batch.closes().stream().map(BatchEncoding::close).toList(),
        batch.slashes().stream().map(BatchEncoding::slash).toList(),
        batch.compensations().stream().map(BatchEncoding::compensation).toList());
  }

  static Settlement.Attestation abi(Batch.Endorsement endorsement) {
    return new Settlement.Attestation(
        Units.unsigned(Integer.toUnsignedLong(endorsement.view())),
        Units.unsigned(endorsement.nonce()),
        Units.unsigned(endorsement.expiryMillis()),
        endorsement.signature().bytes());
  }

  private static Settlement.PayLine pay(Batch.PayLine line) {
    return new Settlement.PayLine(
        line.job().value().bytes(), line.payee().toString(), Units.units(line.total()));
  }

  private static Settlement.CloseLine close(Batch.CloseLine line) {
    return new Settlement.CloseLine(line.job().value().bytes(), Units.units(line.finalTotal()));
  }

  private static Settlement.SlashLine slash(Batch.SlashLine line) {
    return new Settlement.SlashLine(line.owner().toString(), Units.units(line.total()));
  }

  private static Settlement.CompensationLine compensation(Batch.CompensationLine line) {
    return new Settlement.CompensationLine(
        line.owner().toString(), line.beneficiary().toString(), Units.units(line.total()));
  }
}
