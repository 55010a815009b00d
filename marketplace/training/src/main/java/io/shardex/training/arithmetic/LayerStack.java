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
  static List<Layer> of(ModelSpec.Layered model, int batch, int slots) {
    LayerStack stack = new LayerStack(batch, slots);
    switch (model) {
      case ModelSpec.Mlp mlp -> stack.dense(mlp.layers());
      case ModelSpec.Cnn cnn -> {
        stack.convolutions(cnn);
        stack.dense(cnn.denseLayers());
      }
      case ModelSpec.Transformer transformer -> stack.transformer(transformer);
    }
    return stack.layers;
  }

  private void convolutions(ModelSpec.Cnn cnn) {
    ModelSpec.Image image = cnn.image();
    for (ModelSpec.Stage stage : cnn.stages()) {
      layers.add(new Convolution(image, stage.kernel(), stage.channels(), batch, slots));
      image = image.withChannels(stage.channels());
      layers.add(new MaxPooling(image, batch));
      // The largest of rectified values is the largest one rectified, and a place whose largest
      // value is not positive passes no delta: the same bits for a quarter of the work.
      layers.add(Rectifier.over(layers.getLast()));
      image = image.pooled();
    }
  }

  private void transformer(ModelSpec.Transformer model) {
    int width = model.width();
    int rows = batch * model.window();
    layers.add(new Embedding(model.vocabulary(), model.window(), width, batch, slots));
    for (int b = 0; b < model.blocks(); b++) {
      List<Layer> attention =
          List.of(
              new LayerNorm(width, rows, slots),
              new DenseLayer(width, 3 * width, rows, slots),
              new CausalAttention(model.window(), width, model.heads(), batch),
              new DenseLayer(width, width, rows, slots));
      List<Layer> perceptron =
          List.of(
              new LayerNorm(width, rows, slots),
              new DenseLayer(width, 4 * width, rows, slots),
              new Gelu(4 * width, rows),
              new DenseLayer(4 * width, width, rows, slots));
      layers.add(new Residual(attention, width, rows));
      layers.add(new Residual(perceptron, width, rows));
    }
    layers.add(new LayerNorm(width, rows, slots));
    layers.add(new DenseLayer(width, model.vocabulary(), rows, slots));
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
