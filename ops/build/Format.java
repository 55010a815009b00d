import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Formats the tree's Java sources with google-java-format, or with {@code --check} names those that
 * are not formatted and exits with 1. Run by {@code ops/format} and by {@code mvn verify} in a JVM
 * of its own, because the formatter needs a newer JDK than the one Maven may run on.
 */
final class Format {
  private static final Set<String> SKIPPED = Set.of("target", "node_modules", ".git", "out");

  public static void main(String[] args) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(args));
    boolean check = arguments.remove("--check");
    List<Path> roots = arguments.isEmpty() ? List.of(Path.of("")) : paths(arguments);
    List<Path> unformatted = new ArrayList<>();
    for (Path root : roots) {
      for (Path file : javaFilesUnder(root)) {
        String before = Files.readString(file);
        String after = format(file, before);
        if (!after.equals(before)) {
          unformatted.add(file);
          if (!check) {
            Files.writeString(file, after);
          }
        }
      }
    }
    unformatted.forEach(
        file -> System.out.println((check ? "not formatted: " : "formatted: ") + file));
    if (check && !unformatted.isEmpty()) {
      System.out.println("Run ops/format and commit.");
      System.exit(1);
    }
  }

  private static String format(Path file, String source) {
    try {
      String ordered = ImportOrderer.reorderImports(source, JavaFormatterOptions.Style.GOOGLE);
      return new Formatter().formatSource(RemoveUnusedImports.removeUnusedImports(ordered));
    } catch (FormatterException e) {
      throw new IllegalStateException(file + " cannot be formatted: " + e.getMessage(), e);
    }
  }

  private static List<Path> paths(List<String> arguments) {
    return arguments.stream().map(Path::of).toList();
  }

  private static List<Path> javaFilesUnder(Path root) throws Exception {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            Path name = dir.getFileName();
            return name != null && SKIPPED.contains(name.toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    files.sort(null);
    return files;
  }
}
