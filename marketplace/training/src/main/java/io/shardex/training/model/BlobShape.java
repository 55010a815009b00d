package io.shardex.training.model;

import io.shardex.training.spec.ModelSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of a blob's header that tells the model's shape, 4 bytes each. A perceptron: layer
 * count, then each layer's width. A convolutional network: the letters {@code CNN1}, rows, columns
 * and channels of the image, stage count, kernel and channels of each stage, dense count, then each
 * dense width. A transformer: the letters {@code TLM1}, vocabulary, window, width, heads, blocks. A
 * builder's own module: the letters {@code TSM1}, rows, columns and channels of the image, classes,
 * tensor count, then each tensor's rank and extents. No layer count looks like letters.
 */
final class BlobShape {
  private static final int TRANSFORMER = 0x314d4c54; // "TLM1" read little-endian
  private static final int MODULE = 0x314d5354; // "TSM1" read little-endian
  private static final int CNN = 0x314e4e43; // "CNN1" read little-endian

  private BlobShape() {}

  /** One number of the shape, by its name. */
  record Entry(String name, int value) {}

  static List<Entry> entries(ModelSpec model) {
    List<Entry> entries = new ArrayList<>();
    switch (model) {
      case ModelSpec.Mlp mlp -> addWidths("layer", mlp.layers(), entries);
      case ModelSpec.Cnn cnn -> addCnn(cnn, entries);
      case ModelSpec.Transformer transformer -> addTransformer(transformer, entries);
      case ModelSpec.TorchScript module -> addModule(module, entries);
    }
    return entries;
  }

  private static void addCnn(ModelSpec.Cnn cnn, List<Entry> entries) {
    entries.add(new Entry("model kind", CNN));
    addImage(cnn.image(), entries);
    entries.add(new Entry("stage count", cnn.stages().size()));
    for (int i = 0; i < cnn.stages().size(); i++) {
      entries.add(new Entry("kernel of stage " + i, cnn.stages().get(i).kernel()));
      entries.add(new Entry("channels of stage " + i, cnn.stages().get(i).channels()));
    }
    addWidths("dense layer", cnn.dense(), entries);
  }

  private static void addImage(ModelSpec.Image image, List<Entry> entries) {
    entries.add(new Entry("image rows", image.rows()));
    entries.add(new Entry("image columns", image.columns()));
    entries.add(new Entry("image channels", image.channels()));
  }

  private static void addModule(ModelSpec.TorchScript module, List<Entry> entries) {
    entries.add(new Entry("model kind", MODULE));
    addImage(module.image(), entries);
    entries.add(new Entry("classes", module.classes()));
    entries.add(new Entry("tensor count", module.tensors().size()));
    for (ModelSpec.Tensor tensor : module.tensors()) {
      entries.add(new Entry("rank of tensor " + tensor.name(), tensor.shape().size()));
      tensor
          .shape()
          .forEach(extent -> entries.add(new Entry("extent of " + tensor.name(), extent)));
    }
  }

  private static void addTransformer(ModelSpec.Transformer model, List<Entry> entries) {
    entries.add(new Entry("model kind", TRANSFORMER));
    entries.add(new Entry("vocabulary", model.vocabulary()));
    entries.add(new Entry("window", model.window()));
    entries.add(new Entry("width", model.width()));
    entries.add(new Entry("heads", model.heads()));
    entries.add(new Entry("blocks", model.blocks()));
  }

  private static void addWidths(String layer, List<Integer> widths, List<Entry> entries) {
    entries.add(new Entry(layer + " count", widths.size()));
    for (int i = 0; i < widths.size(); i++) {
      entries.add(new Entry("width of %s %d".formatted(layer, i), widths.get(i)));
    }
  }

  static int bytes(ModelSpec model) {
    return Integer.BYTES * entries(model).size();
  }

  static void write(ModelSpec model, ByteBuffer bytes) {
    entries(model).forEach(entry -> bytes.putInt(entry.value()));
  }
}
