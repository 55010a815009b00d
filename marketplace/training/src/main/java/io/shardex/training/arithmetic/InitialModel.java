package io.shardex.training.arithmetic;

import io.shardex.training.arithmetic.CounterRandom.Purpose;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.ModelSpec;
import java.util.List;

/**
 * The model of round 0: He-uniform weights (He, Zhang, Ren, Sun: "Delving deep into rectifiers",
 * ICCV 2015), biases zero.
 */
public final class InitialModel {
  private InitialModel() {}

  public static RoundModel of(ModelSpec model) {
    return switch (model) {
      case ModelSpec.Mlp mlp -> new RoundModel(mlp, 0, Parameters.of(values(mlp)));
    };
  }

  private static float[] values(ModelSpec.Mlp mlp) {
    float[] values = new float[mlp.parameterCount()];
    List<Integer> layers = mlp.layers();
    int place = 0;
    for (int layer = 0; layer + 1 < layers.size(); layer++) {
      int inputs = layers.get(layer);
      int outputs = layers.get(layer + 1);
      float limit = (float) Math.sqrt(6.0 / inputs);
      CounterRandom random = new CounterRandom(mlp.seed(), 0, 0, layer, Purpose.INITIAL_WEIGHTS);
      for (int i = 0; i < inputs * outputs; i++) {
        values[place++] = (2 * random.unit(i) - 1) * limit;
      }
      place += outputs;
    }
    return values;
  }
}
