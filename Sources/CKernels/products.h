// Matrix products. One accumulator an element, steps in ascending order: see CKernels.h.
//
// A tile is some rows of C by some vectors of sixteen columns, held in registers for a whole chain. Measured against
// oneDNN 2.6.3 by Benchmarks/onednn/run: our tiles are level with it or ahead at almost every shape of training, and
// oneDNN neither continues a convolution's chain nor promises the same order for another number of rows.
#pragma once
#include "include/CKernels.h"
#include "lanes.h"

typedef struct {
    const float *a, *b, *start;
    float *c;
    ptrdiff_t k, segments, across, as, bk, bs, start_m, cm;
    ptrdiff_t panel; // floats from four vectors of B to the next four: 64 where its rows are whole
    ptrdiff_t tail;  // columns in the last vector
} tile_call;

typedef void (*tile_function)(const tile_call *);

// Rows of B that are far apart share few cache sets. Long chains over them are cut into runs whose rows stay in the cache
// until the last tile has read them, and go on from C; where many tiles read a panel, it is copied together first.
// Copying A of a weight gradient together too was measured: 180 GFLOP/s instead of 196 at 2048x2048.
enum { FAR_APART = 1024, RUN_STEPS = 128, PACKED_STEPS = 256, PACKED_ROWS = 40 };

#if BW_SET == 512
#define MOST_WIDE 4
#define MOST_ROWS 12
#else
#define MOST_WIDE 1
#define MOST_ROWS 6
#endif

#define KERNEL(NAME) NAME
#define MULTIPLY_ADD(X, ROW, SUM) fma16(X, ROW, SUM)
#include "tiles.h"
#undef KERNEL
#undef MULTIPLY_ADD

#if BW_SET == 512
// Products of bfloat16 numbers, two of which lie in the place of one float: two steps of the chain in one.
INLINE v16 multiply_add_pairs(v16 x, v16 row, v16 sum) {
    return (v16)_mm512_dpbf16_ps((__m512)sum, (__m512bh)x, (__m512bh)row);
}
#define KERNEL_OF_PAIRS(NAME) NAME##_of_pairs
#define KERNEL(NAME) KERNEL_OF_PAIRS(NAME)
#define MULTIPLY_ADD(X, ROW, SUM) multiply_add_pairs(X, ROW, SUM)
#include "tiles.h"
#undef KERNEL
#undef MULTIPLY_ADD
#endif
