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
 *       step l, {@code INITIAL_WEIGHTS}, i), i the place in the layer's weights: row-major
 *       [inputs][outputs] of a dense layer, [channels out][channels in][ky][kx] of a convolution,
 *       whose inputs are channels in times kernel times kernel. l counts the layers with parameters
 *       from the input on. Biases are +0.
 *   <li><b>Sample order.</b> Local epoch e visits the shard's samples in the Fisher-Yates order of
 *       (seed, round, shard, step e, {@code SAMPLE_ORDER}); consecutive batches of {@code
 *       batchSize}, the last one may be smaller.
 *   <li><b>Forward.</b> Dense layer: the accumulator starts at the bias, k runs over the layer's
 *       inputs. Between layers {@code max(z, +0)} as {@link java.lang.Math#max(float, float)}
 *       defines it (NaN stays NaN, -0 becomes +0).
 *   <li><b>Convolution.</b> Images lie [channels][rows][columns], also where a dense layer takes
 *       them. The kernel's width is odd, border = width / 2, output and input have one size: {@code
 *       z[o][y][x]} is the sum over (c, ky, kx) ascending, c outermost, starting at the bias, of
 *       {@code image[c][y + ky - border][x + kx - border] * w[o][c][ky][kx]}. What lies outside the
 *       image is +0 and is added like any other product. Then {@code max(z, +0)}.
 *   <li><b>Pooling.</b> The largest of each 2 x 2 square as {@code Math.max} defines it (NaN where
 *       one is NaN: the step diverges by its loss); a last odd row or column is dropped.
 *   <li><b>Loss.</b> Per sample: m the largest logit, {@code e_j = exp(z_j - m)} with the
 *       difference in binary32 and fdlibm's exp in binary64 ({@link java.lang.StrictMath}), s the
 *       sum of e_j with j ascending. Loss {@code log(s) - (z_y - m)} in binary64, added to the
 *       shard's running loss in order of visit. Delta {@code ((float) (e_j / s) - [j = y]) * (1 /
 *       batch)}, binary32.
 *   <li><b>Backward.</b> Input delta: sum over the layer's outputs ascending, starting at +0, times
 *       the derivative as a selection (the sum where the activation is greater than 0, else +0).
 *       Weight gradient: sum over the batch ascending, starting at +0; bias gradient likewise. All
 *       deltas of a step use the weights from before the step. Pooling: the delta goes to the first
 *       place of the square, row by row, that equals the largest value; all others get +0.
 *       Convolution, input delta: sum over (o, ky, kx) ascending, starting at +0, of {@code
 *       delta[o][y - ky + border][x - kx + border] * w[o][c][ky][kx]}, +0 outside, added like any
 *       other; weight gradient: sum over (sample, y, x) ascending, starting at +0, of {@code
 *       image[c][y + ky - border][x + kx - border] * delta[o][y][x]}; bias gradient: the sum of
 *       {@code delta[o][y][x]} likewise.
 *   <li><b>Update by SGD.</b> {@code v = momentum * v + g}, then {@code w = w - learningRate * v};
 *       v, the one slot, starts at +0 in each round.
 *   <li><b>Update by Adam.</b> Two running products start at 1 in each round; each step begins with
 *       {@code p1 = p1 * beta1} and {@code p2 = p2 * beta2}, never a power. With {@code rate =
 *       learningRate / (1 - p1)} and {@code correction = sqrt(1 - p2)} for the step, each parameter
 *       does {@code m = beta1 * m + (1 - beta1) * g}, {@code v = beta2 * v + (1 - beta2) * (g *
 *       g)}, {@code w = w - (rate * m) / (sqrt(v) / correction + epsilon)}. All in binary32, each
 *       operation rounded by itself; sqrt is IEEE 754's correctly rounded root (the binary64 root
 *       rounded to binary32 is the same number). m and v, slots 0 and 1, start at +0 in each round.
 *   <li><b>Divergence.</b> A step whose running loss is not finite ends the shard as diverged at
 *       that step; so does a segment's end with a parameter or optimiser slot that is not finite.
 *   <li><b>State.</b> Layers ascending, in each the weights in the order of the initial model, then
 *       the biases; then the optimiser slots in the same order, one slot of all parameters after
 *       the other; Adam's running products p1 and p2; the step number (64 bits), the running loss
 *       (raw binary64). Everything little-endian raw bits.
 * </ol>
 */
@NullMarked
package io.shardex.training.arithmetic;

import org.jspecify.annotations.NullMarked;
