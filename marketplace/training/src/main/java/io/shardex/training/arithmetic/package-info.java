/**
 * The arithmetic's specification, version 1, and its first implementation.
 *
 * <p>The specification is what counts: another implementation (native code, a GPU) is right exactly
 * when it yields the same bits.
 *
 * <ol>
 *   <li><b>Numbers.</b> IEEE 754 binary32, round to nearest even, denormals kept, no fused
 *       multiply-add: every product and every sum is rounded by itself. No operand is skipped
 *       because it is zero, so NaN and the sign of zero travel as IEEE 754 says. The loss and a
 *       norm's statistics alone are binary64, and exp and tanh go through it.
 *   <li><b>Sums.</b> Every reduction has one accumulator per output and adds its terms in ascending
 *       order of the reduced index k: {@code acc = acc + a[k] * b[k]}. The block of k is the whole
 *       k. Threads may share the outputs among themselves, never k.
 *   <li><b>Input.</b> A pixel x in 0..255 becomes {@code (x / 255 - 0.1307) / 0.3081}, three
 *       binary32 operations on the binary32 constants. A token is a byte, below the vocabulary.
 *   <li><b>Initial model.</b> He-uniform: with {@code limit = (float) sqrt(6.0 / inputs)} in
 *       binary64, weight i of layer l is {@code (2 * u - 1) * limit}, u the {@linkplain
 *       io.shardex.training.arithmetic.CounterRandom#unit unit value} at (seed, round 0, shard 0,
 *       step l, {@code INITIAL_WEIGHTS}, i), i the place in the layer's weights: row-major
 *       [inputs][outputs] of a dense layer, [channels out][channels in][ky][kx] of a convolution,
 *       whose inputs are channels in times kernel times kernel. l counts the layers with parameters
 *       from the input on. Biases are +0. A transformer's tables are numbered and drawn alike,
 *       row-major [row][width], with {@code limit = (float) sqrt(3.0 / width)} and no bias; its
 *       norms have a number too, but gains are 1.
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
 *   <li><b>Loss.</b> Per label, of which a sample has one, or one a token, the tokens ascending: m
 *       the largest logit, {@code e_j = exp(z_j - m)} with the difference in binary32 and fdlibm's
 *       exp in binary64 ({@link java.lang.StrictMath}), s the sum of e_j with j ascending. Loss
 *       {@code log(s) - (z_y - m)} in binary64, added to the shard's running loss in order of
 *       visit. Delta {@code ((float) (e_j / s) - [j = y]) * (1 / labels of the batch)}, binary32.
 *   <li><b>Transformer.</b> Rows are the tokens of the batch, sample by sample. In order: {@code x
 *       = tokens[token] + positions[place]}; blocks, each {@code x = x +
 *       project(attention(qkv(norm(x))))} and {@code x = x + down(gelu(up(norm(x))))} with dense
 *       layers qkv, project, up and down; a norm; the head, a dense layer. Parameters in that
 *       order, a norm's gain before its bias.
 *   <li><b>Norm.</b> Of a row x of n values: mean and variance are binary64 sums over n ascending,
 *       divided by n, the variance of {@code (x - mean)}; {@code inverse = 1 / sqrt(variance +
 *       1e-5)}; {@code y = (float) ((x - mean) * inverse)}, all binary64 with one rounding. Output
 *       {@code y * gain + bias} in binary32.
 *   <li><b>Attention.</b> qkv holds queries, then keys, then values; head h has columns h * d to (h
 *       + 1) * d - 1 of each. Row i of a window sees rows j = 0 to i alone: score {@code (sum of
 *       q[i][c] * k[j][c]) * (float) (1 / sqrt(d))}, c ascending from +0; m the largest of them;
 *       p_j = {@code (float) (e_j / s)}, e_j and s as in the loss; output {@code sum of p_j *
 *       v[j]}, j ascending from +0.
 *   <li><b>GELU.</b> {@code t = (float) tanh(C * (z + 0.044715 * (z * z * z)))}, C = 0.7978846, the
 *       argument in binary32, fdlibm's tanh in binary64; output {@code 0.5 * z * (1 + t)}, from
 *       left to right.
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
 *   <li><b>Backward in a transformer.</b> What goes past a norm is added behind what comes through
 *       it. Sums over rows run over all tokens of the batch ascending, from +0; a token's gradient
 *       is the sum over the rows that hold it, a position's over the rows at it. Norm, in binary64:
 *       {@code g = delta * gain} in binary32, a the mean of g, b the mean of g * y; {@code (float)
 *       ((g - a - y * b) * inverse)}; gain's gradient the sum of {@code delta * y}. Attention:
 *       {@code r_j = sum of delta[i][c] * v[j][c]}, c ascending; {@code u = sum of p_j * r_j}, j
 *       ascending; {@code s_ij = p_j * (r_j - u) * (float) (1 / sqrt(d))}; to q[i] the sum of
 *       {@code s_ij * k[j]}, j = 0 to i; to k[j] the sum of {@code s_ij * q[i]} and to v[j] of
 *       {@code p_ij * delta[i]}, i from j to the window's end; all from +0. GELU: delta times
 *       {@code 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * (C * (1 + 3 * 0.044715 * (z * z)))}, 3 *
 *       0.044715 rounded to binary32.
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
