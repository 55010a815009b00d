package io.shardex.market.codec;

import io.shardex.market.Address;
import io.shardex.market.CheckpointEvery;
import io.shardex.market.Digest;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.market.Signature;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Random instances of the market's records, found by reflection so that none is forgotten. */
public final class Samples {
  private static final String TEXT = "aZ09 \u00e4\u20ac\uD83D\uDE00";

  private final Random random;

  public Samples(long seed) {
    this.random = new Random(seed);
  }

  /** The records of a sealed family, those of nested families too. */
  public static Stream<Class<?>> cases(Class<?> family) {
    return family.isSealed()
        ? Arrays.stream(family.getPermittedSubclasses()).flatMap(Samples::cases)
        : Stream.of(family);
  }

  public <T> T of(Class<T> type) {
    return type.cast(value(type));
  }

  private Object value(Type type) {
    if (type instanceof ParameterizedType generic) {
      Type inner = generic.getActualTypeArguments()[0];
      if (generic.getRawType() == Set.class) {
        return Set.copyOf(list(inner));
      }
      return generic.getRawType() == Optional.class
          ? Optional.of(inner).filter(some -> random.nextBoolean()).map(this::value)
          : list(inner);
    }
    Class<?> kind = (Class<?>) type;
    if (kind == int.class || kind == Integer.class) {
      return random.nextInt();
    } else if (kind == long.class || kind == Long.class) {
      return random.nextLong();
    } else if (kind == boolean.class) {
      return random.nextBoolean();
    } else if (kind == String.class) {
      return TEXT.substring(0, random.nextInt(7));
    } else if (kind.isEnum()) {
      return kind.getEnumConstants()[random.nextInt(kind.getEnumConstants().length)];
    } else if (kind == ResourceClass.class) {
      return new ResourceClass("cpu-" + random.nextInt(100));
    } else if (kind == Amount.class) {
      return Amount.of(random.nextLong() >>> (1 + random.nextInt(60)));
    } else if (kind == UnitPrice.class) {
      return new UnitPrice(random.nextLong() >>> 1);
    } else if (kind == WorkUnits.class) {
      return new WorkUnits(random.nextLong(WorkUnits.MAX + 1));
    } else if (kind == PartsPerMillion.class) {
      return new PartsPerMillion(random.nextInt(PartsPerMillion.ONE));
    } else if (kind == CheckpointEvery.Steps.class) {
      return new CheckpointEvery.Steps(1 + random.nextInt(Integer.MAX_VALUE));
    } else if (kind == CheckpointEvery.Time.class) {
      return new CheckpointEvery.Time(1 + random.nextLong(Long.MAX_VALUE));
    } else if (kind == Rules.class) {
      return Rules.local();
    } else if (kind == Network.class) {
      return network();
    } else if (kind == Signature.class) {
      return new Signature(of(Digest.class), of(Digest.class), random.nextInt(256));
    } else if (kind.isSealed()) {
      List<Class<?>> cases = cases(kind).toList();
      return value(cases.get(random.nextInt(cases.size())));
    }
    return record(kind);
  }

  private Object network() {
    List<Address> validators =
        List.copyOf(
            new TreeSet<>(List.of(of(Address.class), of(Address.class), of(Address.class))));
    return new Network(
        random.nextLong(),
        of(Address.class),
        of(Address.class),
        of(Address.class),
        of(Address.class),
        random.nextLong() >>> 1,
        of(Address.class),
        validators,
        random.nextBoolean() ? List.of() : List.copyOf(digests(validators.size())),
        2,
        List.of(of(Network.ClassTerms.class)),
        Rules.local());
  }

  private List<Digest> digests(int count) {
    return Stream.generate(() -> of(Digest.class)).limit(count).toList();
  }

  private List<Object> list(Type inner) {
    List<Object> list = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      list.add(value(inner));
    }
    return list;
  }

  private Object record(Class<?> kind) {
    RecordComponent[] parts = kind.getRecordComponents();
    if (parts == null) {
      throw new AssertionError("not a record: " + kind);
    }
    Class<?>[] types = Arrays.stream(parts).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] arguments = Arrays.stream(parts).map(part -> value(part.getGenericType())).toArray();
    try {
      Constructor<?> constructor = kind.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(arguments);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(kind.getName(), e);
    }
  }
}
