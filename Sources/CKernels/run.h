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

// What follows a normalisation, in one pass: the same roundings as one by one.
static void scale_and_shift(const bw_instruction *i, const float *x, const float *gains, const float *shifts, float *y,
                            ptrdiff_t rows) {
    const ptrdiff_t width = i->width;
    const int is_rectified = i->is_fused && i->kind == BW_RELU;
    for (ptrdiff_t r = 0; r < rows; r++, x += width, y += width) {
        if (is_rectified)
            EACH(width, v16 v = GET(x) * GET(gains) + GET(shifts); PUT(y, unary_value(BW_RELU, v, v)););
        else EACH(width, PUT(y, GET(x) * GET(gains) + GET(shifts)););
        if (i->is_fused && !is_rectified) unary((bw_unary_kind)i->kind, i->constant, y, y, width);
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
        const float *x = OPTIONAL(x, i->lead * s->inputs);
        if (!x) dense_sparse(s, p->sparse, p->examples + first, n, from, to, p->parameters + i->w, PARAMETER(bias), y);
        else
#if BW_SET == 512
        if (i->is_bfloat16) dense_bfloat16(s, rows, from, to, x, p->parameters + i->w, PARAMETER(bias), y);
        else
#endif
            dense(s, rows, from, to, x, p->parameters + i->w, PARAMETER(bias), y);
        if (i->is_fused) columns_unary(i, y, rows, s->outputs, from, to);
        break;
    }
    case BW_DO_DENSE_INPUT_GRADIENT: {
        const bw_dense_shape *s = &i->shape.dense;
        float *dx = TENSOR(y, i->lead * s->inputs);
        const float *dy = TENSOR(x, i->lead * s->outputs);
#if BW_SET == 512
        if (i->is_bfloat16) dense_input_gradient_bfloat16(s, rows, from, to, dy, p->parameters + i->w, dx);
        else
#endif
            dense_input_gradient(s, rows, from, to, dy, p->parameters + i->w, dx);
        if (i->is_fused)
            columns_unary_gradient(i, TENSOR(z, i->lead * s->inputs), dx, rows, s->inputs, from, to);
        break;
    }
    case BW_DO_CONVOLUTION: {
        bw_convolution_shape s = i->shape.convolution; // lines [from, to) of the output
        const ptrdiff_t in_line = s.in_width * s.in_channels, out_line = s.out_width * s.out_channels;
        const float *x = TENSOR(x, s.in_height * in_line) + from * s.stride_height * in_line;
        float *y = TENSOR(y, s.out_height * out_line) + from * out_line;
        s.out_height = to - from;
        convolution(&s, n, x, (i->is_mirrored ? p->mirrors : p->parameters) + i->w, PARAMETER(bias), y);
        if (i->is_fused) unary((bw_unary_kind)i->kind, i->constant, y, y, n * s.out_height * out_line);
        break;
    }
    case BW_DO_PAD: {
        bw_pad_shape s = i->shape.pad; // lines [from, to) of the output
        float *y = TENSOR(y, s.out_height * s.out_width * s.channels) + from * s.out_width * s.channels;
        s.top -= from, s.out_height = to - from;
        pad(&s, n, TENSOR(x, s.height * s.width * s.channels), y);
        break;
    }
    case BW_DO_UNARY:
        unary((bw_unary_kind)i->kind, i->constant, TENSOR(x, size) + from, TENSOR(y, size) + from,
              n * size - (size - (to - from)));
        break;
    case BW_DO_UNARY_GRADIENT:
        unary_gradient((bw_unary_kind)i->kind, i->constant, TENSOR(z, size) + from, TENSOR(x, size) + from,
                       TENSOR(y, size) + from, n * size - (size - (to - from)));
        break;
    case BW_DO_BINARY:
        binary((bw_binary_kind)i->kind, TENSOR(x, size) + from, TENSOR(z, size) + from, TENSOR(y, size) + from,
               n * size - (size - (to - from)));
        break;
    case BW_DO_BINARY_VECTOR:
        binary_vector((bw_binary_kind)i->kind, TENSOR(x, size), p->parameters + i->w, TENSOR(y, size), rows, i->width);
        break;
    case BW_DO_SCALE_AND_SHIFT:
        scale_and_shift(i, TENSOR(x, size), p->parameters + i->w, p->parameters + i->bias, TENSOR(y, size), rows);
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
        bw_pool_shape s = i->shape.pool; // lines [from, to) of the pooled image, and what they pool
        const ptrdiff_t in = s.height * s.width * s.channels, out = s.out_height * s.out_width * s.channels;
        const ptrdiff_t line = from * s.stride_height * s.width * s.channels, pooled = from * s.out_width * s.channels;
        if (to < s.out_height || from > 0) {
            s.height = (to < s.out_height ? to * s.stride_height : s.height) - from * s.stride_height;
            s.out_height = to - from;
        }
        if (i->operation == BW_DO_MAX_POOL) max_pool(&s, n, TENSOR(x, in) + line, TENSOR(y, out) + pooled);
        else if (i->operation == BW_DO_MAX_POOL_GRADIENT)
            max_pool_gradient(&s, n, TENSOR(x, in) + line, TENSOR(z, out) + pooled, TENSOR(y, in) + line);
        else if (i->operation == BW_DO_AVERAGE_POOL) average_pool(&s, n, TENSOR(x, in) + line, TENSOR(y, out) + pooled);
        else average_pool_gradient(&s, n, TENSOR(x, out) + pooled, TENSOR(y, in) + line);
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
        const float *x = TENSOR(x, in) + from;
        if (i->operation == BW_DO_GHOST_MOMENTS)
            ghost_moments(x, TENSOR(y, moments) + from, n, s->positions, s->channels, to - from, s->parts, i->constant);
        else if (i->operation == BW_DO_GHOST_NORMALISE)
            ghost_normalise(x, TENSOR(z, moments) + from, TENSOR(y, in) + from, n, s->positions, s->channels, to - from,
                            s->parts);
        else
            ghost_normalise_gradient(TENSOR(v, in) + from, TENSOR(z, moments) + from, x, TENSOR(y, in) + from, n,
                                     s->positions, s->channels, to - from, s->parts);
        break;
    }
    case BW_DO_BATCH_SUMS: {
        const bw_normalisation_shape *s = &i->shape.normalisation;
        const ptrdiff_t in = s->positions * s->channels;
        if (i->lead >= p->known)
            grain_sums(TENSOR(x, in), TENSOR(z, in), p->start + first, n, p->grain, s->positions, s->channels, p->sums);
        break;
    }
    case BW_DO_BATCH_NORMALISE:
    case BW_DO_BATCH_NORMALISE_GRADIENT: {
        const bw_normalisation_shape *s = &i->shape.normalisation;
        const ptrdiff_t in = s->positions * s->channels;
        const float *moments = p->moments + i->w;
        if (i->operation == BW_DO_BATCH_NORMALISE)
            batch_normalise(TENSOR(x, in), moments, TENSOR(y, in), n * s->positions, s->channels);
        else
            batch_normalise_gradient(TENSOR(v, in), moments, TENSOR(x, in), TENSOR(y, in), n * s->positions, s->channels);
        break;
    }
    case BW_DO_RUNNING_NORMALISE:
        running_normalise(TENSOR(x, size), PARAMETER(bias), p->parameters + i->w, TENSOR(y, size), rows, i->width,
                          i->constant);
        break;
    case BW_DO_EMBEDDING: embedding(TENSOR(x, i->lead), p->parameters + i->w, TENSOR(y, size), rows, i->width); break;
    case BW_DO_SOFTMAX_CROSS_ENTROPY:
        softmax_cross_entropy(TENSOR(x, size), TENSOR(z, i->kind), i->kind, TENSOR(u, 1), i->constant, TENSOR(v, 2),
                              OPTIONAL(y, size), n, size);
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
    case BW_DO_PAIR_ROWS:
#if BW_SET == 512
        pair_rows(TENSOR(x, size), rows, i->width, p->arena + i->y + first * i->lead / 2 * i->width);
#endif
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

// What the workers share an instruction by, where not by rows: columns, channels, or lines and numbers of one example.
static ptrdiff_t shared_parts(const bw_instruction *i) {
    switch (i->operation) {
    case BW_DO_DENSE: return i->shape.dense.outputs;
    case BW_DO_DENSE_INPUT_GRADIENT: return i->shape.dense.inputs;
    case BW_DO_GHOST_MOMENTS:
    case BW_DO_GHOST_NORMALISE:
    case BW_DO_GHOST_NORMALISE_GRADIENT: return i->shape.normalisation.channels;
    case BW_DO_CONVOLUTION: return i->shape.convolution.out_height;
    case BW_DO_PAD: return i->shape.pad.out_height;
    case BW_DO_MAX_POOL:
    case BW_DO_MAX_POOL_GRADIENT:
    case BW_DO_AVERAGE_POOL:
    case BW_DO_AVERAGE_POOL_GRADIENT: return i->shape.pool.out_height;
    default: return i->width;
    }
}
static int is_in_lines(bw_operation operation) {
    return operation == BW_DO_CONVOLUTION || operation == BW_DO_PAD ||
           (operation >= BW_DO_MAX_POOL && operation <= BW_DO_AVERAGE_POOL_GRADIENT);
}

static void run(const bw_pass *p) {
    for (const bw_instruction *i = p->instructions; i < p->instructions + p->count; i++) {
        if (i->meets && p->team) bw_team_meet(p->team, p->worker);
        const ptrdiff_t parts = shared_parts(i);
        if (i->by_columns && p->team) {
            const int lines = is_in_lines(i->operation);
            const ptrdiff_t from = lines ? parts * p->worker / p->workers : bw_first_column(parts, p->worker, p->workers);
            const ptrdiff_t to =
                lines ? parts * (p->worker + 1) / p->workers : bw_first_column(parts, p->worker + 1, p->workers);
            if (from < to || i->operation == BW_DO_GUARD) run_one(p, i, 0, p->rows, from, to);
        } else {
            run_one(p, i, p->first, p->last - p->first, 0, parts);
        }
    }
}
