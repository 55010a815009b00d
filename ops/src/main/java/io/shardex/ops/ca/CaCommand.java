package io.shardex.ops.ca;

import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.key.KeyFileException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code shardex ca}: the network's certificate authority. */
@Command(
    name = "ca",
    description = "The network's certificate authority: it says which hosts are nodes.",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardex ca init --dir ca --name 'my network'",
      "  shardex ca issue --dir ca --request node-1.csr --name node-1 --out .",
      "  shardex ca issue --dir ca --host node-1.example.org --name node-1 --out conf",
    })
public final class CaCommand {
  @Spec private CommandSpec spec;

  // picocli fills the options in before anything runs.
  @SuppressWarnings("NullAway.Init")
  public CaCommand() {}

  @Command(
      name = "init",
      description = {
        "Makes a CA: DIR/ca.key (mode 0600) and DIR/ca.pem.",
        "",
        "Who holds ca.key decides who is a node. It is needed only to issue certificates: keep it"
            + " off the nodes. ca.pem is public; the network file carries it."
      },
      mixinStandardHelpOptions = true,
      sortOptions = false)
  int init(
      @Option(
              names = "--dir",
              required = true,
              paramLabel = "DIR",
              description = "The CA's folder, made if it is not there.")
          Path dir,
      @Option(
              names = "--name",
              paramLabel = "NAME",
              defaultValue = "shardex network",
              description = "Its name in certificates ('${DEFAULT-VALUE}').")
          String name,
      @Option(
              names = "--days",
              paramLabel = "N",
              defaultValue = "" + CertificateAuthority.CA_DAYS,
              description = "How long it is good (${DEFAULT-VALUE}).")
          int days)
      throws IOException {
    try {
      CertificateAuthority ca = CertificateAuthority.init(dir, name, days, InstantSource.system());
      say(
          "%s is good until %s; keep %s secret"
              .formatted(dir.resolve("ca.pem"), ca.expires(), dir.resolve("ca.key")));
      return ExitCode.OK.number();
    } catch (FileAlreadyExistsException e) {
      throw new Trouble(
          ExitCode.REFUSED,
          dir + ": " + e.getReason(),
          "Name another folder with --dir, or use the CA that is there");
    } catch (KeyFileException e) {
      throw unusable(e);
    } catch (IllegalArgumentException e) {
      throw wrong(e);
    }
  }

  @Command(
      name = "issue",
      description = {
        "Issues a node's certificate: OUT/NAME.pem.",
        "",
        "With --request it signs the request of a key that stays on its node. Of the names in it"
            + " those named with --host count, or all of them, which it shows, without --host."
            + " Without --request it makes the key itself: OUT/NAME.key (mode 0600)."
      },
      mixinStandardHelpOptions = true,
      sortOptions = false)
  int issue(
      @Option(
              names = "--dir",
              required = true,
              paramLabel = "DIR",
              description = "The CA's folder.")
          Path dir,
      @Option(
              names = "--request",
              paramLabel = "FILE",
              description = "The node's request (PKCS#10, PEM).")
          @Nullable Path request,
      @Option(
              names = "--host",
              paramLabel = "HOST",
              description = "A DNS name or an IP address where others connect to the node.")
          @Nullable List<String> hosts,
      @Option(
              names = "--name",
              required = true,
              paramLabel = "NAME",
              description = "The node's name.")
          String name,
      @Option(
              names = "--out",
              required = true,
              paramLabel = "DIR",
              description = "The folder for what is made.")
          Path out,
      @Option(
              names = "--days",
              paramLabel = "N",
              defaultValue = "" + CertificateAuthority.NODE_DAYS,
              description = "How long it is good (${DEFAULT-VALUE}).")
          int days)
      throws IOException {
    if (!name.matches("[A-Za-z0-9-]{1,32}")) {
      throw wrong(
          new IllegalArgumentException(
              "--name: expected 1 to 32 letters, digits and dashes, but it is '" + name + "'"));
    }
    try {
      CertificateAuthority ca = CertificateAuthority.open(dir, InstantSource.system());
      Path certificate = out.resolve(name + ".pem");
      Path key = out.resolve(name + ".key");
      List<String> named = hosts == null ? List.of() : hosts;
      Files.createDirectories(out);
      String pem;
      if (request == null) {
        pem = ca.issue(key, name, named, days);
        say("key " + key);
      } else {
        TlsRequest asked = request(request);
        named = named.isEmpty() ? asked.hosts() : named;
        pem = ca.issue(asked, name, named, days);
      }
      // Over an old one: to renew a certificate is to replace it.
      Files.writeString(certificate, pem);
      say("certificate %s of %s for %s".formatted(certificate, name, String.join(", ", named)));
      return ExitCode.OK.number();
    } catch (NoSuchFileException e) {
      throw new Trouble(
          ExitCode.USAGE,
          e.getFile() + ": " + (e.getReason() == null ? "there is no such file" : e.getReason()),
          "Check the path; 'shardex ca init' makes a CA");
    } catch (KeyFileException e) {
      throw unusable(e);
    } catch (IllegalArgumentException e) {
      throw wrong(e);
    }
  }

  private static TlsRequest request(Path file) throws IOException {
    try {
      return TlsRequest.parse(Files.readString(file));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  private void say(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }

  private static Trouble unusable(KeyFileException e) {
    return new Trouble(
        ExitCode.USAGE, String.valueOf(e.getMessage()), "Mend the file or its rights", e);
  }

  private static Trouble wrong(IllegalArgumentException e) {
    return new Trouble(
        ExitCode.USAGE,
        String.valueOf(e.getMessage()),
        "Name a host or an address that others connect to: --host HOST",
        e);
  }
}
