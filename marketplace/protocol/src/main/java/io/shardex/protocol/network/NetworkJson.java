package io.shardex.protocol.network;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.ResourceClass;
import io.shardex.market.Signature;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.job.AmountText;
import io.shardex.protocol.tls.TrustRoots;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How the values of a network's files look in JSON: objects as their records, everything that is
 * money, a price, work, a rate, an address, a signature or a name as a string. Nothing unknown,
 * missing, doubled or converted passes.
 */
public final class NetworkJson {
  private static final int MAX_BYTES = 1 << 20;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(
              DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
              DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
              DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .annotationIntrospector(new AllButOptional())
          .addModule(values())
          .build();

  private NetworkJson() {}

  /** Reads a file of at most 1 MiB. */
  public static <T> T read(Path file, Class<T> type) throws IOException, InvalidNetworkFile {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] json = in.readNBytes(MAX_BYTES + 1);
      if (json.length > MAX_BYTES) {
        throw new InvalidNetworkFile(file + " has more than " + MAX_BYTES + " bytes");
      }
      return parse(json, type);
    }
  }

  /** Reads a file's bytes. */
  public static <T> T parse(byte[] json, Class<T> type) throws InvalidNetworkFile {
    try {
      T value = MAPPER.readValue(json, type);
      if (value == null) {
        throw new InvalidNetworkFile("expected an object, but it is null");
      }
      return value;
    } catch (UnrecognizedPropertyException e) {
      String known =
          e.getKnownPropertyIds().stream()
              .map(String::valueOf)
              .sorted()
              .collect(Collectors.joining(", "));
      throw new InvalidNetworkFile(where(e) + "unknown field; the known ones are " + known, e);
    } catch (JsonMappingException e) {
      throw new InvalidNetworkFile(where(e) + e.getOriginalMessage(), e);
    } catch (JsonProcessingException e) {
      throw new InvalidNetworkFile(line(e.getLocation()) + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new AssertionError("bytes in memory are always read", e);
    }
  }

  /** A file's bytes: two spaces, one field a line, line feeds; equal values have equal bytes. */
  public static byte[] print(Object value) {
    DefaultIndenter indent = new DefaultIndenter("  ", "\n");
    ObjectWriter writer =
        MAPPER.writer(
            new DefaultPrettyPrinter().withObjectIndenter(indent).withArrayIndenter(indent));
    try {
      return (writer.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new AssertionError("every value of these files can be written", e);
    }
  }

  private static String where(JsonMappingException e) {
    String path =
        e.getPath().stream()
            .map(
                step ->
                    step.getFieldName() == null
                        ? "[" + step.getIndex() + "]"
                        : "." + step.getFieldName())
            .collect(Collectors.joining());
    return line(e.getLocation()) + (path.startsWith(".") ? path.substring(1) + ": " : "");
  }

  private static String line(JsonLocation location) {
    return location == null ? "" : "line " + location.getLineNr() + ", ";
  }

  private static SimpleModule values() {
    SimpleModule module = new SimpleModule();
    asText(module, Address.class, Address::parse, Address::toString);
    asText(module, Digest.class, Digest::parse, Digest::toString);
    asText(module, ResourceClass.class, ResourceClass::new, ResourceClass::name);
    asText(
        module,
        Signature.class,
        text -> Signature.of(HexFormat.of().parseHex(text.replaceFirst("^0x", ""))),
        signature -> "0x" + HexFormat.of().formatHex(signature.bytes()));
    asText(module, Endpoint.class, Endpoint::parse, Endpoint::toString);
    asText(module, Amount.class, AmountText::parse, Amount::tokens);
    asText(
        module,
        UnitPrice.class,
        text -> new UnitPrice(Long.parseLong(text)),
        price -> Long.toString(price.perTeraWork()));
    asText(
        module,
        WorkUnits.class,
        text -> new WorkUnits(Long.parseLong(text)),
        work -> Long.toString(work.count()));
    asText(
        module,
        PartsPerMillion.class,
        text -> new PartsPerMillion(Integer.parseInt(text)),
        rate -> Integer.toString(rate.value()));
    module.addSerializer(Optional.class, new PrintRoots());
    module.addDeserializer(Optional.class, new ParseRoots());
    return module;
  }

  /** Every field of a record must be there, but for an {@link Optional} one. */
  private static final class AllButOptional extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1;

    @Override
    public Boolean hasRequiredMarker(AnnotatedMember member) {
      return member.getRawType() != Optional.class;
    }
  }

  private static <T> void asText(
      SimpleModule module, Class<T> type, Function<String, T> parse, Function<T, String> print) {
    module.addSerializer(type, new Print<>(type, print));
    module.addDeserializer(type, new Parse<>(type, parse));
  }

  private static final class Print<T> extends StdSerializer<T> {
    private static final long serialVersionUID = 1;
    private final transient Function<T, String> print;

    Print(Class<T> type, Function<T, String> print) {
      super(type);
      this.print = print;
    }

    @Override
    public void serialize(T value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(print.apply(value));
    }
  }

  private static final class Parse<T> extends StdDeserializer<T> {
    private static final long serialVersionUID = 1;
    private final Class<T> type;
    private final transient Function<String, T> parse;

    Parse(Class<T> type, Function<String, T> parse) {
      super(type);
      this.type = type;
      this.parse = parse;
    }

    @Override
    public T deserialize(JsonParser in, DeserializationContext context) throws IOException {
      if (!in.hasToken(JsonToken.VALUE_STRING)) {
        throw MismatchedInputException.from(
            in, type, "expected a string, but it is " + in.getText());
      }
      try {
        return parse.apply(in.getText());
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw InvalidFormatException.from(in, String.valueOf(e.getMessage()), in.getText(), type);
      }
    }
  }

  /** The only optional value there is, the network's CA: PEM, or nothing at all. */
  @SuppressWarnings("rawtypes")
  private static final class PrintRoots extends StdSerializer<Optional> {
    private static final long serialVersionUID = 1;

    PrintRoots() {
      super(Optional.class);
    }

    @Override
    public void serialize(Optional roots, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(((TrustRoots) roots.orElseThrow()).toPem());
    }

    @Override
    public boolean isEmpty(SerializerProvider provider, Optional roots) {
      return roots.isEmpty();
    }
  }

  @SuppressWarnings("rawtypes")
  private static final class ParseRoots extends StdDeserializer<Optional> {
    private static final long serialVersionUID = 1;
    private final transient Parse<TrustRoots> roots =
        new Parse<>(TrustRoots.class, TrustRoots::parse);

    ParseRoots() {
      super(Optional.class);
    }

    @Override
    public Optional deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return Optional.of(roots.deserialize(in, context));
    }

    @Override
    public Object getAbsentValue(DeserializationContext context) {
      return Optional.empty();
    }
  }
}
