package io.shardex.worker.runtime.torch;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A child without libtorch that keeps to the protocol or, as its argument says, does not. */
final class ScriptedChild {
  private ScriptedChild() {}

  /** What the child does. */
  enum Script {
    /** Adds one to each parameter at each step. */
    TRAINS,
    TRAINS_ON_A_GPU,
    /** The same, with a whole answer more behind the first one. */
    ANSWERS_AHEAD,
    /** Trains the first shard, and takes a step of the second. */
    DIES_IN_THE_SECOND_SHARD,
    /** Waits after the first step until it is asked for its state. */
    TELLS_ITS_STATE,
    TELLS_A_STATE_UNASKED,
    TELLS_THE_STATE_OF_ANOTHER_STEP,
    TELLS_A_STATE_THAT_IS_NOT_FINITE,
    TELLS_TOO_LARGE_A_STATE,
    DIES_AT_START,
    HANGS_AT_START,
    IS_OF_ANOTHER_VERSION,
    DOES_NOT_READ,
    DIES_IN_A_STEP,
    DIES_IN_A_FRAME,
    HANGS_IN_A_STEP,
    HANGS_IN_THE_RESULT,
    BABBLES,
    SENDS_AN_OVERSIZED_FRAME,
    SKIPS_A_STEP,
    STEPS_ON_AND_ON,
    SENDS_TOO_MUCH_DATA,
    ENDS_TOO_EARLY,
    ANSWERS_NOT_A_NUMBER,
    DIVERGES,
    DIVERGES_AT_STEP_ZERO,
    BLAMES_THE_HOST,
    FLOODS_ITS_LOG,
    /** Of a chain of eight rows. */
    SENDS_TOO_LARGE_A_MATRIX
  }

  /** The process of a script. */
  static ProcessBuilder of(Script script, Path scratch) {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ScriptedChild.class.getName(),
                script.name()))
        .directory(scratch.toFile());
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Script script = Script.valueOf(args[0]);
    DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
    DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out));
    switch (script) {
      case DIES_AT_START -> {
        System.err.println("no library of that name");
        System.exit(3);
      }
      case HANGS_AT_START -> Thread.sleep(Long.MAX_VALUE);
      case FLOODS_ITS_LOG -> flood();
      default -> {}
    }
    int version = script == Script.IS_OF_ANOTHER_VERSION ? 1 : Frame.VERSION;
    tell(
        out,
        Frame.Kind.READY,
        body -> {
          body.writeInt(version);
          body.writeUTF("scripted");
          body.writeUTF(script == Script.TRAINS_ON_A_GPU ? "gpu" : "cpu");
        });
    if (script == Script.SENDS_TOO_LARGE_A_MATRIX) {
      Frame.writeData(out, new byte[65]);
      out.flush();
    }
    if (script == Script.DOES_NOT_READ || script == Script.SENDS_TOO_LARGE_A_MATRIX) {
      Thread.sleep(Long.MAX_VALUE);
    }
    Frame.Source frames = () -> Frame.read(in).orElseThrow(EOFException::new);
    for (int shard = 1; true; shard++) {
      Optional<Frame> first = Frame.read(in);
      if (first.isEmpty()) {
        return;
      }
      TorchJob job = TorchJob.read(first.get(), frames);
      if (script.name().startsWith("TELLS_")) {
        tellState(script, job, frames, out);
      }
      play(shard == 1 ? script : second(script), job, out);
    }
  }

  private static Script second(Script script) {
    return script == Script.DIES_IN_THE_SECOND_SHARD ? Script.DIES_IN_A_STEP : script;
  }

  /** Takes the first step and tells the state behind it. */
  private static void tellState(
      Script script, TorchJob job, Frame.Source frames, DataOutputStream out)
      throws IOException, InterruptedException {
    step(out, job.begin() + 1, job.steps());
    if (script != Script.TELLS_A_STATE_UNASKED) {
      var unused = frames.next().as(Frame.Kind.SAVE);
    }
    int step = job.begin() + (script == Script.TELLS_THE_STATE_OF_ANOTHER_STEP ? 2 : 1);
    tell(
        out,
        Frame.Kind.STATE,
        body -> {
          body.writeInt(step);
          body.writeDouble(0.5);
        });
    int tooMany = script == Script.TELLS_TOO_LARGE_A_STATE ? 1 : 0;
    float[] values = new float[job.shard().stateCount() + tooMany];
    values[1] = script == Script.TELLS_A_STATE_THAT_IS_NOT_FINITE ? Float.NaN : 0.25f;
    Frame.writeData(out, TorchJob.bytes(values));
    out.flush();
  }

  private static void play(Script script, TorchJob job, DataOutputStream out)
      throws IOException, InterruptedException {
    int steps = job.shard().local().steps(job.samples().count());
    switch (script) {
      case DIES_IN_A_STEP -> {
        step(out, 1, steps);
        System.err.println("first line");
        System.err.println("terminate called after throwing an instance");
        System.exit(134);
      }
      case DIES_IN_A_FRAME -> {
        out.writeInt(16);
        out.flush();
        System.exit(1);
      }
      case HANGS_IN_A_STEP -> {
        step(out, 1, steps);
        Thread.sleep(Long.MAX_VALUE);
      }
      case HANGS_IN_THE_RESULT -> {
        trained(out, steps, 1);
        out.flush();
        Thread.sleep(Long.MAX_VALUE);
      }
      case BABBLES -> {
        out.write("hello from a module\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
      }
      case SENDS_AN_OVERSIZED_FRAME -> {
        out.writeInt(Frame.LONGEST + 1);
        out.writeByte(4);
        out.flush();
      }
      case SKIPS_A_STEP -> step(out, 2, steps);
      case STEPS_ON_AND_ON -> {
        for (int step = 1; step <= steps + 1; step++) {
          step(out, step, steps);
        }
      }
      case SENDS_TOO_MUCH_DATA -> {
        trained(out, steps, 1);
        Frame.writeData(out, new byte[Float.BYTES * job.shard().base().count() + 1]);
        out.flush();
      }
      case ENDS_TOO_EARLY -> {
        step(out, 1, steps);
        trained(out, 1, 1);
        out.flush();
      }
      case ANSWERS_NOT_A_NUMBER -> answer(job, out, 0, steps, Float.NaN);
      case DIVERGES -> tell(out, Frame.Kind.DIVERGED, body -> body.writeInt(1));
      case DIVERGES_AT_STEP_ZERO -> tell(out, Frame.Kind.DIVERGED, body -> body.writeInt(0));
      case BLAMES_THE_HOST ->
          tell(
              out,
              Frame.Kind.FAILED,
              body -> {
                body.writeBoolean(true);
                body.writeUTF("no disk");
              });
      case ANSWERS_AHEAD -> {
        answer(job, out, job.begin(), steps, steps);
        answer(job, out, job.begin(), steps, steps + 1);
      }
      case TELLS_ITS_STATE, TELLS_A_STATE_THAT_IS_NOT_FINITE ->
          answer(job, out, job.begin() + 1, steps, steps);
      default -> answer(job, out, job.begin(), steps, steps);
    }
  }

  private static void answer(TorchJob job, DataOutputStream out, int done, int steps, float added)
      throws IOException {
    for (int step = done + 1; step <= steps; step++) {
      step(out, step, steps);
    }
    trained(out, steps, 2.5);
    float[] values = new float[job.shard().base().count()];
    job.shard().base().copyTo(0, values);
    for (int i = 0; i < values.length; i++) {
      values[i] += added;
    }
    Frame.writeData(out, TorchJob.bytes(io.shardex.training.model.Parameters.of(values)));
    out.flush();
  }

  private static void step(DataOutputStream out, int step, int steps) throws IOException {
    tell(
        out,
        Frame.Kind.STEP,
        body -> {
          body.writeInt(step);
          body.writeInt(steps);
          body.writeDouble(1.0 / step);
        });
  }

  private static void trained(DataOutputStream out, int steps, double lossSum) throws IOException {
    tell(
        out,
        Frame.Kind.TRAINED,
        body -> {
          body.writeInt(steps);
          body.writeDouble(lossSum);
        });
  }

  private static void tell(DataOutputStream out, Frame.Kind kind, Frame.Body body)
      throws IOException {
    Frame.of(kind, body).write(out);
    out.flush();
  }

  private static void flood() {
    PrintStream err = new PrintStream(System.err, false, StandardCharsets.US_ASCII);
    for (int i = 0; i < 200_000; i++) {
      err.println("a line of a library that has very much to say about nothing at all");
    }
    err.flush();
  }
}
