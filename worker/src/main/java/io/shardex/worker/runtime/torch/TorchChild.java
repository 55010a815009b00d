package io.shardex.worker.runtime.torch;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The process that libtorch is in: reads jobs from standard input, answers on the file that its
 * argument names. Standard output is not used for that, since a module may print. It ends when its
 * input does: whoever started it is gone then.
 */
public final class TorchChild {
  private final DataOutputStream answers;
  private final BlockingQueue<ChildJob> jobs = new ArrayBlockingQueue<>(1);
  private final AtomicBoolean stateWanted = new AtomicBoolean();

  private TorchChild(DataOutputStream answers) {
    this.answers = answers;
  }

  /**
   * Runs until standard input ends.
   *
   * @param args the file of the answers
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    new TorchChild(new DataOutputStream(new BufferedOutputStream(new FileOutputStream(args[0]))))
        .run();
  }

  private void run() throws IOException, InterruptedException {
    Thread.ofPlatform().daemon().name("jobs").start(this::listen);
    LibtorchTraining training = LibtorchTraining.open();
    answer(
        Frame.of(
            Frame.Kind.READY,
            out -> {
              out.writeInt(Frame.VERSION);
              out.writeUTF(training.version());
              out.writeUTF(training.device());
            }));
    while (true) {
      switch (jobs.take()) {
        case TorchJob shard -> answer(training, shard);
        case ChainJob chain -> answer(training.chain(), chain);
      }
    }
  }

  private void answer(LibtorchTraining training, TorchJob job) throws IOException {
    switch (training.train(job, new Told())) {
      case TorchOutcome.Trained trained -> {
        Frame.of(
                Frame.Kind.TRAINED,
                out -> {
                  out.writeInt(trained.steps());
                  out.writeDouble(trained.lossSum());
                })
            .write(answers);
        Frame.writeData(answers, TorchJob.bytes(trained.parameters()));
        answers.flush();
      }
      case TorchOutcome.Diverged diverged ->
          answer(Frame.of(Frame.Kind.DIVERGED, out -> out.writeInt(diverged.step())));
      case TorchOutcome.Failed failed ->
          answer(
              Frame.of(
                  Frame.Kind.FAILED,
                  out -> {
                    out.writeBoolean(failed.fault() == TorchOutcome.Fault.HOST);
                    out.writeUTF(Words.bounded(failed.reason()));
                  }));
      case TorchOutcome.Cancelled cancelled ->
          throw new IllegalStateException("nobody cancels a child but by ending it");
    }
  }

  private void answer(LibtorchChain chain, ChainJob job) throws IOException {
    chain.run(
        job,
        matrix -> {
          Frame.writeData(answers, matrix);
          answers.flush();
        });
  }

  /** Tells the agent of steps, and of states that it wants. */
  private final class Told implements LibtorchTraining.Steps {
    @Override
    public void stepped(int step, int steps, double meanLoss) throws IOException {
      answer(
          Frame.of(
              Frame.Kind.STEP,
              out -> {
                out.writeInt(step);
                out.writeInt(steps);
                out.writeDouble(meanLoss);
              }));
    }

    @Override
    public boolean wantsState() {
      return stateWanted.getAndSet(false);
    }

    @Override
    public void reached(int step, double lossSum) throws IOException {
      Frame.of(
              Frame.Kind.STATE,
              out -> {
                out.writeInt(step);
                out.writeDouble(lossSum);
              })
          .write(answers);
    }

    @Override
    public void holding(float[] values) throws IOException {
      Frame.writeData(answers, TorchJob.bytes(values));
      answers.flush();
    }
  }

  private void answer(Frame frame) throws IOException {
    frame.write(answers);
    answers.flush();
  }

  private void listen() {
    try {
      DataInputStream in =
          new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
      Frame.Source frames = () -> Frame.read(in).orElseThrow(EOFException::new);
      while (true) {
        Frame frame = frames.next();
        if (frame.kind() == Frame.Kind.SAVE) {
          stateWanted.set(true);
        } else {
          // Whoever wanted the last job's state came too late for it.
          stateWanted.set(false);
          jobs.put(ChildJob.read(frame, frames));
        }
      }
    } catch (EOFException e) {
      Runtime.getRuntime().halt(0);
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      System.err.println("no job: " + e);
      Runtime.getRuntime().halt(1);
    }
  }
}
