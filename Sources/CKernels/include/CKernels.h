// The kernels of Batchwise: everything that touches every number of a batch.
//
// Every sum over a long axis is one chain of fused multiply-adds in ascending order, with one accumulator an output
// element, or sixteen (see narrow.h). A chain may be put down in memory and taken up again anywhere, so no cut of the batch (micro-batch, thread,
// cache block) can change a bit, and the instruction sets of one machine agree with each
// other (the C library's logarithm, in losses, may differ between machines).
//
// Matrices are row-major. A kernel may read, never write, up to 64 bytes past the end of an operand: memory handed to
// kernels ends in BW_SLACK floats of slack.
#ifndef CKERNELS_H
#define CKERNELS_H
#include <stddef.h>
#include <stdint.h>

#define BW_SLACK 16
// Columns of a panel of dense weights: four vectors, the width of the widest tile.
#define BW_PANEL 64
// Dense layers of fewer outputs are narrow.
#define BW_NARROW 16

// ---- instruction sets -------------------------------------------------------------------------------------------
typedef enum { BW_BASELINE = 0, BW_AVX2 = 1, BW_AVX512 = 2 } bw_instruction_set;
bw_instruction_set bw_best_instruction_set(void);    // what this processor can run
int bw_use_instruction_set(bw_instruction_set set);  // 0, or -1 where the processor lacks it
int bw_has_bfloat16(void);                           // whether instructions may be marked is_bfloat16

// ---- products ---------------------------------------------------------------------------------------------------
// C[m,n] = start + sum over segments s and steps k of A[s*as + m*am + k*ak] * B[s*bs + k*bk + n], k fastest.
// Dense layers use one segment; a convolution's segments are the rows of its window or of its output.
typedef struct {
    ptrdiff_t m, n, k, segments;
    ptrdiff_t am, ak, as; // strides of A in floats
    ptrdiff_t bk, bs;     // strides of B; n is contiguous
    ptrdiff_t cm;         // stride of C's rows
} bw_product_shape;
// start: null for zero; C itself to go on with its chains; else a row (start_m 0) such as a bias.
void bw_product(const bw_product_shape *shape, const float *a, const float *b, const float *start, ptrdiff_t start_m,
                float *c);

// Dense layers of weights [inputs, outputs] that lie in panels of `panel` columns, one panel after the other and each row
// after row; the last is as wide as what is left. A panel as wide as the layer is a plain row-major matrix. Weights of a narrow
// layer may lie turned instead, [outputs, inputs]; then `panel` is 0.
typedef struct { ptrdiff_t inputs, outputs, panel; } bw_dense_shape;
// Columns [first, last) of y = x w + bias, and of dx = dy w'; `first` is a multiple of 16.
void bw_dense(const bw_dense_shape *shape, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last, const float *x,
              const float *w, const float *bias, float *y);
void bw_dense_input_gradient(const bw_dense_shape *shape, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last,
                             const float *dy, const float *w, float *dx);

// A convolution over an input that already carries its padding. Weights are [groups][kh][kw][in/groups][out/groups].
typedef struct {
    ptrdiff_t in_height, in_width, in_channels;
    ptrdiff_t out_height, out_width, out_channels;
    ptrdiff_t kernel_height, kernel_width;
    ptrdiff_t stride_height, stride_width, dilation_height, dilation_width, groups;
} bw_convolution_shape;
void bw_convolution(const bw_convolution_shape *shape, ptrdiff_t images, const float *x, const float *weights,
                    const float *bias, float *y);
// Rows [first, first + count) of the weight gradient seen as a matrix of groups*kh*kw*(in/groups) rows.
void bw_convolution_weight_gradient(const bw_convolution_shape *shape, ptrdiff_t images, const float *x,
                                    const float *dy, ptrdiff_t first, ptrdiff_t count, int go_on, float *gradient);

// ---- element by element -----------------------------------------------------------------------------------------
typedef enum {
    BW_RELU, BW_LEAKY_RELU, BW_TANH, BW_SIGMOID, BW_GELU, BW_SILU,
    BW_EXP, BW_LOG, BW_SQRT, BW_SQUARE, BW_RECIPROCAL, BW_SCALE, BW_OFFSET
} bw_unary_kind;
void bw_unary(bw_unary_kind kind, float constant, const float *x, float *y, ptrdiff_t n);
// reference is y for RELU, LEAKY_RELU, TANH, SIGMOID, EXP, SQRT and RECIPROCAL, x for the others.
void bw_unary_gradient(bw_unary_kind kind, float constant, const float *reference, const float *dy, float *dx,
                       ptrdiff_t n);
typedef enum { BW_ADD, BW_SUBTRACT, BW_MULTIPLY, BW_DIVIDE } bw_binary_kind;
void bw_binary(bw_binary_kind kind, const float *a, const float *b, float *y, ptrdiff_t n);
float bw_largest_magnitude(const float *x, ptrdiff_t n); // NaN where there is one

// Inverted dropout: element e of the row of example i is kept, and scaled by 1/(1-rate), as a pure function of
// (key, i, e). The gradient is the same call on dy.
void bw_dropout(uint64_t key, float rate, const uint64_t *examples, const float *x, float *y, ptrdiff_t rows,
                ptrdiff_t width);

// ---- images -----------------------------------------------------------------------------------------------------
// Padding, cropping (negative) and zeros between pixels; x is images of height*width*channels.
typedef struct {
    ptrdiff_t height, width, channels, out_height, out_width;
    ptrdiff_t top, left, between_rows, between_columns;
} bw_pad_shape;
void bw_pad(const bw_pad_shape *shape, ptrdiff_t images, const float *x, float *y);
typedef struct {
    ptrdiff_t height, width, channels, out_height, out_width;
    ptrdiff_t window_height, window_width, stride_height, stride_width;
} bw_pool_shape;
void bw_max_pool(const bw_pool_shape *shape, ptrdiff_t images, const float *x, float *y);
// The gradient goes to the first largest element of each window.
void bw_max_pool_gradient(const bw_pool_shape *shape, ptrdiff_t images, const float *x, const float *dy, float *dx);
void bw_average_pool(const bw_pool_shape *shape, ptrdiff_t images, const float *x, float *y);
void bw_average_pool_gradient(const bw_pool_shape *shape, ptrdiff_t images, const float *dy, float *dx);

// ---- normalisation ----------------------------------------------------------------------------------------------
// moments holds (mean, 1/sqrt(variance + epsilon)) pairs; variance is the biased one.
// Within an example: each of `groups` groups of channels over all `positions`. moments: [rows][groups][2].
void bw_group_moments(const float *x, float *moments, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels,
                      ptrdiff_t groups, float epsilon);
void bw_group_normalise(const float *x, const float *moments, float *y, ptrdiff_t rows, ptrdiff_t positions,
                        ptrdiff_t channels, ptrdiff_t groups);
void bw_group_normalise_gradient(const float *normal, const float *moments, const float *dy, float *dx, ptrdiff_t rows,
                                 ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t groups);
// Across a ghost batch: each of the first `some` channels over `ghost` examples and all positions. moments: [rows][2][channels], of which the
// first row of each ghost batch is used.
void bw_ghost_moments(const float *x, float *moments, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t some,
                      ptrdiff_t ghost, float epsilon);
void bw_ghost_normalise(const float *x, const float *moments, float *y, ptrdiff_t rows, ptrdiff_t positions,
                        ptrdiff_t channels, ptrdiff_t some, ptrdiff_t ghost);
void bw_ghost_normalise_gradient(const float *normal, const float *moments, const float *dy, float *dx, ptrdiff_t rows,
                                 ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t some, ptrdiff_t ghost);

// ---- sums over rows, transposition ---------------------------------------------------------------------------------
void bw_sum_rows(const float *x, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t n, int go_on, float *sum);
void bw_transpose(const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t x_stride, float *y, ptrdiff_t y_stride);

// ---- losses -----------------------------------------------------------------------------------------------------
// Each writes (loss, 1 if the prediction is right) for every row, and where dx is not null the gradient of
// weight * loss. Targets of softmax are class numbers held in floats, or where `target_width` is 3
// mixtures of two classes: both numbers, and the part of the first.
void bw_softmax_cross_entropy(const float *logits, const float *targets, ptrdiff_t target_width, const float *weights,
                              float smoothing,
                              float *losses, float *dx, ptrdiff_t rows, ptrdiff_t classes);
void bw_binary_cross_entropy(const float *logits, const float *targets, const float *weights, float *losses, float *dx,
                             ptrdiff_t rows, ptrdiff_t width);
// factor is 1, or 0.5 for the halved form.
void bw_mean_squared_error(const float *predictions, const float *targets, const float *weights, float factor,
                           float *losses, float *dx, ptrdiff_t rows, ptrdiff_t width);
void bw_huber(const float *predictions, const float *targets, const float *weights, float delta, float *losses,
              float *dx, ptrdiff_t rows, ptrdiff_t width);

// ---- loading a batch --------------------------------------------------------------------------------------------
// The examples at positions [first, first + count) of an epoch's order: see EpochOrder.
typedef struct { uint64_t count, key; uint32_t rows, columns; int round_pairs; } bw_epoch_order_shape;
void bw_epoch_order(const bw_epoch_order_shape *order, uint64_t first, ptrdiff_t count, uint64_t *examples);

// The features of a data set: rows of `width` numbers, which are floats, or bytes seen as byte * scale + shift, or mostly
// zeros; then row i has its numbers floats[starts[i]..<starts[i + 1]] in `columns`, in ascending order.
typedef enum { BW_FLOATS, BW_BYTES, BW_SPARSE } bw_rows_kind;
typedef struct {
    bw_rows_kind kind;
    ptrdiff_t width;
    const float *floats;
    const uint8_t *bytes;
    float scale, shift;
    const ptrdiff_t *starts;
    const int32_t *columns;
} bw_rows;
void bw_gather(const bw_rows *rows, const uint64_t *examples, ptrdiff_t count, float *y);
void bw_prefetch(const bw_rows *rows, const uint64_t *examples, ptrdiff_t count);

// Adds (loss, right) pairs, each times its example's weight where `weights` is not null, to eight sums of losses and eight
// of the other, by the rest of their places in the batch, of which the first pair's is `first`.
void bw_sum_losses(const float *losses, const float *weights, const uint64_t *examples, ptrdiff_t first, ptrdiff_t rows,
                   double sums[16]);

#include "program.h"
#include "optimizers.h"
#include "update.h"
#include "linear.h"

// ---- a team of worker threads ---------------------------------------------------------------------------------------
// Dedicated threads that wait by spinning, then by sleeping. The caller is worker 0. The first `active` workers take part
// in a task.
typedef void (*bw_task)(void *context, int worker);
bw_team *bw_team_create(int workers); // null where threads cannot be started
void bw_team_run(bw_team *team, int active, bw_task task, void *context);
void bw_team_meet(bw_team *team, int worker); // a barrier: called by every active worker of a running task
uint64_t bw_team_stalled(const bw_team *team); // nanoseconds that worker 0 has waited for others, beyond spinning
void bw_team_destroy(bw_team *team);
#endif
