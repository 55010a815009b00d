package io.shardex.training.arithmetic;

/** {@code max(z, +0)} in place: output and delta are those of the layer below, changed. */
final class Rectifier implements Layer {
  private final float[][] output;
  private final float[][] delta;

  private Rectifier(float[][] output, float[][] delta) {
    this.output = output;
    this.delta = delta;
  }

  static Rectifier over(Layer below) {
    return new Rectifier(below.output(), below.delta());
  }

  @Override
  public float[][] output() {
    return output;
  }

  @Override
  public float[][] delta() {
    return delta;
  }

  @Override
  public void forward(float[][] x, int count, Lanes lanes) {
    lanes.split(
        count,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            Rows.rectify(output[i]);
          }
        });
  }

  @Override
  public void backward(float[][] x, float[][] below, int count, Lanes lanes) {
    lanes.split(
        count,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            Rows.keepActive(delta[i], output[i]);
          }
        });
  }
}
