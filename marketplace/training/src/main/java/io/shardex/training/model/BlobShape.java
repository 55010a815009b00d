package io.shardex.training.model;

import io.shardex.training.spec.ModelSpec;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The part of a blob's header that tells the model's shape: layer count, then each layer's width.
 */
final class BlobShape {
  private BlobShape() {}

  static List<Integer> layers(ModelSpec model) {
    return switch (model) {
      case ModelSpec.Mlp mlp -> mlp.layers();
    };
  }

  static int bytes(ModelSpec model) {
    return Integer.BYTES * (1 + layers(model).size());
  }

  static void write(ModelSpec model, ByteBuffer bytes) {
    List<Integer> layers = layers(model);
    bytes.putInt(layers.size());
    layers.forEach(bytes::putInt);
  }
}
