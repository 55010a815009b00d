package io.shardex.market;

/**
 * A kind of machine that is one good on the market, such as {@code cpu}: lower-case letters, digits
 * and dashes, 1 to 32 of them.
 */
public record ResourceClass(String name) implements Comparable<ResourceClass> {
  /** What every machine is: it needs no proof before its first lease. */
  public static final ResourceClass CPU = new ResourceClass("cpu");

  public ResourceClass {
    if (name.isEmpty() || name.length() > 32 || !name.chars().allMatch(ResourceClass::allowed)) {
      throw new IllegalArgumentException("not a resource class: '" + name + "'");
    }
  }

  private static boolean allowed(int c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  }

  @Override
  public int compareTo(ResourceClass other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
