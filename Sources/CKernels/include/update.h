// An update of the parameters: reduce, join and step.
//
// A gradient is a sum over the examples of a batch, and its order is the recipe's. The batch is cut into lanes; each lane is one
// chain over its examples, and finished lanes are joined in a fixed pairwise tree. A worker owns slices of the parameters, for each
// of which it reduces the whole batch and then takes the optimizer's step while the gradient is in the nearest cache.
#ifndef CKERNELS_UPDATE_H
#define CKERNELS_UPDATE_H
#include "optimizers.h"
#include "shapes.h"

// A gradient of a parameter from tensors of the arena.
typedef enum {
    BW_REDUCE_DENSE, BW_REDUCE_SPARSE, BW_REDUCE_CONVOLUTION, BW_REDUCE_EMBEDDING, BW_REDUCE_SUM_ROWS
} bw_reduction_kind;
typedef struct {
    bw_reduction_kind kind;
    ptrdiff_t x, dy;           // x holds the ids of an embedding
    ptrdiff_t example_rows;    // rows of x and dy that an example has
    ptrdiff_t inputs, outputs; // floats of a row of x and dy
    int is_bfloat16;           // x and dy are rows of pairs (BW_DO_PAIR_ROWS)
    int is_turned;             // for sparse rows: whether the weight lies [outputs, inputs]
    bw_convolution_shape convolution;
} bw_reduction;

// A slice: a run of a parameter seen as a matrix, some rows of it, and all columns or those of a panel.
typedef struct {
    const bw_reduction *reductions; // their results are summed in this order
    ptrdiff_t reduction_count;
    ptrdiff_t first_row, rows, first_column, columns;
    ptrdiff_t parameter;            // the number of the parameter
    ptrdiff_t start, offset, count; // its place in the parameter and in the vector of all parameters; its length
    float rate_factor, decay;       // a factor of the update's rate, and the weight decay
    int takes_vector_step;          // whether its parameter is no matrix, in an optimizer that treats matrices apart
    ptrdiff_t mirror;               // the place of the flipped copy of a convolution's weights, or BW_NONE
    ptrdiff_t inputs, window;       // for the copy: in / groups, kernel_height * kernel_width
} bw_slice;

// Examples [first, first + rows) of the batch, the arena that they are in, and their numbers in the data set.
typedef struct { const float *arena; const uint64_t *examples; ptrdiff_t first, rows; } bw_block;

// The examples [from, to) of a batch, which are in the arenas, and the lanes of the whole batch.
typedef struct {
    const bw_block *blocks;
    ptrdiff_t block_count;
    const bw_rows *sparse;        // the data set's rows, where a layer reads them as they are
    ptrdiff_t from, to;
    const ptrdiff_t *lane_starts; // lanes + 1 of them, the last the end of the batch
    ptrdiff_t lanes;
} bw_round;

// The vectors that a step changes, and its settings.
typedef struct {
    bw_step step, vector_step;   // for all parameters; with Muon, for matrices and for other parameters
    float *parameters, *mirrors;
    float *states[BW_STATES];    // null where there is none
} bw_update;
#endif
