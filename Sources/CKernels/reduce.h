// The order of a gradient's sum: chains over the examples of a lane, and lanes in a tree.
#pragma once
#include "bfloat16.h"
#include "convolutions.h"
#include "embedding.h"
#include "include/CKernels.h"
#include "products.h"
#include "sparse.h"
#include "vectors.h"

// Goes on with the chains of one reduction over `count` examples of a block, or begins them.
static void add_chain(const bw_reduction *r, const bw_slice *s, const bw_rows *sparse, const bw_block *block, ptrdiff_t row,
                      ptrdiff_t count, int go_on, float *gradient) {
    const float *x = block->arena + r->x + row * r->example_rows * r->inputs;
    const float *dy = block->arena + r->dy + row * r->example_rows * r->outputs;
    switch (r->kind) {
    case BW_REDUCE_DENSE: {
        ptrdiff_t steps = count * r->example_rows;
        if (r->is_bfloat16) { // two rows stand in one
            x = block->arena + r->x + row * r->example_rows / 2 * r->inputs;
            dy = block->arena + r->dy + row * r->example_rows / 2 * r->outputs;
            steps = (steps + 1) / 2;
        }
        bw_product_shape p = {.m = s->rows, .n = s->columns, .k = steps, .segments = 1, .am = 1, .ak = r->inputs,
                              .bk = r->outputs, .cm = s->columns};
        const float *left = x + s->first_row, *right = dy + s->first_column;
        const float *start = go_on ? gradient : NULL;
#if BW_SET == 512
        if (r->is_bfloat16) product_of_pairs(&p, left, right, start, p.cm, gradient);
        else
#endif
            product(&p, left, right, start, p.cm, gradient);
        break;
    }
    case BW_REDUCE_SPARSE:
        sparse_gradient(sparse, block->examples + row, count, dy, r->outputs, r->is_turned, s->first_row, s->rows,
                        s->first_column, s->columns, go_on, gradient);
        break;
    case BW_REDUCE_CONVOLUTION:
        convolution_weight_gradient(&r->convolution, count, x, dy, s->first_row, s->rows, go_on, gradient);
        break;
    case BW_REDUCE_EMBEDDING:
        embedding_gradient(x, dy, count * r->example_rows, r->outputs, s->first_row, s->rows, go_on, gradient);
        break;
    case BW_REDUCE_SUM_ROWS:
        sum_rows(dy + s->start, count * r->example_rows, r->outputs, s->count, go_on, gradient);
        break;
    }
}
// The chains of a slice over examples [from, to) of the batch, block by block in its order.
static void add_chains(const bw_round *b, const bw_slice *s, ptrdiff_t from, ptrdiff_t to, int go_on, float *sums) {
    for (const bw_block *block = b->blocks; block < b->blocks + b->block_count; block++) {
        const ptrdiff_t first = from > block->first ? from : block->first;
        const ptrdiff_t last = to < block->first + block->rows ? to : block->first + block->rows;
        if (first >= last) continue;
        // a parameter that is used in several places is summed example by example, so that the cut changes no bit
        const ptrdiff_t step = s->reduction_count == 1 ? last - first : 1;
        for (ptrdiff_t row = first; row < last; row += step)
            for (ptrdiff_t r = 0; r < s->reduction_count; r++) {
                add_chain(&s->reductions[r], s, b->sparse, block, row - block->first, step, go_on, sums);
                go_on = 1;
            }
    }
}
static void reduce_chain(const bw_round *b, const bw_slice *s, float *gradient) {
    add_chains(b, s, b->from, b->to, 0, gradient);
}

// The level of a lane is the number of completed subtrees to its left.
INLINE ptrdiff_t level_of(ptrdiff_t lane) { return __builtin_popcountll((unsigned long long)lane); }
// The number of subtrees to its left that a lane completes; the last lane joins all of them.
INLINE ptrdiff_t joins_after(ptrdiff_t lane, ptrdiff_t lanes) {
    return lane == lanes - 1 ? level_of(lane) : __builtin_ctzll(~(unsigned long long)lane);
}
static void join(const float *right, float *left, ptrdiff_t n) { add(right, left, n); }

static void reduce(const bw_round *b, const bw_slice *s, float *sums, ptrdiff_t level_stride) {
    for (ptrdiff_t lane = 0; lane < b->lanes; lane++) {
        const ptrdiff_t start = b->lane_starts[lane], end = b->lane_starts[lane + 1];
        const ptrdiff_t from = start > b->from ? start : b->from, to = end < b->to ? end : b->to;
        if (from >= to) continue;
        float *sum = sums + level_of(lane) * level_stride;
        add_chains(b, s, from, to, from > start, sum);
        if (to != end) continue;
        for (ptrdiff_t left = joins_after(lane, b->lanes); left > 0; left--, sum -= level_stride)
            join(sum, sum - level_stride, s->count);
    }
}
