package io.shardex.training.arithmetic;

import io.shardex.training.arithmetic.CounterRandom.Purpose;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Fan.Kind;

/**
 * The model of round 0: He-uniform weights (He, Zhang, Ren, Sun: "Delving deep into rectifiers",
 * ICCV 2015), embeddings uniform, gains one, biases zero.
 */
public final class InitialModel {
  private InitialModel() {}

  /** The model; {@link IllegalArgumentException} for one that is not of the agreed arithmetic. */
  public static RoundModel of(ModelSpec model) {
    return new RoundModel(model, 0, Parameters.of(values(model.layered())));
  }

  private static float[] values(ModelSpec.Layered model) {
    float[] values = new float[model.parameterCount()];
    int place = 0;
    int layer = 0;
    for (ModelSpec.Fan fan : model.fans()) {
      float limit = limit(fan);
      CounterRandom random =
          new CounterRandom(model.seed(), 0, 0, layer++, Purpose.INITIAL_WEIGHTS);
      for (int i = 0; i < fan.weights(); i++) {
        values[place++] = fan.kind() == Kind.NORM ? 1 : (2 * random.unit(i) - 1) * limit;
      }
      place += fan.biases();
    }
    return values;
  }

  /** A table's row gets a variance of one by its width. */
  private static float limit(ModelSpec.Fan fan) {
    double square = fan.kind() == Kind.TABLE ? 3.0 / fan.outputs() : 6.0 / fan.inputs();
    return (float) Math.sqrt(square);
  }
}
