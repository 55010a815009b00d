package io.shardex.training.arithmetic;

/** {@code max(z, +0)} in place: output and delta are those of the layer below, changed. */
final class Rectifier extends Layer {

  private Rectifier(float[][] output, float[][] delta) {
    super(output, delta);
  }

  static Rectifier over(Layer below) {
    return new Rectifier(below.output, below.delta);
  }

  @Override
  void forward(float[][] x, int count, Lanes lanes) {
    lanes.split(
        count,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            Rows.rectify(output[i]);
          }
        });
  }

  @Override
  void backward(float[][] x, float[][] below, int count, Lanes lanes) {
    lanes.split(
        count,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            Rows.keepActive(delta[i], output[i]);
          }
        });
  }
}
