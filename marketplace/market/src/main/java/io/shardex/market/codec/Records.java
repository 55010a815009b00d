package io.shardex.market.codec;

import java.util.function.Function;

/** Codecs of records: a field after the other, in the order of the constructor. */
public final class Records {
  private Records() {}

  /** One component of a record: its codec and how to get it. */
  public record Field<R, T>(Codec<T> codec, Function<R, T> get) {
    void write(ByteSink sink, R owner) {
      codec.write(sink, get.apply(owner));
    }

    T read(ByteSource source) {
      return codec.read(source);
    }
  }

  public static <R, T> Field<R, T> field(Codec<T> codec, Function<R, T> get) {
    return new Field<>(codec, get);
  }

  /** A record without components. */
  public static <R> Codec<R> record(R only) {
    return Primitives.of((sink, value) -> {}, source -> only);
  }

  public interface Of1<A, R> {
    R make(A a);
  }

  public static <A, R> Codec<R> record(Of1<A, R> constructor, Field<R, A> a) {
    return Primitives.of(
        (sink, value) -> {
          a.write(sink, value);
        },
        source -> constructor.make(a.read(source)));
  }

  public interface Of2<A, B, R> {
    R make(A a, B b);
  }

  public static <A, B, R> Codec<R> record(Of2<A, B, R> constructor, Field<R, A> a, Field<R, B> b) {
    return Primitives.of(
        (sink, value) -> {
          a.write(sink, value);
          b.write(sink, value);
        },
        source -> constructor.make(a.read(source), b.read(source)));
  }

  public interface Of3<A, B, C, R> {
    R make(A a, B b, C c);
  }

  public static <A, B, C, R> Codec<R> record(
      Of3<A, B, C, R> constructor, Field<R, A> a, Field<R, B> b, Field<R, C> c) {
    return Primitives.of(
        (sink, value) -> {
          a.write(sink, value);
          b.write(sink, value);
          c.write(sink, value);
        },
        source -> constructor.make(a.read(source), b.read(source), c.read(source)));
  }

  public interface Of4<A, B, C, D, R> {
    R make(A a, B b, C c, D d);
  }

  public static <A, B, C, D, R> Codec<R> record(
      Of4<A, B, C, D, R> constructor, Field<R, A> a, Field<R, B> b, Field<R, C> c, Field<R, D> d) {
    return Primitives.of(
        (sink, value) -> {
          a.write(sink, value);
          b.write(sink, value);
          c.write(sink, value);
          d.write(sink, value);
        },
        source -> constructor.make(a.read(source), b.read(source), c.read(source), d.read(source)));
  }

  public interface Of5<A, B, C, D, E, R> {
    R make(A a, B b, C c, D d, E e);
  }

  public static <A, B, C, D, E, R> Codec<R> record(
      Of5<A, B, C, D, E, R> constructor,
      Field<R, A> a,
      Field<R, B> b,
      Field<R, C> c,
      Field<R, D> d,
      Field<R, E> e) {
    return Primitives.of(
        (sink, value) -> {
          a.write(sink, value);
          b.write(sink, value);
          c.write(sink, value);
          d.write(sink, value);
          e.write(sink, value);
        },
        source ->
            constructor.make(
                a.read(source), b.read(source), c.read(source), d.read(source), e.read(source)));
  }

  public interface Of6<A, B, C, D, E, F, R> {
    R make(A a, B b, C c, D d, E e, F f);
  }

  public static <A, B, C, D, E, F, R> Codec<R> record(
      Of6<A, B, C, D, E, F, R> constructor,
      Field<R, A> a,
      Field<R, B> b,
      Field<R, C> c,
      Field<R, D> d,
      Field<R, E> e,
      Field<R, F> f) {
    return Primitives.of(
        (sink, value) -> {
          a.write(sink, value);
          b.write(sink, value);
          c.write(sink, value);
          d.write(sink, value);
          e.write(sink, value);
          f.write(sink, value);
        },
        source ->
            constructor.make(
                a.read(source),
                b.read(source),
                c.read(source),
                d.read(source),
                e.read(source),
                f.read(source)));
  }

  public interface Of7<A, B, C, D, E, F, G, R> {
    R make(A a, B b, C c, D d, E e, F f, G g);
  }

  public static <A, B, C, D, E, F, G, R> Codec<R> record(
      Of7<A, B, C, D, E, F, G, R> constructor,
      Field<R, A> a,
      Field<R, B> b,
      Field<R, C> c,
      Field<R, D> d,
      Field<R, E> e,
      Field<R, F> f,
      Field<R, G> g) {
    return Primitives.of(
        (sink, value) -> {
          a.write(sink, value);
          b.write(sink, value);
          c.write(sink, value);
          d.write(sink, value);
          e.write(sink, value);
          f.write(sink, value);
          g.write(sink, value);
        },
        source ->
            constructor.make(
                a.read(source),
                b.read(source),
                c.read(source),
                d.read(source),
                e.read(source),
                f.read(source),
                g.read(source)));
  }

  public interface Of8<A, B, C, D, E, F, G, H, R> {
    R make(A a, B b, C c, D d, E e, F f, G g, H h);
  }

  public static <A, B, C, D, E, F, G, H, R> Codec<R> record(
      Of8<A, B, C, D, E, F, G, H, R> constructor,
      Field<R, A> a,
      Field<R, B> b,
      Field<R, C> c,
      Field<R, D> d,
      Field<R, E> e,
      Field<R, F> f,
      Field<R, G> g,
      Field<R, H> h) {
    return Primitives.of(
        (sink, value) -> {
          a.write(sink, value);
          b.write(sink, value);
          c.write(sink, value);
          d.write(sink, value);
          e.write(sink, value);
          f.write(sink, value);
          g.write(sink, value);
          h.write(sink, value);
        },
        source ->
            constructor.make(
                a.read(source),
                b.read(source),
                c.read(source),
                d.read(source),
                e.read(source),
                f.read(source),
                g.read(source),
                h.read(source)));
  }

  public interface Of9<A, B, C, D, E, F, G, H, I, R> {
    R make(A a, B b, C c, D d, E e, F f, G g, H h, I i);
  }

  public static <A, B, C, D, E, F, G, H, I, R> Codec<R> record(
      Of9<A, B, C, D, E, F, G, H, I, R> constructor,
      Field<R, A> a,
      Field<R, B> b,
      Field<R, C> c,
      Field<R, D> d,
      Field<R, E> e,
      Field<R, F> f,
      Field<R, G> g,
      Field<R, H> h,
      Field<R, I> i) {
    return Primitives.of(
        (sink, value) -> {
          a.write(sink, value);
          b.write(sink, value);
          c.write(sink, value);
          d.write(sink, value);
          e.write(sink, value);
          f.write(sink, value);
          g.write(sink, value);
          h.write(sink, value);
          i.write(sink, value);
        },
        source ->
            constructor.make(
                a.read(source),
                b.read(source),
                c.read(source),
                d.read(source),
                e.read(source),
                f.read(source),
                g.read(source),
                h.read(source),
                i.read(source)));
  }

  public interface Of10<A, B, C, D, E, F, G, H, I, J, R> {
    R make(A a, B b, C c, D d, E e, F f, G g, H h, I i, J j);
  }

  public static <A, B, C, D, E, F, G, H, I, J, R> Codec<R> record(
      Of10<A, B, C, D, E, F, G, H, I, J, R> constructor,
      Field<R, A> a,
      Field<R, B> b,
      Field<R, C> c,
      Field<R, D> d,
      Field<R, E> e,
      Field<R, F> f,
      Field<R, G> g,
      Field<R, H> h,
      Field<R, I> i,
      Field<R, J> j) {
    return Primitives.of(
        (sink, value) -> {
          a.write(sink, value);
          b.write(sink, value);
          c.write(sink, value);
          d.write(sink, value);
          e.write(sink, value);
          f.write(sink, value);
          g.write(sink, value);
          h.write(sink, value);
          i.write(sink, value);
          j.write(sink, value);
        },
        source ->
            constructor.make(
                a.read(source),
                b.read(source),
                c.read(source),
                d.read(source),
                e.read(source),
                f.read(source),
                g.read(source),
                h.read(source),
                i.read(source),
                j.read(source)));
  }

  public interface Of12<A, B, C, D, E, F, G, H, I, J, K, L, R> {
    R make(A a, B b, C c, D d, E e, F f, G g, H h, I i, J j, K k, L l);
  }

  public static <A, B, C, D, E, F, G, H, I, J, K, L, R> Codec<R> record(
      Of12<A, B, C, D, E, F, G, H, I, J, K, L, R> constructor,
      Field<R, A> a,
      Field<R, B> b,
      Field<R, C> c,
      Field<R, D> d,
      Field<R, E> e,
      Field<R, F> f,
      Field<R, G> g,
      Field<R, H> h,
      Field<R, I> i,
      Field<R, J> j,
      Field<R, K> k,
      Field<R, L> l) {
    return Primitives.of(
        (sink, value) -> {
          a.write(sink, value);
          b.write(sink, value);
          c.write(sink, value);
          d.write(sink, value);
          e.write(sink, value);
          f.write(sink, value);
          g.write(sink, value);
          h.write(sink, value);
          i.write(sink, value);
          j.write(sink, value);
          k.write(sink, value);
          l.write(sink, value);
        },
        source ->
            constructor.make(
                a.read(source),
                b.read(source),
                c.read(source),
                d.read(source),
                e.read(source),
                f.read(source),
                g.read(source),
                h.read(source),
                i.read(source),
                j.read(source),
                k.read(source),
                l.read(source)));
  }

  public interface Of13<A, B, C, D, E, F, G, H, I, J, K, L, M, R> {
    R make(A a, B b, C c, D d, E e, F f, G g, H h, I i, J j, K k, L l, M m);
  }

  public static <A, B, C, D, E, F, G, H, I, J, K, L, M, R> Codec<R> record(
      Of13<A, B, C, D, E, F, G, H, I, J, K, L, M, R> constructor,
      Field<R, A> a,
      Field<R, B> b,
      Field<R, C> c,
      Field<R, D> d,
      Field<R, E> e,
      Field<R, F> f,
      Field<R, G> g,
      Field<R, H> h,
      Field<R, I> i,
      Field<R, J> j,
      Field<R, K> k,
      Field<R, L> l,
      Field<R, M> m) {
    return Primitives.of(
        (sink, value) -> {
          a.write(sink, value);
          b.write(sink, value);
          c.write(sink, value);
          d.write(sink, value);
          e.write(sink, value);
          f.write(sink, value);
          g.write(sink, value);
          h.write(sink, value);
          i.write(sink, value);
          j.write(sink, value);
          k.write(sink, value);
          l.write(sink, value);
          m.write(sink, value);
        },
        source ->
            constructor.make(
                a.read(source),
                b.read(source),
                c.read(source),
                d.read(source),
                e.read(source),
                f.read(source),
                g.read(source),
                h.read(source),
                i.read(source),
                j.read(source),
                k.read(source),
                l.read(source),
                m.read(source)));
  }

  public interface Of14<A, B, C, D, E, F, G, H, I, J, K, L, M, N, R> {
    R make(A a, B b, C c, D d, E e, F f, G g, H h, I i, J j, K k, L l, M m, N n);
  }

  public static <A, B, C, D, E, F, G, H, I, J, K, L, M, N, R> Codec<R> record(
      Of14<A, B, C, D, E, F, G, H, I, J, K, L, M, N, R> constructor,
      Field<R, A> a,
      Field<R, B> b,
      Field<R, C> c,
      Field<R, D> d,
      Field<R, E> e,
      Field<R, F> f,
      Field<R, G> g,
      Field<R, H> h,
      Field<R, I> i,
      Field<R, J> j,
      Field<R, K> k,
      Field<R, L> l,
      Field<R, M> m,
      Field<R, N> n) {
    return Primitives.of(
        (sink, value) -> {
          a.write(sink, value);
          b.write(sink, value);
          c.write(sink, value);
          d.write(sink, value);
          e.write(sink, value);
          f.write(sink, value);
          g.write(sink, value);
          h.write(sink, value);
          i.write(sink, value);
          j.write(sink, value);
          k.write(sink, value);
          l.write(sink, value);
          m.write(sink, value);
          n.write(sink, value);
        },
        source ->
            constructor.make(
                a.read(source),
                b.read(source),
                c.read(source),
                d.read(source),
                e.read(source),
                f.read(source),
                g.read(source),
                h.read(source),
                i.read(source),
                j.read(source),
                k.read(source),
                l.read(source),
                m.read(source),
                n.read(source)));
  }
}
