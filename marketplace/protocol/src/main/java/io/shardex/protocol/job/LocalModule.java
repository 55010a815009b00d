package io.shardex.protocol.job;

import io.shardex.protocol.job.CommandInputs.Blob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A builder's own module with its initial parameters and the data, read and checked before anything
 * is uploaded or paid.
 */
public record LocalModule(
    LocalData data, BlobSource module, BlobSource parameters, TorchInputs inputs)
    implements Material {
  @Override
  public byte[] described() {
    return inputs.encoded();
  }

  @Override
  public List<Part> parts() {
    List<Part> parts = new ArrayList<>(data.parts());
    parts.add(new Part("module", module.file()));
    parts.add(new Part("parameters", parameters.file()));
    return parts;
  }

  /**
   * Reads the files a job names, relative to the job file's folder.
   *
   * @throws JobRefused listing each file that is missing or is not what it should be
   */
  public static LocalModule read(JobSpec spec, JobSpec.Model.TorchScript model, Path folder)
      throws IOException, JobRefused {
    List<Problem> problems = new ArrayList<>();
    Path module = folder.resolve(model.file());
    Path parameters = folder.resolve(model.parameters());
    moduleProblem(module).ifPresent(problems::add);
    Optional<TensorFile> tensors = tensors(parameters, problems);
    Optional<LocalData> data = Optional.empty();
    try {
      data = Optional.of(LocalData.read(spec, folder));
    } catch (JobRefused e) {
      problems.addAll(e.problems());
    }
    if (!problems.isEmpty()) {
      throw new JobRefused(problems);
    }
    return of(
        data.orElseThrow(),
        BlobSource.of(module),
        BlobSource.of(parameters),
        tensors.orElseThrow());
  }

  private static LocalModule of(
      LocalData data, BlobSource module, BlobSource parameters, TensorFile tensors) {
    return new LocalModule(
        data,
        module,
        parameters,
        new TorchInputs(blob(module), blob(parameters), tensors.tensors(), images(data)));
  }

  /** A module's job cannot name any other data. */
  private static DataDescription.Idx images(LocalData data) {
    return (DataDescription.Idx) data.description();
  }

  private static Blob blob(BlobSource source) {
    return new Blob(source.id(), source.manifest().totalBytes());
  }

  private static Optional<Problem> moduleProblem(Path file) throws IOException {
    String path = "spec.model.file";
    Optional<Problem> problem = fileProblem(path, file, TorchInputs.MAX_MODULE_BYTES);
    if (problem.isPresent()) {
      return problem;
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      boolean scripted = zip.stream().anyMatch(entry -> entry.getName().contains("/code/"));
      return scripted ? Optional.empty() : Optional.of(noModule(path, file, "holds no code"));
    } catch (ZipException e) {
      return Optional.of(noModule(path, file, "is no zip archive"));
    }
  }

  private static Problem noModule(String path, Path file, String found) {
    return Problem.of(
        path,
        "expected a TorchScript module, but %s %s; write it with torch.jit.script(model).save(...)"
            .formatted(file, found));
  }

  private static Optional<TensorFile> tensors(Path file, List<Problem> problems)
      throws IOException {
    String path = "spec.model.parameters";
    Optional<Problem> problem = fileProblem(path, file, TensorFile.MAX_BYTES);
    problem.ifPresent(problems::add);
    if (problem.isPresent()) {
      return Optional.empty();
    }
    try {
      TensorFile tensors = TensorFile.read(Files.readAllBytes(file));
      if (!tensors.parameters().finite()) {
        problems.add(Problem.of(path, "expected finite numbers, but " + file + " has others"));
      }
      return Optional.of(tensors);
    } catch (IllegalArgumentException e) {
      problems.add(Problem.of(path, file + ": " + e.getMessage()));
      return Optional.empty();
    }
  }

  private static Optional<Problem> fileProblem(String path, Path file, long most)
      throws IOException {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      String found = Files.exists(file) ? "cannot be read as one" : "does not exist";
      return Optional.of(Problem.of(path, "expected a file, but " + file + " " + found));
    }
    long bytes = Files.size(file);
    return bytes >= 1 && bytes <= most
        ? Optional.empty()
        : Optional.of(
            Problem.of(
                path,
                "expected a file of 1 to %d bytes, but %s has %d".formatted(most, file, bytes)));
  }
}
