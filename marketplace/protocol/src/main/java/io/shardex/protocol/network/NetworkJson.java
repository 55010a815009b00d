package io.shardex.protocol.network;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.ResourceClass;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.job.AmountText;
import io.shardex.protocol.tls.TrustRoots;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;

/**
 * How a network file's values look in JSON: objects as their records, everything that is money, a
 * price, work, a rate, an address or a name as a string. Nothing unknown, missing, doubled or
 * converted passes.
 */
final class NetworkJson {
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

  static ObjectMapper reader() {
    return MAPPER;
  }

  /** Two spaces, one field a line, line feeds: the same value has the same bytes everywhere. */
  static ObjectWriter writer() {
    DefaultIndenter indent = new DefaultIndenter("  ", "\n");
    return MAPPER.writer(
        new DefaultPrettyPrinter().withObjectIndenter(indent).withArrayIndenter(indent));
  }

  private static SimpleModule values() {
    SimpleModule module = new SimpleModule();
    asText(module, Address.class, Address::parse, Address::toString);
    asText(module, Digest.class, Digest::parse, Digest::toString);
    asText(module, ResourceClass.class, ResourceClass::new, ResourceClass::name);
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
