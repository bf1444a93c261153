// Reduce and update: the gradient of a slice of the parameters, and the optimizer's step on it while it is near.
#ifndef CKERNELS_UPDATE_H
#define CKERNELS_UPDATE_H

// A gradient of a parameter from tensors of the arena. `lead` is the number of rows that an example has.
typedef enum {
    BW_REDUCE_DENSE, BW_REDUCE_SPARSE, BW_REDUCE_CONVOLUTION, BW_REDUCE_EMBEDDING, BW_REDUCE_SUM_ROWS
} bw_reduction_kind;
typedef struct {
    bw_reduction_kind kind;
    ptrdiff_t x, dy;           // x holds the ids of an embedding
    ptrdiff_t lead;
    ptrdiff_t inputs, outputs; // floats of a row of x and dy
    int is_bfloat16;           // x and dy are rows of pairs (BW_DO_PAIR_ROWS)
    int is_turned;             // of sparse rows: the weight lies [outputs, inputs]
    bw_convolution_shape convolution;
} bw_reduction;

// A run of a parameter seen as a matrix: some rows of it, and all columns or those of a panel.
typedef struct {
    const bw_reduction *reductions; // summed in this order
    ptrdiff_t reduction_count;
    ptrdiff_t first_row, rows, first_column, columns;
    ptrdiff_t parameter;            // its number
    ptrdiff_t start, offset, count; // where it begins in the parameter and in the vector of all; its length
    float rate, decay;              // a factor of the update's rate, and the weight decay
    int is_aside;                   // updated by the step for what is no matrix
    ptrdiff_t mirror;               // of the flipped copy of a convolution's weights, or BW_NONE
    ptrdiff_t inputs, window;       // for the copy: in / groups, kernel_height * kernel_width
} bw_slice;

// Examples [first, first + rows) of the batch, the arena that they are in, and their numbers in the data set.
typedef struct { const float *arena; const uint64_t *examples; ptrdiff_t first, rows; } bw_block;

typedef struct {
    bw_step step, aside;          // how parameters are updated, and how those that are no matrices are beside Muon
    float *parameters, *mirrors;
    float *states[BW_STATES];     // null where there is none
    float *gradients;             // where sums of all parameters wait for bw_finish; null where slices are updated at once
    const bw_rows *sparse;        // as a pass has them
    const bw_block *blocks;
    ptrdiff_t block_count;
    ptrdiff_t batch, from, to;    // examples of the batch, and those of this round
    const ptrdiff_t *lane_starts; // lanes + 1 of them
    ptrdiff_t lanes;
    float *sums;                  // partial sums: of this worker, or of all parameters
    ptrdiff_t level_stride;
    int is_accumulating;          // sums are of all parameters, for rounds to go on from
} bw_update;

// Sums a slice over the round, and where the round ends the batch, updates its parameters or leaves the sums in `gradients`.
void bw_reduce_and_update(const bw_update *update, const bw_slice *slice);
// Updates a slice by its gradient in `gradients` times `scale`, and its coupled decay times `trust`. BW_LAMB and BW_MUON leave
// a direction there instead, for bw_walk, which goes `length` times the rate along it.
void bw_finish(const bw_update *update, const bw_slice *slice, float scale, float trust);
void bw_walk(const bw_update *update, const bw_slice *slice, float length);
// The gradient of a slice from the examples of this round alone, in the order of the batch.
void bw_reduce_round(const bw_update *update, const bw_slice *slice, float *gradient);
// A matrix of Muon: [rows, columns] in panels of a dense weight, room for three of it and for two squares of its shorter side,
// each ended by BW_SLACK, and for a sum a row of that.
typedef struct {
    float *direction;
    ptrdiff_t rows, columns, panel;
    float *x, *turned, *next, *square, *polynomial;
    double *sums;
} bw_matrix;
enum { BW_NEWTON_SCHULZ_STEPS = 5 };
// The direction made nearly orthogonal: see newton_schulz. Called by every worker of a running task, or with no team.
void bw_newton_schulz(const bw_matrix *matrix, bw_team *team, int worker, int workers);
// Copies rows of a convolution's weights [groups, kH, kW, in, out] to [groups, kH flipped, kW flipped, out, in].
void bw_flip(const bw_slice *slice, const float *parameters, float *mirrors);
#endif
