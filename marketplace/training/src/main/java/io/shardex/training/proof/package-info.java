/**
 * Proof of hardware: work whose answer is short, whose check is cheap, and which cannot be done
 * much faster or in much less memory than the challenge asks for.
 *
 * <p>A {@link io.shardex.training.proof.Challenge} has three parts. The <em>chain</em> multiplies
 * matrices one after another ({@link io.shardex.training.proof.MatrixChain}): computing speed. The
 * <em>table</em> is memory filled block by block, each made of the one before and of one far back
 * ({@link io.shardex.training.proof.MemoryTable}); the <em>walk</em> reads its blocks in an order
 * that nobody knows before reading: size and bandwidth of memory. The answer is one Merkle root
 * over all of it. Then chance says what to open ({@link io.shardex.training.proof.Opening}), and
 * anybody checks that ({@link io.shardex.training.proof.OpeningCheck}).
 *
 * <p>All numbers are integers: the chain's are exact in 32-bit floating point in any order of
 * summation, fused or not; the table's are 32-bit words that wrap. So every device comes to the
 * same bits.
 */
@NullMarked
package io.shardex.training.proof;

import org.jspecify.annotations.NullMarked;
