// Runs a program: one switch, with every kernel of an instruction set within reach.

#define TENSOR(FIELD, FLOATS) (p->arena + i->FIELD + first * (FLOATS))
#define OPTIONAL(FIELD, FLOATS) (i->FIELD == BW_NONE ? NULL : TENSOR(FIELD, FLOATS))
#define PARAMETER(FIELD) (i->FIELD == BW_NONE ? NULL : p->parameters + i->FIELD)

// The fused function of columns [from, to) of each row.
static void columns_unary(const bw_instruction *i, float *y, ptrdiff_t rows, ptrdiff_t width, ptrdiff_t from,
                          ptrdiff_t to) {
    if (from == 0 && to == width) { unary((bw_unary_kind)i->kind, i->constant, y, y, rows * width); return; }
    for (ptrdiff_t r = 0; r < rows; r++)
        unary((bw_unary_kind)i->kind, i->constant, y + r * width + from, y + r * width + from, to - from);
}
static void columns_unary_gradient(const bw_instruction *i, const float *reference, float *dx, ptrdiff_t rows,
                                   ptrdiff_t width, ptrdiff_t from, ptrdiff_t to) {
    if (from == 0 && to == width) {
        unary_gradient((bw_unary_kind)i->kind, i->constant, reference, dx, dx, rows * width);
        return;
    }
    for (ptrdiff_t r = 0; r < rows; r++) {
        const ptrdiff_t at = r * width + from;
        unary_gradient((bw_unary_kind)i->kind, i->constant, reference + at, dx + at, dx + at, to - from);
    }
}

// One instruction on the examples [first, first + n) and, where it is shared by columns, on the columns [from, to).
static void run_one(const bw_pass *p, const bw_instruction *i, ptrdiff_t first, ptrdiff_t n, ptrdiff_t from,
                    ptrdiff_t to) {
    const ptrdiff_t size = i->lead * i->width, rows = n * i->lead;
    if (n == 0 && i->operation != BW_DO_GUARD) return;
    switch (i->operation) {
    case BW_DO_DENSE: {
        const bw_dense_shape *s = &i->shape.dense;
        float *y = TENSOR(y, i->lead * s->outputs);
        dense(s, rows, from, to, TENSOR(x, i->lead * s->inputs), p->parameters + i->w, PARAMETER(bias), y);
        if (i->is_fused) columns_unary(i, y, rows, s->outputs, from, to);
        break;
    }
    case BW_DO_DENSE_INPUT_GRADIENT: {
        const bw_dense_shape *s = &i->shape.dense;
        float *dx = TENSOR(y, i->lead * s->inputs);
        dense_input_gradient(s, rows, from, to, TENSOR(x, i->lead * s->outputs), p->parameters + i->w, dx);
        if (i->is_fused)
            columns_unary_gradient(i, TENSOR(z, i->lead * s->inputs), dx, rows, s->inputs, from, to);
        break;
    }
    case BW_DO_CONVOLUTION: {
        const bw_convolution_shape *s = &i->shape.convolution;
        const ptrdiff_t out = s->out_height * s->out_width * s->out_channels;
        float *y = TENSOR(y, out);
        convolution(s, n, TENSOR(x, s->in_height * s->in_width * s->in_channels),
                    (i->is_mirrored ? p->mirrors : p->parameters) + i->w, PARAMETER(bias), y);
        if (i->is_fused) columns_unary(i, y, n, out, 0, out);
        break;
    }
    case BW_DO_PAD: {
        const bw_pad_shape *s = &i->shape.pad;
        pad(s, n, TENSOR(x, s->height * s->width * s->channels), TENSOR(y, s->out_height * s->out_width * s->channels));
        break;
    }
    case BW_DO_UNARY: unary((bw_unary_kind)i->kind, i->constant, TENSOR(x, size), TENSOR(y, size), n * size); break;
    case BW_DO_UNARY_GRADIENT:
        unary_gradient((bw_unary_kind)i->kind, i->constant, TENSOR(z, size), TENSOR(x, size), TENSOR(y, size), n * size);
        break;
    case BW_DO_BINARY:
        binary((bw_binary_kind)i->kind, TENSOR(x, size), TENSOR(z, size), TENSOR(y, size), n * size);
        break;
    case BW_DO_BINARY_VECTOR:
        binary_vector((bw_binary_kind)i->kind, TENSOR(x, size), p->parameters + i->w, TENSOR(y, size), rows, i->width);
        break;
    case BW_DO_BINARY_SCALAR:
        binary_scalar((bw_binary_kind)i->kind, TENSOR(x, size), TENSOR(z, i->lead), TENSOR(y, size), rows, i->width);
        break;
    case BW_DO_DROPOUT:
        dropout(mix64(p->dropout_key ^ i->stream), i->constant, p->examples + first, TENSOR(x, size), TENSOR(y, size), n,
                size);
        break;
    case BW_DO_SUM_LAST: sum_last(TENSOR(x, size), TENSOR(y, i->lead), rows, i->width); break;
    case BW_DO_SPREAD_LAST: spread_last(TENSOR(x, i->lead), TENSOR(y, size), rows, i->width); break;
    case BW_DO_MAX_POOL:
    case BW_DO_MAX_POOL_GRADIENT:
    case BW_DO_AVERAGE_POOL:
    case BW_DO_AVERAGE_POOL_GRADIENT: {
        const bw_pool_shape *s = &i->shape.pool;
        const ptrdiff_t in = s->height * s->width * s->channels, out = s->out_height * s->out_width * s->channels;
        if (i->operation == BW_DO_MAX_POOL) max_pool(s, n, TENSOR(x, in), TENSOR(y, out));
        else if (i->operation == BW_DO_MAX_POOL_GRADIENT)
            max_pool_gradient(s, n, TENSOR(x, in), TENSOR(z, out), TENSOR(y, in));
        else if (i->operation == BW_DO_AVERAGE_POOL) average_pool(s, n, TENSOR(x, in), TENSOR(y, out));
        else average_pool_gradient(s, n, TENSOR(x, out), TENSOR(y, in));
        break;
    }
    case BW_DO_GROUP_MOMENTS:
    case BW_DO_GROUP_NORMALISE:
    case BW_DO_GROUP_NORMALISE_GRADIENT: {
        const bw_normalisation_shape *s = &i->shape.normalisation;
        const ptrdiff_t in = i->lead * s->positions * s->channels, moments = 2 * i->lead * s->parts;
        if (i->operation == BW_DO_GROUP_MOMENTS)
            group_moments(TENSOR(x, in), TENSOR(y, moments), rows, s->positions, s->channels, s->parts, i->constant);
        else if (i->operation == BW_DO_GROUP_NORMALISE)
            group_normalise(TENSOR(x, in), TENSOR(z, moments), TENSOR(y, in), rows, s->positions, s->channels, s->parts);
        else
            group_normalise_gradient(TENSOR(v, in), TENSOR(z, moments), TENSOR(x, in), TENSOR(y, in), rows,
                                     s->positions, s->channels, s->parts);
        break;
    }
    case BW_DO_GHOST_MOMENTS:
    case BW_DO_GHOST_NORMALISE:
    case BW_DO_GHOST_NORMALISE_GRADIENT: {
        const bw_normalisation_shape *s = &i->shape.normalisation;
        const ptrdiff_t in = s->positions * s->channels, moments = 2 * s->channels;
        if (i->operation == BW_DO_GHOST_MOMENTS)
            ghost_moments(TENSOR(x, in), TENSOR(y, moments), n, s->positions, s->channels, s->parts, i->constant);
        else if (i->operation == BW_DO_GHOST_NORMALISE)
            ghost_normalise(TENSOR(x, in), TENSOR(z, moments), TENSOR(y, in), n, s->positions, s->channels, s->parts);
        else
            ghost_normalise_gradient(TENSOR(v, in), TENSOR(z, moments), TENSOR(x, in), TENSOR(y, in), n, s->positions,
                                     s->channels, s->parts);
        break;
    }
    case BW_DO_RUNNING_NORMALISE:
        running_normalise(TENSOR(x, size), PARAMETER(bias), p->parameters + i->w, TENSOR(y, size), rows, i->width,
                          i->constant);
        break;
    case BW_DO_EMBEDDING: embedding(TENSOR(x, i->lead), p->parameters + i->w, TENSOR(y, size), rows, i->width); break;
    case BW_DO_SOFTMAX_CROSS_ENTROPY:
        softmax_cross_entropy(TENSOR(x, size), TENSOR(z, 1), TENSOR(u, 1), i->constant, TENSOR(v, 2), OPTIONAL(y, size),
                              n, size);
        break;
    case BW_DO_BINARY_CROSS_ENTROPY:
        binary_cross_entropy(TENSOR(x, size), TENSOR(z, size), TENSOR(u, 1), TENSOR(v, 2), OPTIONAL(y, size), n, size);
        break;
    case BW_DO_MEAN_SQUARED_ERROR:
        mean_squared_error(TENSOR(x, size), TENSOR(z, size), TENSOR(u, 1), i->constant, TENSOR(v, 2), OPTIONAL(y, size),
                           n, size);
        break;
    case BW_DO_HUBER:
        huber(TENSOR(x, size), TENSOR(z, size), TENSOR(u, 1), i->constant, TENSOR(v, 2), OPTIONAL(y, size), n, size);
        break;
    case BW_DO_GUARD: {
        const float *x = TENSOR(x, size);
        float largest = 0;
        if (from == 0 && to == i->width) largest = largest_magnitude(x, n * size);
        else
            for (ptrdiff_t r = 0; r < rows; r++) {
                const float found = largest_magnitude(x + r * i->width + from, to - from);
                largest = found > largest || found != found ? found : largest;
            }
        p->magnitudes[i->w] = largest;
        break;
    }
    }
}

static void run(const bw_pass *p) {
    for (const bw_instruction *i = p->instructions; i < p->instructions + p->count; i++) {
        if (i->meets && p->team) bw_team_meet(p->team, p->worker);
        // what the columns of a product are; everything else takes whole rows
        const ptrdiff_t columns = i->operation == BW_DO_DENSE                  ? i->shape.dense.outputs
                                  : i->operation == BW_DO_DENSE_INPUT_GRADIENT ? i->shape.dense.inputs
                                                                               : i->width;
        if (i->by_columns && p->team)
            run_one(p, i, 0, p->rows, bw_first_column(columns, p->worker, p->workers),
                    bw_first_column(columns, p->worker + 1, p->workers));
        else run_one(p, i, p->first, p->last - p->first, 0, columns);
    }
}
