package io.shardex.settlement;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.web3j.abi.FunctionReturnDecoder;
import org.web3j.abi.TypeReference;
import org.web3j.abi.datatypes.Type;
import org.web3j.crypto.Hash;
import org.web3j.protocol.core.methods.response.AbiDefinition;
import org.web3j.utils.Numeric;

/** Reads what a contract says when it refuses, by the errors in the contracts' ABI. */
final class ContractErrors {
  /** "0x" and four bytes. */
  private static final int SELECTOR = 10;

  private static final Map<String, AbiDefinition> BY_SELECTOR = read();

  private ContractErrors() {}

  /** The error with its arguments; {@code otherwise} when it is not one of ours. */
  @SuppressWarnings("rawtypes") // as web3j's decoder wants it
  static String reason(@Nullable String data, String otherwise) {
    String hex = data == null ? "" : data.replace("\"", "");
    AbiDefinition error =
        hex.length() < SELECTOR ? null : BY_SELECTOR.get(hex.substring(0, SELECTOR));
    if (error == null) {
      return otherwise;
    }
    List<TypeReference<Type>> types =
        error.getInputs().stream().map(input -> type(input.getType())).toList();
    return FunctionReturnDecoder.decode(hex.substring(SELECTOR), types).stream()
        .map(
            value ->
                value.getValue() instanceof byte[] bytes
                    ? Numeric.toHexString(bytes)
                    : value.getValue().toString())
        .collect(Collectors.joining(", ", error.getName() + "(", ")"));
  }

  @SuppressWarnings({"rawtypes", "unchecked"}) // the decoder only reads it
  private static TypeReference<Type> type(String name) {
    try {
      return (TypeReference<Type>) TypeReference.makeTypeReference(name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("the ABI has a type web3j does not know: " + name, e);
    }
  }

  private static Map<String, AbiDefinition> read() {
    Map<String, AbiDefinition> errors = new HashMap<>();
    ObjectMapper json = new ObjectMapper();
    for (String contract : List.of("DevToken", "JobEscrow", "Settlement", "StakeVault")) {
      try (InputStream abi = ContractErrors.class.getResourceAsStream("abi/" + contract + ".abi")) {
        for (AbiDefinition entry : json.readValue(abi, AbiDefinition[].class)) {
          if (entry.getType().equals("error")) {
            errors.put(selector(entry), entry);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException("the ABI of " + contract + " is not in this program", e);
      }
    }
    return Map.copyOf(errors);
  }

  private static String selector(AbiDefinition error) {
    String signature =
        error.getInputs().stream()
            .map(AbiDefinition.NamedType::getType)
            .collect(Collectors.joining(",", error.getName() + "(", ")"));
    return Hash.sha3String(signature).substring(0, SELECTOR);
  }
}
