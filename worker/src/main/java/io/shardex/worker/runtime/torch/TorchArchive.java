package io.shardex.worker.runtime.torch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * A builder's TorchScript archive, looked through before libtorch sees it. It is a zip with one
 * folder: tensors, two pickles that say how they hang together, and source code.
 *
 * <p>libtorch gets a new archive of the entries it needs, so no trick with a zip's own structures
 * reaches it. Code may call neither what writes or reads files nor native classes: a module of pure
 * arithmetic needs neither. This keeps out what is known to do harm; it makes no stranger's file
 * safe for a large native library.
 */
final class TorchArchive {
  /** The parameters of the largest model, and as much again of buffers and constants. */
  static final long MOST_BYTES = 160L << 20;

  private static final int MOST_ENTRIES = 16_384;
  private static final int MOST_CODE_BYTES = 4 << 20;
  private static final int MOST_PICKLE_BYTES = 8 << 20;

  private static final Pattern NAME =
      Pattern.compile("([A-Za-z0-9_.-]{1,128})/([A-Za-z0-9_./-]{1,512})");
  private static final Pattern TENSOR = Pattern.compile("(data|constants)/[0-9]{1,9}");

  /** The format's version has two places; what newer operators need is written to the second. */
  private static final Pattern WORD = Pattern.compile("version|\\.data/version|byteorder");

  private static final Pattern CODE = Pattern.compile("code/[A-Za-z0-9_/]+\\.py");

  /** For debuggers, for phones, for other tools: libtorch reads a module without them. */
  private static final Pattern NEEDLESS =
      Pattern.compile(
          "code/.*\\.debug_pkl|extra/.*|bytecode\\.pkl|mobile_debug_handles\\.pkl"
              + "|\\.data/serialization_id|\\.format_version|\\.storage_alignment");

  /**
   * Words that give a way to files or other machines. Strings are searched, too, since an operator
   * may be named by one; {@code getattr} would take such a name in parts, so it takes it whole.
   */
  private static final Pattern FORBIDDEN =
      Pattern.compile(
          "\\b(save|from_file|rpc_sync|rpc_async|rpc_remote)\\b"
              // What PyTorch writes for the children of a Sequential, whose names are numbers.
              + "|\\bgetattr\\b(?!\\([\\w.]+, \"\\w*\"\\))"
              // Operators of other libraries, collective communication among them.
              + "|\\bops\\b(?!\\s*\\.\\s*prim\\s*\\.)"
              // Native classes, process groups among them.
              + "|(?<!\\bself)\\s*\\.\\s*classes\\b");

  private static final Pattern NATIVE_CLASS = Pattern.compile("torch[.\\n]classes");

  private TorchArchive() {}

  /** The archive is none, or has in it what is not let near libtorch. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }

  /**
   * Writes the archive anew.
   *
   * @param file the builder's
   * @param target does not exist yet
   * @throws IOException when a file cannot be read or written
   */
  static void rewrite(Path file, Path target) throws Refused, IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw new Refused(
          "expected at most %d bytes, but it has %d".formatted(MOST_BYTES, Files.size(file)));
    }
    try (ZipFile archive = new ZipFile(file.toFile());
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(target))) {
      out.setMethod(ZipOutputStream.STORED);
      new Copy(archive, out).run();
    } catch (ZipException e) {
      throw new Refused("it is no TorchScript archive: " + Words.bounded(e.toString()));
    }
  }

  /** One pass over an archive. */
  private static final class Copy {
    private final ZipFile archive;
    private final ZipOutputStream out;
    private final Set<String> seen = new HashSet<>();
    private Optional<String> folder = Optional.empty();
    private long bytes;
    private long codeBytes;

    Copy(ZipFile archive, ZipOutputStream out) {
      this.archive = archive;
      this.out = out;
    }

    void run() throws Refused, IOException {
      if (archive.size() > MOST_ENTRIES) {
        throw new Refused(
            "expected at most %d entries, but it has %d".formatted(MOST_ENTRIES, archive.size()));
      }
      Enumeration<? extends ZipEntry> entries = archive.entries();
      while (entries.hasMoreElements()) {
        take(entries.nextElement());
      }
      List<String> missing = new ArrayList<>(List.of("data.pkl", "constants.pkl"));
      missing.removeAll(seen);
      if (!seen.contains("version") && !seen.contains(".data/version")) {
        missing.add("version");
      }
      if (seen.stream().noneMatch(name -> CODE.matcher(name).matches())) {
        missing.add("code/*.py");
      }
      if (!missing.isEmpty()) {
        throw new Refused(
            "it is no TorchScript archive: it has no "
                + String.join(", no ", missing)
                + "; write it by torch.jit.script(module).save(file)");
      }
    }

    private void take(ZipEntry entry) throws Refused, IOException {
      Matcher name = NAME.matcher(entry.getName());
      if (!name.matches() || !folder.orElse(name.group(1)).equals(name.group(1))) {
        throw new Refused(
            "expected entries in one folder, but one is '%s'"
                .formatted(Words.bounded(entry.getName())));
      }
      folder = Optional.of(name.group(1));
      String inner = name.group(2);
      if (!seen.add(inner)) {
        throw new Refused("it has two entries " + inner);
      }
      if (NEEDLESS.matcher(inner).matches()) {
        return;
      }
      byte[] content = read(entry, inner);
      if (CODE.matcher(inner).matches()) {
        codeBytes += content.length;
        checkCode(inner, content);
      } else if (inner.equals("data.pkl") || inner.equals("constants.pkl")) {
        checkPickle(inner, content);
      } else if (WORD.matcher(inner).matches()) {
        checkWord(inner, content);
      } else if (!TENSOR.matcher(inner).matches()) {
        throw new Refused("no TorchScript archive has an entry like " + inner);
      }
      write(entry.getName(), content);
    }

    private byte[] read(ZipEntry entry, String inner) throws Refused, IOException {
      long left = MOST_BYTES - bytes;
      try (InputStream in = archive.getInputStream(entry)) {
        byte[] content = in.readNBytes((int) left + 1);
        if (content.length > left) {
          throw new Refused("unpacked, it has more than %d bytes".formatted(MOST_BYTES));
        }
        bytes += content.length;
        return content;
      } catch (ZipException e) {
        throw new Refused("entry %s cannot be read: %s".formatted(inner, e.getMessage()));
      }
    }

    private void write(String name, byte[] content) throws IOException {
      ZipEntry entry = new ZipEntry(name);
      CRC32 crc = new CRC32();
      crc.update(content);
      entry.setSize(content.length);
      entry.setCrc(crc.getValue());
      out.putNextEntry(entry);
      out.write(content);
      out.closeEntry();
    }

    private void checkCode(String inner, byte[] content) throws Refused {
      if (codeBytes > MOST_CODE_BYTES) {
        throw new Refused("it has more than %d bytes of code".formatted(MOST_CODE_BYTES));
      }
      for (byte next : content) {
        if ((next < ' ' || next > '~') && next != '\n' && next != '\t' && next != '\r') {
          throw new Refused(inner + " has characters that no code written by PyTorch has");
        }
      }
      Matcher found = FORBIDDEN.matcher(new String(content, StandardCharsets.US_ASCII));
      if (found.find()) {
        throw new Refused(
            "%s has the word '%s', and code with it is not run: it may reach files, other machines"
                    .formatted(inner, found.group().strip())
                + " or native classes; rename what is only called so");
      }
    }

    private static void checkPickle(String inner, byte[] content) throws Refused {
      if (content.length > MOST_PICKLE_BYTES) {
        throw new Refused("%s has more than %d bytes".formatted(inner, MOST_PICKLE_BYTES));
      }
      if (NATIVE_CLASS.matcher(new String(content, StandardCharsets.ISO_8859_1)).find()) {
        throw new Refused(inner + " has an object of a native class (torch.classes)");
      }
    }

    private static void checkWord(String inner, byte[] content) throws Refused {
      String word = new String(content, StandardCharsets.ISO_8859_1).strip();
      if (!word.matches(inner.endsWith("version") ? "[0-9]{1,3}" : "little")) {
        throw new Refused("its %s is '%s'".formatted(inner, Words.bounded(word)));
      }
    }
  }
}
