package io.shardex.protocol.key;

import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.Network;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.market.codec.ValueCodecs;
import io.shardex.pricing.Amount;
import io.shardex.protocol.network.NodeEntry;
import java.nio.ByteBuffer;

/**
 * The hashes that keys sign in one network, by EIP-712. The domain is (name {@code Shardex},
 * version {@code 1}, chain id, the Settlement contract); the types are
 *
 * <pre>
 * Command(string kind,bytes32 payload,uint256 amount,uint64 nonce,uint64 expiry)
 * Attest(uint8 fact,bytes32 subject,uint32 view,bytes32 digest,uint64 nonce,uint64 expiry)
 * WorkerKey(address owner,address worker)
 * Login(bytes32 challenge,address key,uint64 expiry)
 * NodeCard(bytes32 plan,address validator,bytes32 beacon,string id,string gateway,string raft,string grid,uint16 operatorPort,string request)
 * </pre>
 *
 * <p>{@code payload} is the SHA-256 of the command's codec bytes, {@code amount} what the command
 * commits to in the clear, {@code expiry} in milliseconds. An {@link Command.Attest} is signed as
 * {@code Attest}, which the Settlement contract verifies for batches.
 */
public final class TypedData {
  static final String COMMAND =
      "Command(string kind,bytes32 payload,uint256 amount,uint64 nonce,uint64 expiry)";
  static final String ATTEST =
      "Attest(uint8 fact,bytes32 subject,uint32 view,bytes32 digest,uint64 nonce,uint64 expiry)";
  static final String WORKER_KEY = "WorkerKey(address owner,address worker)";
  static final String LOGIN = "Login(bytes32 challenge,address key,uint64 expiry)";
  static final String NODE_CARD =
      "NodeCard(bytes32 plan,address validator,bytes32 beacon,string id,string gateway,"
          + "string raft,string grid,uint16 operatorPort,string request)";
  static final String DOMAIN =
      "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
  static final String NAME = "Shardex";
  static final String VERSION = "1";

  private static final byte[] COMMAND_TYPE = Keccak.hash(COMMAND);
  private static final byte[] ATTEST_TYPE = Keccak.hash(ATTEST);
  private static final byte[] WORKER_KEY_TYPE = Keccak.hash(WORKER_KEY);
  private static final byte[] LOGIN_TYPE = Keccak.hash(LOGIN);
  private static final byte[] NODE_CARD_TYPE = Keccak.hash(NODE_CARD);
  private static final byte[] PREFIX = {0x19, 0x01};

  private final byte[] domain;

  /** The typed data of the network with this settlement contract on this chain. */
  public TypedData(long chainId, Address settlement) {
    this.domain =
        new Struct(Keccak.hash(DOMAIN), 4)
            .word(Keccak.hash(NAME))
            .word(Keccak.hash(VERSION))
            .word(chainId)
            .word(settlement)
            .hash();
  }

  public static TypedData of(Network network) {
    return new TypedData(network.chainId(), network.settlement());
  }

  /** What the author of a command signs; nonce and expiry are not negative. */
  public Digest command(Command command, long nonce, long expiryMillis) {
    return command instanceof Command.Attest attest
        ? attest(attest, nonce, expiryMillis)
        : signed(
            new Struct(COMMAND_TYPE, 5)
                .word(Keccak.hash(command.getClass().getSimpleName()))
                .word(Digest.sha256(CommandCodecs.COMMAND.encode(command)))
                .word(amount(command).units())
                .word(nonce)
                .word(expiryMillis));
  }

  /** What an owner signs to put a worker's hot key under itself. */
  public Digest workerKey(Address owner, Address worker) {
    return signed(new Struct(WORKER_KEY_TYPE, 2).word(owner).word(worker));
  }

  /** What a key signs to open a session. */
  public Digest login(Digest challenge, Address key, long expiryMillis) {
    return signed(new Struct(LOGIN_TYPE, 3).word(challenge).word(key).word(expiryMillis));
  }

  /**
   * What a validator signs to offer its node to a network that is planned.
   *
   * @param plan the plan's digest
   * @param beacon tip of the validator's first chain
   * @param request the certificate request as PEM, empty if there is none
   */
  public Digest nodeCard(
      Digest plan, Address validator, Digest beacon, NodeEntry node, String request) {
    return signed(
        new Struct(NODE_CARD_TYPE, 9)
            .word(plan)
            .word(validator)
            .word(beacon)
            .word(Keccak.hash(node.id()))
            .word(Keccak.hash(node.gateway().toString()))
            .word(Keccak.hash(node.raft().toString()))
            .word(Keccak.hash(node.grid().toString()))
            .word(node.operatorPort())
            .word(Keccak.hash(request)));
  }

  private Digest attest(Command.Attest attest, long nonce, long expiryMillis) {
    return signed(
        new Struct(ATTEST_TYPE, 6)
            .word(attest.fact().kind())
            .word(subject(attest.fact()))
            .word(attest.view())
            .word(digest(attest.value()))
            .word(nonce)
            .word(expiryMillis));
  }

  /** The batch's number as a word; of any other fact the SHA-256 of its codec bytes. */
  private static Digest subject(Fact fact) {
    return fact instanceof Fact.BatchOf batch
        ? new Digest(0, 0, 0, batch.batch())
        : Digest.sha256(ValueCodecs.FACT.encode(fact));
  }

  /** A batch's own hash; of any other value the SHA-256 of its codec bytes. */
  private static Digest digest(FactValue value) {
    return value instanceof FactValue.BatchHash batch
        ? batch.digest()
        : Digest.sha256(ValueCodecs.FACT_VALUE.encode(value));
  }

  /** The price or amount a command commits to, in the clear for whoever signs it. */
  private static Amount amount(Command command) {
    return switch (command) {
      case Command.SubmitJob submit -> submit.terms().fullBudget();
      case Command.PlaceAsk ask -> Amount.of(ask.reserve().perTeraWork());
      case Command.Genesis genesis -> Amount.ZERO;
      case Command.CancelJob cancel -> Amount.ZERO;
      case Command.RegisterWorker register -> Amount.ZERO;
      case Command.WithdrawAsk withdraw -> Amount.ZERO;
      case Command.Drain drain -> Amount.ZERO;
      case Command.Alive alive -> Amount.ZERO;
      case Command.StartLease start -> Amount.ZERO;
      case Command.CommitResult commit -> Amount.ZERO;
      case Command.SaveCheckpoint save -> Amount.ZERO;
      case Command.GiveUpLease giveUp -> Amount.ZERO;
      case Command.CommitDiverged diverged -> Amount.ZERO;
      case Command.Attest attest -> Amount.ZERO;
      case Command.CommitAudit commit -> Amount.ZERO;
      case Command.Reveal reveal -> Amount.ZERO;
      case Command.AnswerChallenge answer -> Amount.ZERO;
      case Command.OpenChallenge open -> Amount.ZERO;
      case Command.NewChain chain -> Amount.ZERO;
      case Command.Beat beat -> Amount.ZERO;
      case Command.ReportSilent silent -> Amount.ZERO;
    };
  }

  private Digest signed(Struct struct) {
    return Digest.of(Keccak.hash(PREFIX, domain, struct.hash()));
  }

  /** {@code encodeData} of EIP-712: the type's hash, then a 32-byte word a field. */
  private static final class Struct {
    private static final int WORD = 32;
    private final ByteBuffer words;

    Struct(byte[] typeHash, int fields) {
      this.words = ByteBuffer.allocate((1 + fields) * WORD).put(typeHash);
    }

    Struct word(byte[] word) {
      words.put(word);
      return this;
    }

    Struct word(Digest word) {
      return word(word.bytes());
    }

    Struct word(long number) {
      words.position(words.position() + WORD - Long.BYTES).putLong(number);
      return this;
    }

    Struct word(Address address) {
      words.position(words.position() + WORD - Address.BYTES).put(address.bytes());
      return this;
    }

    byte[] hash() {
      return Keccak.hash(words.array());
    }
  }
}
