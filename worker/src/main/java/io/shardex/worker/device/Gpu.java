package io.shardex.worker.device;

import io.shardex.market.ResourceClass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A GPU, or the slice of one that its driver treats as a GPU of its own.
 *
 * @param id tells it from the others of its machine for as long as the driver runs
 * @param maker who made it
 * @param name as its driver writes it
 * @param vramMiB its memory as its driver counts it, at least 1; a slice's own
 * @param slice multiprocessors of the slice; empty for a whole GPU
 */
public record Gpu(String id, Maker maker, String name, long vramMiB, OptionalInt slice) {
  private static final int LONGEST_CLASS = 32;

  /** GiB that GPUs and slices are sold with. */
  private static final int[] SIZES = {
    1, 2, 3, 4, 5, 6, 8, 10, 11, 12, 16, 20, 24, 32, 40, 48, 64, 80, 94, 96, 128, 141, 144, 180,
    192, 256, 288
  };

  /** Words of names that do not tell one model from another, or that the class says elsewhere. */
  private static final Pattern NOISE =
      Pattern.compile(
          "nvidia|amd|tesla|geforce|instinct|gpu|generation|workstation|server|edition|accelerator"
              + "|hbm\\d*e?|sxm\\d*|pcie|oam|\\d+gb|\\d+gib");

  /** Models that are modules, though their names do not say so. */
  private static final Set<String> SXM = Set.of("h20", "h200", "b200", "b300");

  private static final Pattern OAM = Pattern.compile("mi(250|3\\d\\d).*");
  private static final Pattern BRACKETS = Pattern.compile(".*\\[(.+)]\\s*");

  public Gpu {
    if (vramMiB < 1) {
      throw new IllegalArgumentException("a GPU has memory, not " + vramMiB + " MiB");
    }
  }

  /**
   * The good it is on the market: {@code maker-model-vram-form}, such as {@code
   * nvidia-a100-80g-sxm}, and for a slice its multiprocessors, {@code nvidia-a100-20g-sxm-14sm}.
   * The memory is rounded up to a size that is sold, since drivers keep a varying part for
   * themselves; the last words of a long model are left out.
   */
  public ResourceClass resources() {
    List<String> model = new ArrayList<>(words());
    String tail =
        "-%dg-%s".formatted(vramSold(), lower(form().name()))
            + (slice.isPresent() ? "-" + slice.getAsInt() + "sm" : "");
    while (model.size() > 1 && className(model, tail).length() > LONGEST_CLASS) {
      model.removeLast();
    }
    String whole = className(model, tail);
    int excess = Math.max(0, whole.length() - LONGEST_CLASS);
    String head = whole.substring(0, whole.length() - tail.length() - excess);
    return new ResourceClass(head + tail);
  }

  /** The model without maker, memory and form, lower-case words with dashes. */
  public String model() {
    return String.join("-", words());
  }

  /** Its memory in GiB as it is sold. */
  public int vramSold() {
    return Arrays.stream(SIZES)
        .filter(size -> size * 1024L >= vramMiB)
        .findFirst()
        .orElseGet(() -> Math.toIntExact((vramMiB + 1023) >> 10));
  }

  /** Read from its name; what does not say otherwise is a card. */
  public FormFactor form() {
    String low = lower(name);
    if (low.contains("sxm") || SXM.contains(model())) {
      return FormFactor.SXM;
    }
    if (low.contains("hbm3") && !low.contains("pcie") && !low.contains("nvl")) {
      return FormFactor.SXM;
    }
    boolean module = low.contains("oam") || words().stream().anyMatch(OAM.asMatchPredicate());
    return module ? FormFactor.OAM : FormFactor.PCIE;
  }

  private String className(List<String> model, String tail) {
    return lower(maker.name()) + "-" + String.join("-", model) + tail;
  }

  private List<String> words() {
    // ROCm names the chip and puts the product in brackets.
    Matcher brackets = BRACKETS.matcher(name);
    String product = lower(brackets.matches() ? brackets.group(1) : name);
    List<String> words =
        Arrays.stream(product.split("[^a-z0-9]+", -1))
            .filter(word -> !word.isEmpty() && !NOISE.matcher(word).matches())
            .toList();
    return words.isEmpty() ? List.of("unknown") : words;
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
