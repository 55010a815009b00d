/**
 * The arithmetic's specification, version 1, and its first implementation.
 *
 * <p>The specification is what counts: another implementation (native code, a GPU) is right exactly
 * when it yields the same bits.
 *
 * <ol>
 *   <li><b>Numbers.</b> IEEE 754 binary32, round to nearest even, denormals kept, no fused
 *       multiply-add: every product and every sum is rounded by itself. No operand is skipped
 *       because it is zero, so NaN and the sign of zero travel as IEEE 754 says. The loss alone is
 *       binary64.
 *   <li><b>Sums.</b> Every reduction has one accumulator per output and adds its terms in ascending
 *       order of the reduced index k: {@code acc = acc + a[k] * b[k]}. The block of k is the whole
 *       k. Threads may share the outputs among themselves, never k.
 *   <li><b>Input.</b> A pixel x in 0..255 becomes {@code (x / 255 - 0.1307) / 0.3081}, three
 *       binary32 operations on the binary32 constants.
 *   <li><b>Initial model.</b> He-uniform: with {@code limit = (float) sqrt(6.0 / inputs)} in
 *       binary64, weight i of layer l is {@code (2 * u - 1) * limit}, u the {@linkplain
 *       io.shardex.training.arithmetic.CounterRandom#unit unit value} at (seed, round 0, shard 0,
 *       step l, {@code INITIAL_WEIGHTS}, i), i the place in the layer's row-major [inputs][outputs]
 *       matrix. Biases are +0.
 *   <li><b>Sample order.</b> Local epoch e visits the shard's samples in the Fisher-Yates order of
 *       (seed, round, shard, step e, {@code SAMPLE_ORDER}); consecutive batches of {@code
 *       batchSize}, the last one may be smaller.
 *   <li><b>Forward.</b> Layer: the accumulator starts at the bias, k runs over the layer's inputs.
 *       Between layers {@code max(z, +0)} as {@link java.lang.Math#max(float, float)} defines it
 *       (NaN stays NaN, -0 becomes +0).
 *   <li><b>Loss.</b> Per sample: m the largest logit, {@code e_j = exp(z_j - m)} with the
 *       difference in binary32 and fdlibm's exp in binary64 ({@link java.lang.StrictMath}), s the
 *       sum of e_j with j ascending. Loss {@code log(s) - (z_y - m)} in binary64, added to the
 *       shard's running loss in order of visit. Delta {@code ((float) (e_j / s) - [j = y]) * (1 /
 *       batch)}, binary32.
 *   <li><b>Backward.</b> Input delta: sum over the layer's outputs ascending, starting at +0, times
 *       the derivative as a selection (the sum where the activation is greater than 0, else +0).
 *       Weight gradient: sum over the batch ascending, starting at +0; bias gradient likewise. All
 *       deltas of a step use the weights from before the step.
 *   <li><b>Update.</b> {@code v = momentum * v + g}, then {@code w = w - learningRate * v}; v
 *       starts at +0 in each round.
 *   <li><b>Divergence.</b> A step whose running loss is not finite ends the shard as diverged at
 *       that step; so does a segment's end with a parameter or optimiser slot that is not finite.
 *   <li><b>State.</b> Layers ascending, in each the weights row-major [inputs][outputs], then the
 *       biases; then the optimiser slots in the same order, the step number (64 bits), the running
 *       loss (raw binary64). Everything little-endian raw bits.
 * </ol>
 */
@NullMarked
package io.shardex.training.arithmetic;

import org.jspecify.annotations.NullMarked;
