package io.shardex.training.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The model a job trains: its shape, and the seed that all chance comes from. */
public sealed interface ModelSpec permits ModelSpec.Layered, ModelSpec.TorchScript {

  /** Largest number of parameters a model may have (64 MiB of raw floats). */
  int MAX_PARAMETERS = 1 << 24;

  /** Features a sample must have. */
  int inputs();

  /** Classes a label may name: labels are 0 to classes - 1. */
  int classes();

  /** Labels of a sample: 1, or one a token. */
  default int labels() {
    return 1;
  }

  /** Seed of every random value of the job. */
  long seed();

  /** Numbers that training changes. */
  int parameterCount();

  /** This, if it is a model of the agreed arithmetic; else {@link IllegalArgumentException}. */
  default Layered layered() {
    return switch (this) {
      case Layered layered -> layered;
      case TorchScript module ->
          throw new IllegalArgumentException(
              "expected a model of the agreed arithmetic, but it is a builder's own module");
    };
  }

  /** A model of the agreed arithmetic; its initial weights follow from the seed. */
  sealed interface Layered extends ModelSpec {
    /** The layers that have parameters, in canonical order. */
    List<Fan> fans();

    /** Weights and biases together. */
    @Override
    default int parameterCount() {
      return Math.toIntExact(Fan.parameters(fans()));
    }

    /** Products of one sample's forward pass in each layer of {@link #fans}. */
    List<Long> products();

    /** Values one sample has in the input and behind each layer, together. */
    long units();

    /** Floats of the largest working memory a lane needs beside the batch. */
    long laneFloats();
  }

  /** What a hidden layer does with its sums. */
  enum Activation {
    /** max(z, 0). */
    RELU
  }

  /**
   * The shape of a layer's parameters: {@code weights = inputs * outputs}, then the biases.
   *
   * @param inputs weights that go into one output
   */
  record Fan(Kind kind, int inputs, int outputs) {
    /** What a layer's parameters do, and so how they start. */
    public enum Kind {
      /** A sum of weighted inputs and a bias. */
      AFFINE,
      /** Rows to choose from, one an input; no bias. */
      TABLE,
      /** A gain and a bias for each output; one input. */
      NORM
    }

    /** Weighted sums, each with a bias. */
    public Fan(int inputs, int outputs) {
      this(Kind.AFFINE, inputs, outputs);
    }

    public int weights() {
      return inputs * outputs;
    }

    public int biases() {
      return kind == Kind.TABLE ? 0 : outputs;
    }

    private static long parameters(List<Fan> fans) {
      return fans.stream().mapToLong(fan -> (long) fan.inputs * fan.outputs + fan.biases()).sum();
    }

    private static List<Fan> dense(List<Integer> widths) {
      return IntStream.range(1, widths.size())
          .mapToObj(i -> new Fan(widths.get(i - 1), widths.get(i)))
          .toList();
    }
  }

  private static void checkWidths(String name, List<Integer> widths, int min) {
    Check.range(name + " count", widths.size(), min, 16);
    for (int i = 0; i < widths.size(); i++) {
      Check.range(name + "[" + i + "]", widths.get(i), 1, 65_536);
    }
    Check.range(name + "[" + (widths.size() - 1) + "]", widths.getLast(), 2, 256);
  }

  private static void checkParameters(List<Fan> fans) {
    Check.range("model parameters", Fan.parameters(fans), 1, MAX_PARAMETERS);
  }

  /**
   * A multilayer perceptron.
   *
   * @param layers widths from input to output: 2 to 16 entries of 1 to 65,536, the last one
   *     (classes) 2 to 256
   */
  record Mlp(List<Integer> layers, Activation activation, long seed) implements Layered {
    public Mlp {
      layers = List.copyOf(layers);
      checkWidths("model.layers", layers, 2);
      checkParameters(Fan.dense(layers));
    }

    @Override
    public int inputs() {
      return layers.getFirst();
    }

    @Override
    public int classes() {
      return layers.getLast();
    }

    @Override
    public List<Fan> fans() {
      return Fan.dense(layers);
    }

    @Override
    public List<Long> products() {
      return fans().stream().map(fan -> (long) fan.weights()).toList();
    }

    @Override
    public long units() {
      return layers.stream().mapToLong(Integer::longValue).sum();
    }

    @Override
    public long laneFloats() {
      return 0;
    }
  }

  /**
   * The shape of an image, which lies [channels][rows][columns].
   *
   * @param rows 1 to 1,024
   * @param columns 1 to 1,024
   * @param channels 1 to 1,024
   */
  record Image(int rows, int columns, int channels) {
    public Image {
      Check.range("image rows", rows, 1, 1_024);
      Check.range("image columns", columns, 1, 1_024);
      Check.range("image channels", channels, 1, 1_024);
    }

    /** Places of one channel. */
    public int places() {
      return rows * columns;
    }

    public int values() {
      return Math.multiplyExact(places(), channels);
    }

    /** An image of the same size with other channels. */
    public Image withChannels(int channels) {
      return new Image(rows, columns, channels);
    }

    /** What 2 x 2 pooling leaves of it; a last odd row or column is dropped. */
    public Image pooled() {
      return new Image(rows / 2, columns / 2, channels);
    }
  }

  /**
   * A convolution, its activation and 2 x 2 max pooling.
   *
   * @param kernel rows and columns of the kernel, odd, 1 to 11
   * @param channels channels out, 1 to 1,024
   */
  record Stage(int kernel, int channels) {
    public Stage {
      Check.require(
          kernel >= 1 && kernel <= 11 && kernel % 2 == 1, "kernel", "odd and 1 to 11", kernel);
      Check.range("stage channels", channels, 1, 1_024);
    }
  }

  /**
   * A convolutional network: stages, each a convolution that keeps the image's size (what lies
   * beyond the border is zero), its activation and 2 x 2 max pooling; then dense layers.
   *
   * @param image what a sample is; with all its values at most 65,536
   * @param stages 1 to 8, each of them on an image of at least 2 x 2; what a kernel sees at all
   *     places is at most 2^24 floats
   * @param dense widths of the dense layers: 1 to 15 entries of 1 to 65,536, the last one (classes)
   *     2 to 256
   */
  record Cnn(Image image, List<Stage> stages, List<Integer> dense, Activation activation, long seed)
      implements Layered {
    private static final int MAX_LANE_FLOATS = 1 << 24;

    public Cnn {
      stages = List.copyOf(stages);
      dense = List.copyOf(dense);
      Check.range("model.image values", (long) image.places() * image.channels(), 1, 65_536);
      Check.range("model.stages count", stages.size(), 1, 8);
      checkWidths("model.dense", dense, 1);
      Image at = image;
      for (int i = 0; i < stages.size(); i++) {
        Stage stage = stages.get(i);
        String size = "model.stages[%d] smaller side of its image".formatted(i);
        Check.range(size, Math.min(at.rows(), at.columns()), 2, 1_024);
        Check.range(
            "model.stages[%d] floats of its unfolded image".formatted(i),
            unfolded(at, stage),
            1,
            MAX_LANE_FLOATS);
        at = at.withChannels(stage.channels()).pooled();
      }
      checkParameters(fans(image, stages, dense));
    }

    /** Floats a convolution or its input delta lays out for one sample, the larger of both. */
    private static long unfolded(Image at, Stage stage) {
      long most = Math.max(at.channels(), stage.channels());
      return (most * stage.kernel() * stage.kernel() + 1) * at.places();
    }

    private static List<Image> images(Image image, List<Stage> stages) {
      List<Image> images = new ArrayList<>(List.of(image));
      for (Stage stage : stages) {
        images.add(images.getLast().withChannels(stage.channels()).pooled());
      }
      return images;
    }

    private static List<Fan> fans(Image image, List<Stage> stages, List<Integer> dense) {
      List<Fan> fans = new ArrayList<>();
      List<Image> images = images(image, stages);
      for (int i = 0; i < stages.size(); i++) {
        Stage stage = stages.get(i);
        int inputs = images.get(i).channels() * stage.kernel() * stage.kernel();
        fans.add(new Fan(inputs, stage.channels()));
      }
      fans.addAll(Fan.dense(widths(images.getLast(), dense)));
      return fans;
    }

    private static List<Integer> widths(Image last, List<Integer> dense) {
      return Stream.concat(Stream.of(last.values()), dense.stream()).toList();
    }

    /** The input image of each stage, then what the last one leaves. */
    public List<Image> images() {
      return images(image, stages);
    }

    /** Widths of the dense part: the values the last stage leaves, then {@link #dense}. */
    public List<Integer> denseLayers() {
      return widths(images().getLast(), dense);
    }

    @Override
    public int inputs() {
      return image.values();
    }

    @Override
    public int classes() {
      return dense.getLast();
    }

    @Override
    public List<Fan> fans() {
      return fans(image, stages, dense);
    }

    @Override
    public List<Long> products() {
      List<Fan> fans = fans();
      List<Image> images = images();
      return IntStream.range(0, fans.size())
          .mapToObj(
              i -> {
                long places = i < stages.size() ? images.get(i).places() : 1;
                return places * fans.get(i).weights();
              })
          .toList();
    }

    @Override
    public long units() {
      List<Image> images = images();
      long units = inputs();
      for (int i = 0; i < stages.size(); i++) {
        units += (long) images.get(i).places() * stages.get(i).channels();
        units += images.get(i + 1).values();
      }
      return units + dense.stream().mapToLong(Integer::longValue).sum();
    }

    @Override
    public long laneFloats() {
      List<Image> images = images();
      return IntStream.range(0, stages.size())
          .mapToLong(i -> unfolded(images.get(i), stages.get(i)))
          .max()
          .orElseThrow();
    }
  }

  /**
   * A causal language model over bytes: token and position embedding, pre-norm blocks of attention
   * and a perceptron of four times the width with GELU, layer norm, and a head of its own. Each
   * token's label is the token behind it.
   *
   * @param vocabulary bytes 0 to vocabulary - 1 are the tokens; 2 to 256
   * @param window tokens of a sample, 2 to 1,024
   * @param width of a token's row, 1 to 1,024, a multiple of {@code heads}
   * @param heads of the attention, 1 to 64
   * @param blocks 1 to 32
   */
  record Transformer(int vocabulary, int window, int width, int heads, int blocks, long seed)
      implements Layered {
    private static final int MAX_PROBABILITIES = 1 << 22;

    public Transformer {
      Check.range("model.vocabulary", vocabulary, 2, 256);
      Check.range("model.window", window, 2, 1_024);
      Check.range("model.width", width, 1, 1_024);
      Check.range("model.heads", heads, 1, 64);
      Check.require(width % heads == 0, "model.width", "a multiple of " + heads, width);
      Check.range("model.blocks", blocks, 1, 32);
      Check.range(
          "model heads x window x window", (long) heads * window * window, 4, MAX_PROBABILITIES);
      checkParameters(fans(vocabulary, window, width, blocks));
    }

    private static List<Fan> fans(int vocabulary, int window, int width, int blocks) {
      Fan norm = new Fan(Fan.Kind.NORM, 1, width);
      List<Fan> fans = new ArrayList<>();
      fans.add(new Fan(Fan.Kind.TABLE, vocabulary, width));
      fans.add(new Fan(Fan.Kind.TABLE, window, width));
      for (int b = 0; b < blocks; b++) {
        fans.add(norm);
        fans.add(new Fan(width, 3 * width));
        fans.add(new Fan(width, width));
        fans.add(norm);
        fans.add(new Fan(width, 4 * width));
        fans.add(new Fan(4 * width, width));
      }
      fans.add(norm);
      fans.add(new Fan(width, vocabulary));
      return fans;
    }

    @Override
    public int inputs() {
      return window;
    }

    @Override
    public int classes() {
      return vocabulary;
    }

    @Override
    public int labels() {
      return window;
    }

    @Override
    public List<Fan> fans() {
      return fans(vocabulary, window, width, blocks);
    }

    /** Nothing for the embedding; dense layers a token; attention the causal half alone. */
    @Override
    public List<Long> products() {
      List<Long> products = new ArrayList<>(List.of(0L));
      for (Fan fan : fans()) {
        if (fan.kind() == Fan.Kind.AFFINE) {
          products.add((long) window * fan.weights());
        }
      }
      long seen = window * (window + 1L) / 2;
      products.add(2L * blocks * width * seen);
      return products;
    }

    @Override
    public long units() {
      long block = 18L * width + (long) heads * window;
      return window * (1L + 2L * width + vocabulary + blocks * block);
    }

    @Override
    public long laneFloats() {
      return 2L * window * window + 5L * window * (width / heads) + (long) vocabulary * width;
    }
  }

  /**
   * A builder's own module in TorchScript: its {@code forward} takes images, float32 [batch,
   * channels, rows, columns], and returns logits, float32 [batch, classes]. What it computes is
   * libtorch's affair, so its initial parameters come from the builder.
   *
   * @param tensors its trainable parameters in the order of the job's parameter vector, 1 to 1,024
   *     of different names
   * @param image what a sample is; with all its values at most 65,536
   * @param classes 2 to 256
   * @param flopsPerSample products and sums of one sample's forward and backward pass, as the
   *     builder declares: at least 2 a parameter, at most 10^12
   */
  record TorchScript(List<Tensor> tensors, Image image, int classes, long flopsPerSample, long seed)
      implements ModelSpec {
    /** The most tensors a module may train. */
    public static final int MAX_TENSORS = 1_024;

    private static final long MAX_FLOPS = 1_000_000_000_000L;

    public TorchScript {
      tensors = List.copyOf(tensors);
      Check.range("model tensors", tensors.size(), 1, MAX_TENSORS);
      long names = tensors.stream().map(Tensor::name).distinct().count();
      Check.require(names == tensors.size(), "model tensors", "of different names", tensors);
      Check.range("model parameters", count(tensors), 1, MAX_PARAMETERS);
      Check.range("model.image values", image.values(), 1, 65_536);
      Check.range("model.classes", classes, 2, 256);
      Check.range("model.flopsPerSample", flopsPerSample, 2 * count(tensors), MAX_FLOPS);
    }

    private static long count(List<Tensor> tensors) {
      return tensors.stream().mapToLong(Tensor::count).sum();
    }

    @Override
    public int inputs() {
      return image.values();
    }

    @Override
    public int parameterCount() {
      return Math.toIntExact(count(tensors));
    }
  }

  /**
   * A parameter of a module.
   *
   * @param name as the module has it: 1 to 128 letters, digits, dots, dashes and underscores
   * @param shape at most 8 extents of 1 to 2^24; none for a single number
   */
  record Tensor(String name, List<Integer> shape) {
    /** The longest name. */
    public static final int MAX_NAME = 128;

    /** The most extents. */
    public static final int MAX_RANK = 8;

    public Tensor {
      shape = List.copyOf(shape);
      Check.require(
          name.matches("[A-Za-z0-9._-]{1,128}"),
          "tensor name",
          "1 to 128 letters, digits, dots, dashes and underscores",
          "'" + printable(name) + "'");
      Check.range("rank of tensor " + name, shape.size(), 0, MAX_RANK);
      long count = 1;
      for (int extent : shape) {
        Check.range("extent of tensor " + name, extent, 1, MAX_PARAMETERS);
        count *= extent;
        Check.range("numbers of tensor " + name, count, 1, MAX_PARAMETERS);
      }
    }

    private static String printable(String name) {
      String ascii = name.replaceAll("[^ -~]", "?");
      return ascii.substring(0, Math.min(MAX_NAME, ascii.length()));
    }

    /** Numbers in it: the product of its extents. */
    public int count() {
      return shape.stream().reduce(1, Math::multiplyExact);
    }
  }
}
