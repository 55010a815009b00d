package io.shardex.training.proof;

import io.shardex.training.arithmetic.CounterRandom;

/**
 * The integers modulo 113, written as -56 to 56. Cubing permutes them, because 3 does not divide
 * 112; it is what keeps a chain of products from being one product (the same map as in MiMC:
 * Albrecht, Grassi, Rechberger, Roy, Tiessen, ASIACRYPT 2016).
 */
final class SmallField {
  static final int ORDER = 113;
  private static final int LARGEST = ORDER / 2;

  /** A multiple of the order above 2^24, so that what is added to it is positive. */
  private static final int LIFT = ORDER * ((1 << 24) / ORDER + 1);

  private static final byte[] CUBES = new byte[ORDER];
  private static final byte[] ROOTS = new byte[ORDER];

  static {
    for (int x = -LARGEST; x <= LARGEST; x++) {
      byte cube = reduced(x * x * x);
      CUBES[index(x)] = cube;
      ROOTS[index(cube)] = (byte) x;
    }
  }

  private SmallField() {}

  /** The cube of a number below 2^24 in magnitude. */
  static byte cube(int x) {
    return CUBES[index(x)];
  }

  /** The number whose cube this is. */
  static byte root(int x) {
    return ROOTS[index(x)];
  }

  /** The number of the field that is congruent to one below 2^24 in magnitude. */
  static byte reduced(int x) {
    int least = index(x);
    return (byte) (least > LARGEST ? least - ORDER : least);
  }

  private static int index(int x) {
    return (x + LIFT) % ORDER;
  }

  static boolean contains(int x) {
    return x >= -LARGEST && x <= LARGEST;
  }

  static int random(CounterRandom random, int index) {
    return random.below(ORDER, index) - LARGEST;
  }
}
