package io.shardex.ops.ca;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.util.IPAddress;

/**
 * The DNS names and IP addresses a certificate is for.
 *
 * @param names 1 to {@value #MOST} of them, without brackets or wildcards
 */
record Hosts(List<String> names) {
  private static final int MOST = 32;
  private static final String DNS =
      "(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
          + "(\\.[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)*";

  /** Refuses with {@link IllegalArgumentException} what is no host. */
  Hosts {
    names = List.copyOf(new LinkedHashSet<>(names));
    if (names.isEmpty() || names.size() > MOST) {
      throw new IllegalArgumentException(
          "expected 1 to %d hosts for a certificate, but found %d".formatted(MOST, names.size()));
    }
    for (String name : names) {
      if (!IPAddress.isValid(name) && (!name.matches(DNS) || name.matches("[0-9.]+"))) {
        throw new IllegalArgumentException(
            "expected a host name or an IP address, but it is '" + name + "'");
      }
    }
  }

  static Hosts of(Collection<String> names) {
    return new Hosts(List.copyOf(names));
  }

  /** As they stand in a certificate. */
  GeneralNames alternatives() {
    return new GeneralNames(
        names.stream()
            .map(
                name ->
                    new GeneralName(
                        IPAddress.isValid(name) ? GeneralName.iPAddress : GeneralName.dNSName,
                        name))
            .toArray(GeneralName[]::new));
  }
}
