// Reduce and update: see include/update.h. Needs products.h, convolutions.h, parameters.h, optimizers.h, sparse.h.

// Goes on with the chains of a slice over `count` examples of a block.
static void reduce(const bw_reduction *r, const bw_slice *s, const bw_rows *sparse, const bw_block *block, ptrdiff_t row,
                   ptrdiff_t count, int go_on, float *gradient) {
    const float *arena = block->arena;
    const float *x = arena + r->x + row * r->lead * r->inputs, *dy = arena + r->dy + row * r->lead * r->outputs;
    switch (r->kind) {
    case BW_REDUCE_DENSE: {
        ptrdiff_t steps = count * r->lead;
        if (r->is_bfloat16) { // two rows stand in one
            x = arena + r->x + row * r->lead / 2 * r->inputs, dy = arena + r->dy + row * r->lead / 2 * r->outputs;
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
        embedding_gradient(x, dy, count * r->lead, r->outputs, s->first_row, s->rows, go_on, gradient);
        break;
    case BW_REDUCE_SUM_ROWS:
        sum_rows(dy + s->start, count * r->lead, r->outputs, s->count, go_on, gradient);
        break;
    }
}
// The same over examples [from, to) of the batch, block by block in its order.
static void add_chains(const bw_update *u, const bw_slice *s, ptrdiff_t from, ptrdiff_t to, int go_on, float *sums) {
    for (const bw_block *b = u->blocks; b < u->blocks + u->block_count; b++) {
        const ptrdiff_t first = from > b->first ? from : b->first;
        const ptrdiff_t last = to < b->first + b->rows ? to : b->first + b->rows;
        if (first >= last) continue;
        // a parameter used in several places takes example by example, so that the cut stays invisible
        const ptrdiff_t step = s->reduction_count == 1 ? last - first : 1;
        for (ptrdiff_t row = first; row < last; row += step)
            for (ptrdiff_t r = 0; r < s->reduction_count; r++) {
                reduce(&s->reductions[r], s, u->sparse, b, row - b->first, step, go_on, sums);
                go_on = 1;
            }
    }
}
static void reduce_round(const bw_update *u, const bw_slice *s, float *gradient) {
    add_chains(u, s, u->from, u->to, 0, gradient);
}

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

// A dense weight whose last lane is short takes its step of SGD from registers: 23% less an update of 784-512-256-10 at 4
// examples, 10% at 16, 6% at 32. Not where more than sixteen rows are far apart (4% more at 1024-2048-2048 with 32), nor for
// later lanes of narrow layers, which fill few tiles (3% more at 784-10). Weights that come from memory are fetched a tile
// ahead (15% less at 1024-2048-2048 with 8 and 16, 4% more at 784-512-256-10, which stays in caches).
enum { SHORT_LANE = 64, FAR_WEIGHTS = 1 << 20 };
static int update_with_last_lane(const bw_update *u, const bw_slice *s, const bw_step *step, ptrdiff_t from,
                                 const float *sums, ptrdiff_t sum_count) {
    const bw_reduction *r = s->reductions;
    if (step->kind != BW_SGD || u->gradients || s->reduction_count != 1 || r->kind != BW_REDUCE_DENSE || r->is_bfloat16) return 0;
    const ptrdiff_t steps = (u->batch - from) * r->lead;
    if (steps > SHORT_LANE || (r->outputs >= FAR_APART && u->batch * r->lead > 16) || (s->rows < BW_NARROW && sum_count > 0))
        return 0;
    for (const bw_block *b = u->blocks; b < u->blocks + u->block_count; b++) {
        if (b->first > from || b->first + b->rows < u->batch) continue;
        const ptrdiff_t row = (from - b->first) * r->lead;
        const bw_last_lane lane = {.x = b->arena + r->x + row * r->inputs + s->first_row, .x_width = r->inputs,
                                   .dy = b->arena + r->dy + row * r->outputs + s->first_column, .dy_width = r->outputs,
                                   .steps = steps, .is_far = steps >= 8 && r->inputs * r->outputs >= FAR_WEIGHTS,
                                   .sums = sums, .sum_stride = u->level_stride, .sum_count = sum_count};
        sgd_last_lane(step, &lane, u->parameters + s->offset, u->states[0] ? u->states[0] + s->offset : NULL, s->rows, s->columns);
        return 1;
    }
    return 0;
}

// The settings of an update for the parameter of a slice.
INLINE void set_decay(bw_step *step, float decay) {
    if (step->is_decoupled) step->decoupled_decay = decay;
    else step->coupled_decay = decay;
}
INLINE bw_step step_of(const bw_update *u, const bw_slice *s) {
    bw_step step = s->is_aside ? u->aside : u->step;
    step.rate *= s->rate;
    set_decay(&step, s->decay);
    return step;
}
static void update_slice(const bw_update *u, const bw_slice *s, const bw_step *step, float *gradient) {
    float *states[BW_STATES];
    for (int i = 0; i < BW_STATES; i++) states[i] = u->states[i] ? u->states[i] + s->offset : NULL;
    apply(step, gradient, u->parameters + s->offset, states, s->count);
    if (s->mirror != BW_NONE && step->kind != BW_LAMB && step->kind != BW_MUON) flip(s, u->parameters, u->mirrors);
}

static void reduce_and_update(const bw_update *u, const bw_slice *s) {
    const bw_step step = step_of(u, s);
    float *base = u->sums + (u->is_accumulating ? s->offset : 0);
    for (ptrdiff_t lane = 0; lane < u->lanes; lane++) {
        const ptrdiff_t start = u->lane_starts[lane], end = u->lane_starts[lane + 1];
        const ptrdiff_t from = start > u->from ? start : u->from, to = end < u->to ? end : u->to;
        if (from >= to) continue;
        // finished lanes before this one stand as complete subtrees on the levels below
        ptrdiff_t level = __builtin_popcountll((unsigned long long)lane);
        if (from == start && to == u->batch && update_with_last_lane(u, s, &step, from, base, level)) return;
        add_chains(u, s, from, to, from > start, base + level * u->level_stride);
        if (to != end) continue;
        for (ptrdiff_t joined = lanes_joined(lane, u->lanes); joined > 0; joined--, level--)
            add(base + level * u->level_stride, base + (level - 1) * u->level_stride, s->count);
    }
    if (u->to != u->batch) return;
    if (!u->gradients) update_slice(u, s, &step, base);
    else if (!u->is_accumulating) memcpy(u->gradients + s->offset, base, 4 * (size_t)s->count);
}

static void finish(const bw_update *u, const bw_slice *s, float factor, float trust) {
    bw_step step = step_of(u, s);
    step.coupled_decay *= trust;
    float *gradient = u->gradients + s->offset;
    if (factor != 1) scale(gradient, factor, s->count);
    update_slice(u, s, &step, gradient);
}
static void walk(const bw_update *u, const bw_slice *s, float length) {
    const bw_step step = step_of(u, s);
    const v16 rate = splat(-step.rate * length), keep = splat(1 - step.rate * step.decoupled_decay);
    const float *direction = u->gradients + s->offset;
    float *w = u->parameters + s->offset;
    EACH(s->count, PUT(w, fma16(rate, GET(direction), GET(w) * keep)););
    if (s->mirror != BW_NONE) flip(s, u->parameters, u->mirrors);
}
