// The optimizer's step on a slice of the parameters: see include/update.h.
#pragma once
#include "exchange.h"
#include "include/CKernels.h"
#include "optimizers.h"
#include "products.h"
#include "reduce.h"
#include "sgd.h"
#include "vectors.h"

static void flip(const bw_slice *s, const float *parameters, float *mirrors) {
    const float *from = parameters + s->offset;
    for (ptrdiff_t row = s->first_row; row < s->first_row + s->rows;) {
        const ptrdiff_t window = row / s->inputs, input = row % s->inputs;
        const ptrdiff_t left = s->first_row + s->rows - row, count = s->inputs - input < left ? s->inputs - input : left;
        const ptrdiff_t group = window / s->window, place = window % s->window;
        float *to = mirrors + s->mirror + (group * s->window + s->window - 1 - place) * s->inputs * s->columns + input;
        transpose(from, count, s->columns, s->columns, to, s->inputs);
        from += count * s->columns;
        row += count;
    }
}

// The settings of an update for the parameter of a slice.
INLINE void set_decay(bw_step *step, float decay) {
    if (step->is_decoupled) step->decoupled_decay = decay;
    else step->coupled_decay = decay;
}
INLINE bw_step step_of(const bw_update *u, const bw_slice *s) {
    bw_step step = s->takes_vector_step ? u->vector_step : u->step;
    step.rate *= s->rate_factor;
    set_decay(&step, s->decay);
    return step;
}

static void step_slice(const bw_update *u, const bw_slice *s, float *gradient, float factor, float decay_scale) {
    bw_step step = step_of(u, s);
    step.coupled_decay *= decay_scale;
    if (factor != 1) scale(gradient, factor, s->count);
    float *states[BW_STATES];
    for (int i = 0; i < BW_STATES; i++) states[i] = u->states[i] ? u->states[i] + s->offset : NULL;
    apply(&step, gradient, u->parameters + s->offset, states, s->count);
    if (s->mirror != BW_NONE && step.kind != BW_LAMB && step.kind != BW_MUON) flip(s, u->parameters, u->mirrors);
}
static void step_along(const bw_update *u, const bw_slice *s, const float *direction, float length) {
    const bw_step step = step_of(u, s);
    const v16 rate = splat(-step.rate * length), keep = splat(1 - step.rate * step.decoupled_decay);
    float *w = u->parameters + s->offset;
    EACH(i, s->count, PUT(w, i, fma16(rate, GET(direction, i), GET(w, i) * keep)););
    if (s->mirror != BW_NONE) flip(s, u->parameters, u->mirrors);
}

// The last lane of a dense weight, where SGD takes its step from registers and the lane's sum is never written down.
// Whether this is worth it was measured:
// - it is for a short lane: 23% less an update of 784-512-256-10 at 4 examples, 10% at 16, 6% at 32;
// - it is not where more than sixteen rows are far apart: 4% more at 1024-2048-2048 with 32;
// - it is not for later lanes of narrow layers, which fill few tiles: 3% more at 784-10.
// Weights that come from memory are fetched a tile ahead: 15% less at 1024-2048-2048 with 8 and 16; 4% more at 784-512-256-10,
// which stays in caches.
enum { SHORT_LANE = 64, FAR_WEIGHTS = 1 << 20 };
static int fused_lane(const bw_round *b, const bw_slice *s, const bw_step *step, const float *sums, ptrdiff_t level_stride,
                      bw_last_lane *lane) {
    const bw_reduction *r = s->reductions;
    if (step->kind != BW_SGD || s->reduction_count != 1 || r->kind != BW_REDUCE_DENSE || r->is_bfloat16) return 0;
    const ptrdiff_t from = b->lane_starts[b->lanes - 1], end = b->lane_starts[b->lanes];
    const ptrdiff_t steps = (end - from) * r->example_rows, level = level_of(b->lanes - 1);
    if (b->from > from || b->to != end) return 0; // the round has part of the lane
    if (steps > SHORT_LANE || (r->outputs >= FAR_APART && end * r->example_rows > 16) || (s->rows < BW_NARROW && level > 0))
        return 0;
    for (const bw_block *block = b->blocks; block < b->blocks + b->block_count; block++) {
        if (block->first > from || block->first + block->rows < end) continue;
        const ptrdiff_t row = (from - block->first) * r->example_rows;
        *lane = (bw_last_lane){.x = block->arena + r->x + row * r->inputs + s->first_row, .x_width = r->inputs,
                               .dy = block->arena + r->dy + row * r->outputs + s->first_column, .dy_width = r->outputs,
                               .steps = steps, .is_far = steps >= 8 && r->inputs * r->outputs >= FAR_WEIGHTS,
                               .sums = sums, .sum_stride = level_stride, .sum_count = level};
        return 1;
    }
    return 0;
}

static void reduce_and_step(const bw_round *b, const bw_update *u, const bw_slice *s, float *sums, ptrdiff_t level_stride) {
    const bw_step step = step_of(u, s);
    bw_last_lane lane;
    if (!fused_lane(b, s, &step, sums, level_stride, &lane)) {
        reduce(b, s, sums, level_stride);
        step_slice(u, s, sums, 1, 1);
        return;
    }
    bw_round before = *b;
    before.to = b->lane_starts[b->lanes - 1];
    if (before.from < before.to) reduce(&before, s, sums, level_stride);
    float *velocity = u->states[0] ? u->states[0] + s->offset : NULL;
    sgd_last_lane(&step, &lane, u->parameters + s->offset, velocity, s->rows, s->columns);
}
