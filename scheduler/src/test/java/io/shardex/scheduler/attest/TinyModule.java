package io.shardex.scheduler.attest;

import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.state.Task;
import io.shardex.protocol.job.CommandInputs;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobPlan;
import io.shardex.protocol.job.JobRefused;
import io.shardex.protocol.job.TorchInputs;
import io.shardex.scheduler.replica.TwoNodes;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.SafeTensors;
import io.shardex.training.model.ShardResult;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Tensor;
import io.shardex.training.spec.TrainingSpec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The tiny job with a module of its builder's own, 51 parameters in two tensors. */
final class TinyModule {
  static final String FILE =
      TinyJob.FILE
          .replace(
              "{kind: mlp, layers: [16, 5, 3], activation: relu, seed: 7}",
              "{kind: torchscript, file: m.pt, parameters: m.safetensors, classes: 3,"
                  + " flopsPerSample: 500, seed: 7}")
          .replace("audit: 20%", "audit: 0%");

  static final List<Tensor> TENSORS =
      List.of(new Tensor("fc.weight", List.of(3, 16)), new Tensor("fc.bias", List.of(3)));

  final TinyJob data;
  final TorchInputs inputs;
  final TrainingSpec training;
  private final TwoNodes nodes;
  private final JobFile file;

  /** Uploads all that the job needs. */
  TinyModule(TwoNodes nodes, TinyJob data) throws JobRefused {
    this.nodes = nodes;
    this.data = data;
    file = JobFile.parse(FILE.getBytes(StandardCharsets.UTF_8));
    inputs = inputs(archive(), parameters(TENSORS, 1));
    training = JobPlan.of(file.spec(), inputs, nodes.network, nodes.now()).training();
  }

  /** What begins like an archive of TorchScript. */
  static byte[] archive() {
    return new byte[] {'P', 'K', 3, 4, 0, 0};
  }

  static byte[] parameters(List<Tensor> tensors, float value) {
    return SafeTensors.write(new RoundModel(model(tensors), 0, all(model(tensors), value)));
  }

  private static ModelSpec model(List<Tensor> tensors) {
    return new ModelSpec.TorchScript(tensors, new ModelSpec.Image(4, 4, 1), 3, 500, 7);
  }

  private static Parameters all(ModelSpec model, float value) {
    float[] values = new float[model.parameterCount()];
    Arrays.fill(values, value);
    return Parameters.of(values);
  }

  /** These two files, uploaded, described as honest ones would be. */
  TorchInputs inputs(byte[] module, byte[] parameters) {
    return new TorchInputs(blob(module), blob(parameters), TENSORS, data.data);
  }

  CommandInputs.Blob blob(byte[] content) {
    return new CommandInputs.Blob(data.upload(content), content.length);
  }

  Digest spec() {
    return data.upload(file.bytes());
  }

  JobTerms terms() throws JobRefused {
    return terms(inputs);
  }

  /** The job made from these, whose description is uploaded. */
  JobTerms terms(TorchInputs other) throws JobRefused {
    Digest unused = data.upload(other.encoded());
    return JobPlan.of(file.spec(), other, nodes.network, nodes.now()).terms();
  }

  /** All parameters at this value, before any round or behind it. */
  RoundModel model(int round, float value) {
    return new RoundModel(training.model(), round, all(training.model(), value));
  }

  JobId funded() throws JobRefused {
    return nodes.funded(spec(), terms(), data.upload(model(0, 1).encode()));
  }

  /** A new worker comes to parameters that are all this value. */
  Task commits(int shard, float value, double lossSum) {
    int samples = training.range(shard).count();
    ShardResult result =
        new ShardResult(
            training.model(),
            0,
            shard,
            samples,
            training.local().steps(samples),
            lossSum,
            all(training.model(), value));
    return nodes.committed("worker/" + shard, data.upload(result.encode()));
  }
}
