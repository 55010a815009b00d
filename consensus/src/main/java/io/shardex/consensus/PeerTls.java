package io.shardex.consensus;

import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * How the peers of a group know each other: each shows a certificate, as server and as client, and
 * speaks only with who shows one that is trusted. Who connects also checks that it names the host
 * in {@link ReplicaConfig#peers}.
 *
 * @param keys the peer's own certificate and key
 * @param trust whose certificates are a peer's: it must trust no one else's
 */
public record PeerTls(X509ExtendedKeyManager keys, X509ExtendedTrustManager trust) {}
