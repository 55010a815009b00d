package io.shardex.protocol.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The files of a command job that its builder has, read before anything is uploaded or paid.
 *
 * @param inputs every blob the job is made from
 * @param uploads those of them that are files here
 */
public record LocalCommand(CommandInputs inputs, List<BlobSource> uploads) implements Material {
  public LocalCommand {
    uploads = List.copyOf(uploads);
  }

  @Override
  public byte[] described() {
    return inputs.encoded();
  }

  @Override
  public List<Part> parts() {
    return uploads.stream()
        .map(BlobSource::file)
        .map(file -> new Part(String.valueOf(file.getFileName()), file))
        .toList();
  }

  /**
   * Reads the files a job names, relative to the job file's folder.
   *
   * @throws JobRefused listing each file that is missing, empty or too large
   */
  public static LocalCommand read(CommandSpec spec, Path folder) throws IOException, JobRefused {
    Reader reader = new Reader(folder);
    Optional<CommandInputs.Blob> image = reader.blob("spec.image", spec.image().source());
    List<CommandInputs.File> files = new ArrayList<>();
    for (int i = 0; i < spec.inputs().size(); i++) {
      CommandSpec.Input input = spec.inputs().get(i);
      reader
          .blob("spec.inputs[" + i + "]", input.source())
          .ifPresent(blob -> files.add(new CommandInputs.File(input.name(), blob)));
    }
    if (!reader.problems.isEmpty()) {
      throw new JobRefused(reader.problems);
    }
    return new LocalCommand(new CommandInputs(image.orElseThrow(), files), reader.uploads);
  }

  private static final class Reader {
    private final Path folder;
    private final List<Problem> problems = new ArrayList<>();
    private final List<BlobSource> uploads = new ArrayList<>();

    Reader(Path folder) {
      this.folder = folder;
    }

    Optional<CommandInputs.Blob> blob(String path, CommandSpec.Source source) throws IOException {
      return switch (source) {
        case CommandSpec.Source.Blob blob ->
            Optional.of(new CommandInputs.Blob(blob.id(), blob.bytes()));
        case CommandSpec.Source.File file -> file(path + ".file", folder.resolve(file.path()));
      };
    }

    private Optional<CommandInputs.Blob> file(String path, Path file) throws IOException {
      if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
        String found = Files.exists(file) ? "cannot be read as one" : "does not exist";
        problems.add(Problem.of(path, "expected a file, but " + file + " " + found));
        return Optional.empty();
      }
      try {
        BlobSource source = BlobSource.of(file);
        uploads.add(source);
        return Optional.of(new CommandInputs.Blob(source.id(), source.manifest().totalBytes()));
      } catch (IllegalArgumentException e) {
        problems.add(Problem.of(path, file + ": " + e.getMessage()));
        return Optional.empty();
      }
    }
  }
}
