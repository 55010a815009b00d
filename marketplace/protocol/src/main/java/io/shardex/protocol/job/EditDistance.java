package io.shardex.protocol.job;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** How many letters to insert, delete or change to make one word of another (Levenshtein). */
public final class EditDistance {
  private static final int LONGEST = 64;

  private EditDistance() {}

  /** The word that takes the fewest changes; the first of several. */
  public static String nearest(String word, Collection<String> known) {
    return known.stream()
        .min(Comparator.comparingInt(one -> between(word, one)))
        .orElseThrow(() -> new IllegalArgumentException("there is no word to be near to"));
  }

  /** The distance of the first 64 letters, upper and lower case being equal. */
  public static int between(String one, String other) {
    String a = head(one);
    String b = head(other);
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  private static String head(String word) {
    return word.substring(0, Math.min(LONGEST, word.length())).toLowerCase(Locale.ROOT);
  }
}
