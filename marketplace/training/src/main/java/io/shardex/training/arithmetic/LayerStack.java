package io.shardex.training.arithmetic;

import io.shardex.training.spec.ModelSpec;
import java.util.ArrayList;
import java.util.List;

/** Puts a model's layers one on another. */
final class LayerStack {
  private final int batch;
  private final int slots;
  private final List<Layer> layers = new ArrayList<>();

  private LayerStack(int batch, int slots) {
    this.batch = batch;
    this.slots = slots;
  }

  /**
   * Layers with all parameters zero.
   *
   * @param slots optimiser slots of a parameter
   */
  static List<Layer> of(ModelSpec model, int batch, int slots) {
    LayerStack stack = new LayerStack(batch, slots);
    switch (model) {
      case ModelSpec.Mlp mlp -> stack.dense(mlp.layers());
      case ModelSpec.Cnn cnn -> {
        stack.convolutions(cnn);
        stack.dense(cnn.denseLayers());
      }
    }
    return stack.layers;
  }

  private void convolutions(ModelSpec.Cnn cnn) {
    ModelSpec.Image image = cnn.image();
    for (ModelSpec.Stage stage : cnn.stages()) {
      layers.add(new Convolution(image, stage.kernel(), stage.channels(), batch, slots));
      layers.add(Rectifier.over(layers.getLast()));
      image = image.withChannels(stage.channels());
      layers.add(new MaxPooling(image, batch));
      image = image.pooled();
    }
  }

  private void dense(List<Integer> widths) {
    for (int i = 1; i < widths.size(); i++) {
      layers.add(new DenseLayer(widths.get(i - 1), widths.get(i), batch, slots));
      if (i < widths.size() - 1) {
        layers.add(Rectifier.over(layers.getLast()));
      }
    }
  }
}
