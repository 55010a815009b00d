package io.shardex.worker.runtime.torch;

import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec.Tensor;
import io.shardex.worker.runtime.torch.TorchShard.Reading;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A shard with all its child needs, as it goes through the pipe.
 *
 * @param module the checked archive's file
 * @param samples of as many features as the shard's input has, and as many labels as it is read for
 * @param from what to go on from; the start if empty
 */
record TorchJob(TorchShard shard, String module, Samples samples, Optional<TorchState> from)
    implements ChildJob {
  /** The most bytes of features a child takes into its heap. */
  static final int MOST_SAMPLE_BYTES = 1 << 30;

  private static final int SGD = 1;
  private static final int ADAM = 2;

  TorchJob {
    if (samples.width() != shard.features()) {
      throw new IllegalArgumentException(
          "expected samples of %d features, as %s has, but they have %d"
              .formatted(shard.features(), shard.input(), samples.width()));
    }
    if ((long) samples.count() * samples.width() > MOST_SAMPLE_BYTES) {
      throw new IllegalArgumentException(
          "expected at most %d bytes of samples, but there are %d of %d"
              .formatted(MOST_SAMPLE_BYTES, samples.count(), samples.width()));
    }
    for (int i = 0; i < samples.count() * shard.labels(); i++) {
      int label = samples.label(i / shard.labels(), i % shard.labels());
      if (label >= shard.classes()) {
        throw new IllegalArgumentException(
            "expected labels below %d, the model's classes, but sample %d has label %d"
                .formatted(shard.classes(), i / shard.labels(), label));
      }
    }
    int steps = shard.local().steps(samples.count());
    from.ifPresent(state -> requireSound(state, steps, shard.stateCount()));
  }

  /** Steps of the shard. */
  int steps() {
    return shard.local().steps(samples.count());
  }

  /** Steps that were taken before. */
  int begin() {
    return from.map(TorchState::step).orElse(0);
  }

  private static void requireSound(TorchState state, int steps, int count) {
    if (state.step() < 1 || state.step() >= steps) {
      throw new IllegalArgumentException(
          "expected a state of step 1 to %d, but it is of %d".formatted(steps - 1, state.step()));
    }
    if (state.values().count() != count) {
      throw new IllegalArgumentException(
          "expected a state of %d numbers, but it has %d".formatted(count, state.values().count()));
    }
  }

  @Override
  public void write(DataOutputStream out) throws IOException {
    Frame.of(Frame.Kind.JOB, this::writeHead).write(out);
    Frame.writeData(out, bytes(shard.base()));
    if (from.isPresent()) {
      Frame.writeData(out, bytes(from.get().values()));
    }
    int width = samples.width();
    byte[] features = new byte[samples.count() * width];
    byte[] labels = new byte[samples.count() * shard.labels()];
    for (int i = 0; i < features.length; i++) {
      features[i] = (byte) samples.feature(i / width, i % width);
    }
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) samples.label(i / shard.labels(), i % shard.labels());
    }
    Frame.writeData(out, features);
    Frame.writeData(out, labels);
    out.flush();
  }

  private void writeHead(DataOutputStream out) throws IOException {
    out.writeUTF(module);
    out.writeLong(shard.seed());
    out.writeInt(shard.round());
    out.writeInt(shard.shard());
    out.writeInt(shard.classes());
    writeExtents(shard.input(), out);
    out.writeBoolean(shard.reading() == Reading.TEXT);
    out.writeInt(shard.tensors().size());
    for (Tensor tensor : shard.tensors()) {
      out.writeUTF(tensor.name());
      writeExtents(tensor.shape(), out);
    }
    switch (shard.local()) {
      case LocalSpec.Sgd sgd -> {
        out.writeByte(SGD);
        out.writeFloat(sgd.learningRate());
        out.writeFloat(sgd.momentum());
      }
      case LocalSpec.Adam adam -> {
        out.writeByte(ADAM);
        out.writeFloat(adam.learningRate());
        out.writeFloat(adam.beta1());
        out.writeFloat(adam.beta2());
        out.writeFloat(adam.epsilon());
      }
    }
    out.writeInt(shard.local().batchSize());
    out.writeInt(shard.local().epochs());
    out.writeInt(samples.count());
    out.writeInt(begin());
    out.writeDouble(from.map(TorchState::lossSum).orElse(0.0));
  }

  /** Reads a job, whose head is this frame. */
  static TorchJob read(Frame head, Frame.Source frames) throws IOException, InterruptedException {
    DataInputStream in = head.as(Frame.Kind.JOB).in();
    String module = in.readUTF();
    long seed = in.readLong();
    int round = in.readInt();
    int number = in.readInt();
    int classes = in.readInt();
    List<Integer> input = readExtents(in);
    Reading reading = in.readBoolean() ? Reading.TEXT : Reading.PIXELS;
    int count = bounded(in.readInt(), TorchShard.MOST_TENSORS);
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tensors.add(new Tensor(in.readUTF(), readExtents(in)));
    }
    LocalSpec local = readLocal(in);
    int samples = in.readInt();
    int begin = in.readInt();
    double lossSum = in.readDouble();
    long parameters = tensors.stream().mapToLong(Tensor::count).sum();
    int bytes = Float.BYTES * bounded(parameters, TorchShard.MOST_PARAMETERS);
    Parameters base = parameters(Frame.readData(frames, bytes));
    TorchShard shard =
        new TorchShard(tensors, base, input, reading, classes, local, seed, round, number);
    Optional<TorchState> from =
        begin == 0
            ? Optional.empty()
            : Optional.of(new TorchState(begin, lossSum, state(shard, frames)));
    int width = shard.features();
    byte[] features = Frame.readData(frames, bounded(samples, MOST_SAMPLE_BYTES / width) * width);
    byte[] labels = Frame.readData(frames, samples * shard.labels());
    return new TorchJob(
        shard,
        module,
        switch (reading) {
          case PIXELS -> Samples.of(features, labels, width);
          case TEXT -> Samples.windows(text(features, labels), width);
        },
        from);
  }

  /** The numbers of a state of this shard. */
  static Parameters state(TorchShard shard, Frame.Source frames)
      throws IOException, InterruptedException {
    return parameters(Frame.readData(frames, Float.BYTES * shard.stateCount()));
  }

  /** The text that windows were cut from. */
  private static byte[] text(byte[] features, byte[] labels) {
    byte[] text = Arrays.copyOf(features, features.length + 1);
    text[features.length] = labels[labels.length - 1];
    return text;
  }

  private static LocalSpec readLocal(DataInputStream in) throws IOException {
    int kind = in.readUnsignedByte();
    float rate = in.readFloat();
    return switch (kind) {
      case SGD -> new LocalSpec.Sgd(rate, in.readFloat(), in.readInt(), in.readInt());
      case ADAM ->
          new LocalSpec.Adam(
              rate, in.readFloat(), in.readFloat(), in.readFloat(), in.readInt(), in.readInt());
      default -> throw new Frame.Malformed("an optimizer of kind " + kind);
    };
  }

  private static void writeExtents(List<Integer> extents, DataOutputStream out) throws IOException {
    out.writeByte(extents.size());
    for (int extent : extents) {
      out.writeInt(extent);
    }
  }

  private static List<Integer> readExtents(DataInputStream in) throws IOException {
    int count = bounded(in.readUnsignedByte(), Tensor.MAX_RANK);
    List<Integer> extents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      extents.add(in.readInt());
    }
    return extents;
  }

  private static int bounded(long value, int most) throws IOException {
    if (value < 0 || value > most) {
      throw new Frame.Malformed("%d where at most %d may be".formatted(value, most));
    }
    return (int) value;
  }

  /** Little-endian floats. */
  static byte[] bytes(Parameters parameters) {
    float[] values = new float[parameters.count()];
    parameters.copyTo(0, values);
    return bytes(values);
  }

  /** The same of an array. */
  static byte[] bytes(float[] values) {
    byte[] bytes = new byte[values.length * Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return bytes;
  }

  /** The parameters of these bytes. */
  static Parameters parameters(byte[] bytes) {
    float[] values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return Parameters.of(values);
  }
}
