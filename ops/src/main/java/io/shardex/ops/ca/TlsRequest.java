package io.shardex.ops.ca;

import io.shardex.protocol.key.KeyFileException;
import io.shardex.protocol.key.PrivateFile;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A node's request for a certificate (PKCS#10): its public key and the hosts it asks for. The key
 * itself never leaves the node.
 */
public final class TlsRequest {
  private static final int MOST_CHARACTERS = 64 << 10;

  private final PKCS10CertificationRequest request;
  private final PublicKey key;

  private TlsRequest(PKCS10CertificationRequest request, PublicKey key) {
    this.request = request;
    this.key = key;
  }

  /**
   * Makes a P-256 key and the request for its certificate.
   *
   * @param keyFile where the key goes, mode 0600; never over an old one
   * @param name who asks, like {@code node-1}
   * @param hosts DNS names and IP addresses where others connect to
   * @throws IllegalArgumentException if one of the hosts is none
   */
  public static TlsRequest create(Path keyFile, String name, Collection<String> hosts)
      throws IOException, KeyFileException {
    Hosts asked = Hosts.of(hosts);
    KeyPair pair = PemText.newKey();
    PrivateFile.create(keyFile, PemText.of(pair.getPrivate()).getBytes(StandardCharsets.US_ASCII));
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    extensions.addExtension(Extension.subjectAlternativeName, false, asked.alternatives());
    try {
      return new TlsRequest(
          new JcaPKCS10CertificationRequestBuilder(subject(name), pair.getPublic())
              .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())),
          pair.getPublic());
    } catch (OperatorCreationException e) {
      throw new IllegalStateException("a key just made can sign", e);
    }
  }

  /**
   * Reads PEM text and checks that whoever wrote it holds the key.
   *
   * @throws IllegalArgumentException if it is no request, or its signature is not of its key
   */
  public static TlsRequest parse(String pem) {
    if (pem.length() > MOST_CHARACTERS) {
      throw new IllegalArgumentException("it is too long for a certificate request");
    }
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      if (!(parser.readObject() instanceof PKCS10CertificationRequest request)) {
        throw new IllegalArgumentException("expected a 'CERTIFICATE REQUEST' as PEM");
      }
      if (!request.isSignatureValid(
          new JcaContentVerifierProviderBuilder().build(request.getSubjectPublicKeyInfo()))) {
        throw new IllegalArgumentException("its signature is not of the key in it");
      }
      return new TlsRequest(
          request, new JcaPEMKeyConverter().getPublicKey(request.getSubjectPublicKeyInfo()));
    } catch (IOException | PKCSException | OperatorCreationException e) {
      throw new IllegalArgumentException("the request is malformed: " + e.getMessage(), e);
    }
  }

  /** The request as PEM text, to be sent to the CA. */
  public String pem() {
    try {
      return PemText.of(request);
    } catch (IOException e) {
      throw new IllegalStateException("a request has an encoding", e);
    }
  }

  /** The hosts it asks for; nothing says that they are the asker's. */
  public List<String> hosts() {
    Extensions extensions = request.getRequestedExtensions();
    GeneralNames names =
        extensions == null
            ? null
            : GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
    List<String> hosts = new ArrayList<>();
    for (GeneralName name : names == null ? new GeneralName[0] : names.getNames()) {
      switch (name.getTagNo()) {
        case GeneralName.dNSName -> hosts.add(IETFUtils.valueToString(name.getName()));
        case GeneralName.iPAddress -> hosts.add(address(name));
        default ->
            throw new IllegalArgumentException(
                "it asks for more than DNS names and IP addresses: " + name);
      }
    }
    return hosts;
  }

  /** Who asks, by its own words; empty if it does not say. */
  public String name() {
    RDN[] names = request.getSubject().getRDNs(BCStyle.CN);
    return Arrays.stream(names)
        .map(rdn -> IETFUtils.valueToString(rdn.getFirst().getValue()))
        .findFirst()
        .orElse("");
  }

  PublicKey key() {
    return key;
  }

  /** A distinguished name with a common name only. */
  static X500Name subject(String name) {
    if (!name.matches("[A-Za-z0-9 ._-]{1,64}")) {
      throw new IllegalArgumentException(
          "expected a name of 1 to 64 letters, digits, spaces, dots, dashes, but it is '%s'"
              .formatted(name));
    }
    return X500Name.getInstance(new X500Principal("CN=" + name).getEncoded());
  }

  private static String address(GeneralName name) {
    byte[] octets = ASN1OctetString.getInstance(name.getName()).getOctets();
    try {
      return InetAddress.getByAddress(octets).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("it asks for an address that is none", e);
    }
  }
}
