package io.shardex.protocol.job;

import static io.shardex.protocol.job.Shape.Field.optional;
import static io.shardex.protocol.job.Shape.Field.required;

import io.shardex.protocol.job.Shape.Choice;
import io.shardex.protocol.job.Shape.Field;
import io.shardex.protocol.job.Shape.Fields;
import io.shardex.protocol.job.Shape.Items;
import io.shardex.protocol.job.Shape.Numeric;
import io.shardex.protocol.job.Shape.Text;
import io.shardex.protocol.job.Shape.Variants;
import io.shardex.protocol.job.Shape.Whole;

/** The table of all fields of a job file. */
final class JobFields {
  static final Text PATH = Text.of("[^\\x00-\\x1f]{1,1024}", "mnist/train-images");

  static final Text RESOURCE_CLASS = Text.of("[a-z0-9-]{1,32}", "cpu");

  static final Text DEADLINE =
      Text.of(
          "[0-9]{1,8}[smhd]"
              + "|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,3})?Z",
          "30m");

  static final Fields PRICE =
      Fields.of(
          required("budget", "What goes into escrow.", Text.of(AmountText.PATTERN, "5.00")),
          required(
              "maxPerHour",
              "The most one slot may cost an hour.",
              Text.of(AmountText.PATTERN, "0.40")));

  private static final String TEST = "What you judge the model with; it never leaves your machine.";

  private static final Fields FILES =
      Fields.of(
          required("images", "IDX file of images, relative to the job file.", PATH),
          required("labels", "IDX file of labels, relative to the job file.", PATH));

  private static final Fields TRAIN =
      Fields.of(
          required("images", "IDX file of images, relative to the job file.", PATH),
          required("labels", "IDX file of labels, relative to the job file.", PATH),
          optional("limit", "Train on the first samples only.", new Whole(1, 1 << 29)));

  private static final Field ACTIVATION =
      required("activation", "What a hidden layer does with its sums.", Choice.of("relu"));

  private static final Field SEED =
      required(
          "seed",
          "Seed of the first weights and of all other chance.",
          new Whole(Long.MIN_VALUE, Long.MAX_VALUE));

  private static final Fields STAGE =
      Fields.of(
          required("kernel", "Width of the square kernel; odd.", new Whole(1, 11)),
          required("channels", "Channels out.", new Whole(1, 1_024)));

  private static final Variants MODEL =
      Variants.by(
          "kind",
          Fields.of(
              required("kind", "A multilayer perceptron.", Choice.of("mlp")),
              required(
                  "layers",
                  "Widths from input to output; the last one is the number of classes.",
                  new Items(new Whole(1, 65_536), 2, 16)),
              ACTIVATION,
              SEED),
          Fields.of(
              required("kind", "A convolutional network.", Choice.of("cnn")),
              required(
                  "image",
                  "Rows, columns and channels of a sample; IDX images have one channel.",
                  new Items(new Whole(1, 1_024), 3, 3)),
              required(
                  "stages",
                  "Convolutions that keep the image's size, each followed by the activation and"
                      + " 2 x 2 max pooling.",
                  new Items(STAGE, 1, 8)),
              required(
                  "dense",
                  "Widths of the dense layers behind them; the last one is the number of classes.",
                  new Items(new Whole(1, 65_536), 1, 15)),
              ACTIVATION,
              SEED),
          Fields.of(
              required(
                  "kind",
                  "Your own module in TorchScript: images [batch, 1, rows, columns] in, logits"
                      + " [batch, classes] out. Its results are not proven.",
                  Choice.of("torchscript")),
              required(
                  "file",
                  "The module, as torch.jit.save writes it, relative to the job file.",
                  Text.of(PATH.pattern().pattern(), "model.pt")),
              required(
                  "parameters",
                  "The initial values of all its trainable parameters, a safetensors file of"
                      + " float32, relative to the job file.",
                  Text.of(PATH.pattern().pattern(), "model.safetensors")),
              required("classes", "Logits of a sample.", new Whole(2, 256)),
              required(
                  "flopsPerSample",
                  "Products and sums of one sample's forward and backward pass, which the work and"
                      + " its price are counted by; at least 2 a parameter.",
                  new Whole(1, 1_000_000_000_000L)),
              SEED),
          Fields.of(
              required(
                  "kind",
                  "A causal transformer that foretells each next byte of a text.",
                  Choice.of("transformer")),
              required(
                  "vocabulary",
                  "The text's bytes are below it: 128 for ASCII, 256 for any.",
                  new Whole(2, 256)),
              required("window", "Bytes of a sample.", new Whole(2, 1_024)),
              required("width", "Of a token's row; a multiple of the heads.", new Whole(1, 1_024)),
              required("heads", "Of each attention.", new Whole(1, 64)),
              required("blocks", "Of attention and a perceptron.", new Whole(1, 32)),
              SEED));

  private static final Field TEXT =
      required("text", "File whose bytes are the model's tokens, relative to the job file.", PATH);

  private static final Variants DATA =
      Variants.by(
          "format",
          Fields.of(
              required("format", "IDX files of images and of labels.", Choice.of("idx")),
              required("train", "What the job trains on.", TRAIN),
              optional("test", TEST, FILES)),
          Fields.of(
              required("format", "Text, for a transformer.", Choice.of("text")),
              required(
                  "train",
                  "What the job trains on.",
                  Fields.of(
                      TEXT,
                      optional(
                          "limit", "Train on the first windows only.", new Whole(1, 1 << 29)))),
              optional("test", TEST, Fields.of(TEXT))));

  private static final Field LEARNING_RATE =
      required("learningRate", "More than 0, at most 1000.", new Numeric());

  private static final Field BATCH_SIZE =
      required("batchSize", "Samples of a step.", new Whole(1, 4_096));

  private static final Field EPOCHS =
      required("epochs", "Passes over the shard in a round.", new Whole(1, 1_000));

  private static final Variants LOCAL =
      Variants.by(
          "optimizer",
          Fields.of(
              required("optimizer", "Gradient descent with momentum.", Choice.of("sgd")),
              LEARNING_RATE,
              required("momentum", "At least 0, less than 1.", new Numeric()),
              BATCH_SIZE,
              EPOCHS),
          Fields.of(
              required("optimizer", "Adam.", Choice.of("adam")),
              LEARNING_RATE,
              optional("beta1", "At least 0, less than 1; 0.9 when absent.", new Numeric()),
              optional("beta2", "At least 0, less than 1; 0.999 when absent.", new Numeric()),
              optional("epsilon", "1e-30 to 1; 1e-8 when absent.", new Numeric()),
              BATCH_SIZE,
              EPOCHS));

  private static final Fields SPEC =
      Fields.of(
          required("model", "What is trained.", MODEL),
          required("data", "What it is trained on.", DATA),
          required(
              "shards", "Parts the data is cut into, trained side by side.", new Whole(1, 10_000)),
          required("rounds", "Times the shards' models are averaged.", new Whole(1, 100_000)),
          required("local", "What a worker does with its shard in a round.", LOCAL),
          required(
              "outer",
              "How the shards' models become the next round's.",
              Fields.of(required("optimizer", "The weighted mean.", Choice.of("average")))),
          required(
              "resources",
              "The machines the job wants.",
              Fields.of(
                  required(
                      "accelerator", "A resource class of the network, or any.", RESOURCE_CLASS),
                  optional(
                      "memory",
                      "Memory of one shard; estimated when absent.",
                      Text.of("[0-9]{1,7}(MiB|GiB)", "512MiB")))),
          required("price", "Money, in whole tokens with at most 6 decimals.", PRICE),
          required(
              "deadline",
              "From submission, as 90s, 30m, 12h or 3d; or an ISO-8601 instant.",
              DEADLINE),
          required(
              "verification",
              "How the results are checked.",
              Fields.of(
                  required(
                      "audit",
                      "Share of the results that others train again, 0% to 100%.",
                      Text.of("(100(\\.0{1,4})?|[0-9]{1,2}(\\.[0-9]{1,4})?)%", "20%")),
                  optional(
                      "onLie",
                      "What happens when a lie is found in a round that is closed: rollback trains"
                          + " it and all after it again, at the liar's cost; continue goes on.",
                      Choice.of("rollback", "continue")))),
          optional(
              "checkpoint",
              "Lets another worker go on with a shard whose worker is lost; absent, it begins anew.",
              Fields.of(
                  required(
                      "every",
                      "How often a worker saves its shard's state: 200 steps, 30s, 10m or 1h.",
                      Text.of("[1-9][0-9]{0,8} steps|[1-9][0-9]{0,5}[smh]", "200 steps or 30s")))));

  static final Fields ROOT = root("TrainingJob", SPEC);

  /** A job file of one kind. */
  static Fields root(String kind, Fields spec) {
    return Fields.of(
        required("apiVersion", "Version of this format.", Choice.of("shardex.io/v1")),
        required("kind", "What the file describes.", Choice.of(kind)),
        required(
            "metadata",
            "What the job is called.",
            Fields.of(
                required(
                    "name",
                    "For people.",
                    Text.of("[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "mnist-mlp")))),
        required("spec", "What is to be done.", spec));
  }

  private JobFields() {}
}
