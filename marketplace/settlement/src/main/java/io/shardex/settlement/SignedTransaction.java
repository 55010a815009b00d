package io.shardex.settlement;

import io.shardex.market.Digest;
import io.shardex.market.Signature;
import io.shardex.protocol.key.SigningKey;
import java.math.BigInteger;
import org.web3j.crypto.Hash;
import org.web3j.crypto.RawTransaction;
import org.web3j.crypto.Sign.SignatureData;
import org.web3j.crypto.TransactionEncoder;
import org.web3j.utils.Numeric;

/**
 * A transaction of type 2 (EIP-1559) as nodes take it.
 *
 * @param hash its id, 0x and 64 hex digits
 * @param raw its bytes, 0x and hex digits
 */
record SignedTransaction(String hash, String raw, Fees fees) {
  static SignedTransaction sign(
      SigningKey key, long chainId, long nonce, Call call, long gas, Fees fees) {
    RawTransaction transaction =
        RawTransaction.createTransaction(
            chainId,
            BigInteger.valueOf(nonce),
            BigInteger.valueOf(gas),
            call.target(),
            BigInteger.ZERO,
            call.data(),
            fees.tip(),
            fees.most());
    Signature signature = key.sign(Digest.of(Hash.sha3(TransactionEncoder.encode(transaction))));
    byte[] signed =
        TransactionEncoder.encode(
            transaction,
            new SignatureData((byte) signature.v(), signature.r().bytes(), signature.s().bytes()));
    return new SignedTransaction(
        Numeric.toHexString(Hash.sha3(signed)), Numeric.toHexString(signed), fees);
  }
}
