/**
 * Whom to trust on the network and as whom to appear: the certificates of the network's CA, and a
 * node's own certificate and key. What holds them for TLS is the JDK's.
 */
@NullMarked
package io.shardex.protocol.tls;

import org.jspecify.annotations.NullMarked;
