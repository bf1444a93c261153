// The shapes and data that kernels take as arguments.
#ifndef CKERNELS_SHAPES_H
#define CKERNELS_SHAPES_H
#include <stddef.h>
#include <stdint.h>

enum {
    BW_SLACK = 16,  // floats after the end of memory that kernels read
    BW_PANEL = 64,  // columns of a panel of dense weights: four vectors, the width of the widest tile
    BW_NARROW = 16, // dense layers of fewer outputs are narrow
    BW_NONE = -1    // the offset of a tensor or parameter that is not there
};

// C[m, n] = start + sum over segments s and steps k of A[s*as + m*am + k*ak] * B[s*bs + k*bk + n], k fastest.
// Dense layers use one segment; a convolution's segments are the rows of its window or of its output.
typedef struct {
    ptrdiff_t m, n, k, segments;
    ptrdiff_t am, ak, as; // strides of A in floats
    ptrdiff_t bk, bs;     // strides of B; n is contiguous
    ptrdiff_t cm;         // stride of C's rows
} bw_product_shape;

// Weights [inputs, outputs] of a dense layer, which lie in panels of `panel` columns, one panel after the other and
// each row after row; the last holds the columns that are left. A panel as wide as the layer is a plain row-major
// matrix. Weights of a narrow layer may lie turned instead, [outputs, inputs]; then `panel` is 0.
typedef struct { ptrdiff_t inputs, outputs, panel; } bw_dense_shape;

// A convolution over an input that already carries its padding. Weights are [groups][kh][kw][in/groups][out/groups].
typedef struct {
    ptrdiff_t in_height, in_width, in_channels;
    ptrdiff_t out_height, out_width, out_channels;
    ptrdiff_t kernel_height, kernel_width;
    ptrdiff_t stride_height, stride_width, dilation_height, dilation_width, groups;
} bw_convolution_shape;

// Padding, cropping (negative) and zeros between pixels of images of height*width*channels.
typedef struct {
    ptrdiff_t height, width, channels, out_height, out_width;
    ptrdiff_t top, left, between_rows, between_columns;
} bw_pad_shape;
typedef struct {
    ptrdiff_t height, width, channels, out_height, out_width;
    ptrdiff_t window_height, window_width, stride_height, stride_width;
} bw_pool_shape;

typedef struct {
    ptrdiff_t positions, channels;
    ptrdiff_t parts; // groups of channels, or examples of a ghost batch
} bw_normalisation_shape;

// The order of an epoch: see EpochOrder.
typedef struct { uint64_t count, key; uint32_t rows, columns; int round_pairs; } bw_epoch_order_shape;

// The features of a data set: rows of `width` numbers, which are floats, or bytes seen as byte * scale + shift, or mostly zeros; then
// row i has its numbers floats[starts[i]..<starts[i + 1]] in `columns`, in ascending order.
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

typedef enum {
    BW_RELU, BW_LEAKY_RELU, BW_TANH, BW_SIGMOID, BW_GELU, BW_SILU,
    BW_EXP, BW_LOG, BW_SQRT, BW_SQUARE, BW_RECIPROCAL, BW_SCALE, BW_OFFSET
} bw_unary_kind;
typedef enum { BW_ADD, BW_SUBTRACT, BW_MULTIPLY, BW_DIVIDE } bw_binary_kind;
#endif
