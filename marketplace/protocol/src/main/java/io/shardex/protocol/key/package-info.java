/**
 * Who says what: secp256k1 keys and their files, the typed data they sign (EIP-712), and the
 * recovery of a signed command's author. The only implementation of each in the project.
 */
@NullMarked
package io.shardex.protocol.key;

import org.jspecify.annotations.NullMarked;
