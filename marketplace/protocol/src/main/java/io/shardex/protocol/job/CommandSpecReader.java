package io.shardex.protocol.job;

import io.shardex.market.Digest;
import io.shardex.protocol.job.CommandSpec.Source;
import io.shardex.protocol.job.Yaml.Mapping;
import io.shardex.protocol.job.Yaml.Scalar;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes a {@link CommandSpec} of a document that fits the table of fields. */
final class CommandSpecReader {
  private final List<Problem> problems = new ArrayList<>();

  /** The spec, or everything in it that is out of range. */
  static CommandSpec read(Mapping root) throws JobRefused {
    CommandSpecReader reader = new CommandSpecReader();
    Mapping spec = root.mapping("spec");
    Mapping image = spec.mapping("image");
    Optional<Source> rootFiles = reader.source(image, "spec.image");
    List<CommandSpec.Input> inputs = reader.inputs(spec);
    SortedMap<String, String> environment = reader.environment(spec);
    Optional<Deadline> deadline = reader.deadline(spec);
    if (!reader.problems.isEmpty()) {
      throw new JobRefused(reader.problems);
    }
    return new CommandSpec(
        root.mapping("metadata").text("name"),
        items(spec, "command").stream().map(word -> ((Scalar) word).text()).toList(),
        new CommandSpec.Image(
            image.text("format").equals("oci") ? CommandSpec.Format.OCI : CommandSpec.Format.TAR,
            rootFiles.orElseThrow()),
        inputs,
        environment,
        limits(spec.mapping("limits")),
        spec.find("network").isPresent() && spec.text("network").equals("true"),
        JobSpecReader.checkpoint(spec),
        JobSpecReader.whole(spec, "shards"),
        spec.mapping("resources").text("accelerator"),
        JobSpecReader.price(spec.mapping("price")),
        deadline.orElseThrow());
  }

  /** Exactly one of a file and a blob with its length. */
  private Optional<Source> source(Mapping from, String path) {
    boolean file = from.find("file").isPresent();
    boolean blob = from.find("blob").isPresent();
    if (file == blob || blob != from.find("bytes").isPresent()) {
      problems.add(
          new Problem(
              path,
              OptionalInt.of(from.line()),
              "expected either file, or blob and bytes, but there is "
                  + (file ? blob ? "both" : "file and bytes" : blob ? "blob alone" : "neither")));
      return Optional.empty();
    }
    return Optional.of(
        file
            ? new Source.File(from.text("file"))
            : new Source.Blob(Digest.parse(from.text("blob")), Long.parseLong(from.text("bytes"))));
  }

  private List<CommandSpec.Input> inputs(Mapping spec) {
    List<CommandSpec.Input> inputs = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Yaml item : items(spec, "inputs")) {
      Mapping input = (Mapping) item;
      String path = "spec.inputs[" + names.size() + "]";
      String name = input.text("name");
      if (!names.add(name)) {
        add(path + ".name", input, "expected names that differ, but " + name + " is here twice");
        return inputs;
      }
      source(input, path).ifPresent(source -> inputs.add(new CommandSpec.Input(name, source)));
    }
    return inputs;
  }

  private SortedMap<String, String> environment(Mapping spec) {
    SortedMap<String, String> variables = new TreeMap<>();
    for (Yaml item : items(spec, "environment")) {
      String text = ((Scalar) item).text();
      String name = text.substring(0, text.indexOf('='));
      if (CommandSpec.isReserved(name)) {
        add("spec.environment", item, "the worker sets " + name + " itself; use another name");
      } else if (variables.put(name, text.substring(name.length() + 1)) != null) {
        add("spec.environment", item, "the variable " + name + " is here twice");
      }
    }
    return variables;
  }

  private Optional<Deadline> deadline(Mapping spec) {
    try {
      return Optional.of(JobSpecReader.deadline(spec.text("deadline")));
    } catch (IllegalArgumentException e) {
      add("spec.deadline", spec.get("deadline"), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private static CommandSpec.Limits limits(Mapping limits) {
    return new CommandSpec.Limits(
        JobSpecReader.whole(limits, "memoryMiB"),
        JobSpecReader.whole(limits, "cpuMillis"),
        JobSpecReader.whole(limits, "pids"),
        JobSpecReader.whole(limits, "diskMiB"),
        JobSpecReader.whole(limits, "minutes"),
        JobSpecReader.whole(limits, "outputMiB"));
  }

  private static List<Yaml> items(Mapping spec, String name) {
    return spec.find(name).map(list -> ((Yaml.Sequence) list).items()).orElse(List.of());
  }

  private void add(String path, Yaml where, String detail) {
    problems.add(new Problem(path, OptionalInt.of(where.line()), detail));
  }
}
