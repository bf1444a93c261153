// Programs: a whole forward and backward pass over a micro-batch in one call.
//
// An instruction is one kernel on tensors of the arena. A tensor is a run of rows, one an example; offsets of tensors are in floats
// from the start of the arena, those of parameters from the start of the parameter vector, and BW_NONE is no tensor. Workers
// share an instruction by rows, each doing its own examples, or by columns, each doing all examples for some columns of a
// dense layer: then small batches do not send the weights from core to core.
#ifndef CKERNELS_PROGRAM_H
#define CKERNELS_PROGRAM_H
#include "shapes.h"
#include "team.h"

// Operands x, y, z, u, v are tensors; weight and bias are parameters.
typedef enum {
    BW_DO_DENSE,                // y = x weight + bias, then `unary` in place where `is_fused`; where x is none, of sparse rows
    BW_DO_DENSE_INPUT_GRADIENT, // y = x weight', then times the slope of `unary` at z where `is_fused`
    BW_DO_CONVOLUTION,          // y = x * weight + bias, then `unary` in place where `is_fused`
    BW_DO_PAD,                  // y from x
    BW_DO_UNARY,                // y from x
    BW_DO_UNARY_GRADIENT,       // y from x = dy and the reference z
    BW_DO_BINARY,               // y from x and z
    BW_DO_BINARY_VECTOR,        // y from x and the parameter `weight`
    BW_DO_SCALE_AND_SHIFT,      // y = x weight + bias, element by element, then `unary` where `is_fused`
    BW_DO_BINARY_SCALAR,        // y from x and one number z a row
    BW_DO_DROPOUT,              // y from x
    BW_DO_SUM_LAST,             // y from x
    BW_DO_SPREAD_LAST,          // y from x
    BW_DO_TRANSPOSE,            // y from x: `example_rows` rows of `width` columns become `width` rows
    BW_DO_MAX_POOL,             // y from x
    BW_DO_MAX_POOL_GRADIENT,    // y from x and dy = z
    BW_DO_MAX_POOL_TANGENT,     // y from x and its tangent z
    BW_DO_AVERAGE_POOL,         // y from x
    BW_DO_AVERAGE_POOL_GRADIENT, // y from x = dy
    BW_DO_GROUP_MOMENTS,        // y from x
    BW_DO_GROUP_NORMALISE,      // y from x and the moments z
    BW_DO_GROUP_NORMALISE_GRADIENT, // y from x = dy, the moments z and the normal form v
    BW_DO_GROUP_NORMALISE_GRADIENT_TANGENT, // y from x = dy, the moments z, the normal form v and the tangent u of what it was made from
    BW_DO_GHOST_MOMENTS,        // operands as for groups
    BW_DO_GHOST_NORMALISE,
    BW_DO_GHOST_NORMALISE_GRADIENT,
    BW_DO_GHOST_NORMALISE_GRADIENT_TANGENT,
    BW_DO_BATCH_SUMS,           // sums of x and of x * z of every grain, for the coupling of that number
    BW_DO_BATCH_NORMALISE,      // y from x and the execution's moments
    BW_DO_BATCH_NORMALISE_GRADIENT, // y from x = dy, the normal form v and the execution's moments
    BW_DO_RUNNING_NORMALISE,    // y from x, the means in parameter `bias` and the variances in parameter `weight`
    BW_DO_EMBEDDING,            // y from the ids x and the table `weight`
    BW_DO_SOFTMAX_CROSS_ENTROPY, // losses v from predictions x and targets z; y = dx with examples' weights u, where y is one
    BW_DO_BINARY_CROSS_ENTROPY,
    BW_DO_MEAN_SQUARED_ERROR,
    BW_DO_HUBER,
    BW_DO_SOFTMAX_CROSS_ENTROPY_TANGENT, // of the losses' gradients: y from predictions x, their tangent v, targets z and weights u
    BW_DO_BINARY_CROSS_ENTROPY_TANGENT,
    BW_DO_MEAN_SQUARED_ERROR_TANGENT,
    BW_DO_HUBER_TANGENT,
    BW_DO_PAIR_ROWS,            // y from x: two rows become one of pairs of bfloat16 numbers
    BW_DO_GUARD                 // the largest magnitude in x, into its place among the worker's magnitudes
} bw_operation;

typedef struct {
    bw_operation operation;
    int by_columns; // whether workers share it by columns
    int meets;      // whether they meet before it
    int is_fused, is_mirrored, is_bfloat16;
    bw_unary_kind unary;
    bw_binary_kind binary;
    float constant; // the function's constant, a rate, an epsilon, a smoothing, a factor, a delta
    uint64_t stream;
    ptrdiff_t x, y, z, u, v;
    ptrdiff_t weight, bias;
    ptrdiff_t example_rows, width; // rows of an example, and floats of a row
    ptrdiff_t target_width;        // for a loss: the floats of an example's target
    ptrdiff_t coupling;            // for BW_DO_BATCH_SUMS: the number of couplings before it
    ptrdiff_t moments;             // for batch normalisation: the place of its moments among the execution's
    ptrdiff_t magnitude;           // for BW_DO_GUARD: its place among the worker's magnitudes
    union {
        bw_dense_shape dense;
        bw_convolution_shape convolution;
        bw_pad_shape pad;
        bw_pool_shape pool;
        bw_normalisation_shape normalisation;
    } shape;
} bw_instruction;

// One worker's execution of a program on an arena.
typedef struct {
    const bw_instruction *instructions;
    ptrdiff_t count;
    float *arena;
    const float *parameters, *mirrors; // mirrors hold the flipped copies of convolutions' weights
    const uint64_t *examples;          // the data set's numbers of the examples in the arena
    const bw_rows *sparse;             // the data set's rows, where a layer reads them as they are
    uint64_t dropout_key;
    float *magnitudes;                 // the magnitudes that this worker has found
    // For normalisation over the whole batch: the place in the batch where the arena begins, the examples of a grain,
    // the number of couplings that have their moments already and whose sums are not taken again, the sums of grains,
    // and the moments.
    ptrdiff_t start, grain, coupled;
    double *sums;
    const float *moments;
    ptrdiff_t rows;                    // examples in the arena
    ptrdiff_t first, last;             // the examples of this worker
    bw_team *team;                     // null where one worker has the arena to itself
    int worker, workers;
} bw_execution;

// A coupling: numbers of the whole batch that its examples wait for. The sums of all grains come to moments, in rows of whole
// vectors (means, 1/deviations, means of dy, of dy * y), and to statistics, in rows likewise (means, variances).
typedef struct {
    const double *sums;
    ptrdiff_t grains, channels;
    double count; // numbers of a channel in the batch
    float epsilon;
    int is_gradient;
    float *moments;
    double *statistics;
} bw_coupling;
#endif
