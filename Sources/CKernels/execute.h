// Executes a program: one switch over its instructions, compiled with all kernels of the instruction set, so that they are inlined or
// called directly.
#pragma once
#include "bfloat16.h"
#include "convolutions.h"
#include "coupled.h"
#include "dense.h"
#include "elementwise.h"
#include "embedding.h"
#include "exchange.h"
#include "images.h"
#include "include/CKernels.h"
#include "losses.h"
#include "normalise.h"
#include "sparse.h"
#include "tangents.h"

INLINE float *tensor(const bw_execution *e, ptrdiff_t offset, ptrdiff_t floats) { return e->arena + offset + floats; }
INLINE float *optional(const bw_execution *e, ptrdiff_t offset, ptrdiff_t floats) {
    return offset == BW_NONE ? NULL : tensor(e, offset, floats);
}
INLINE const float *parameter(const bw_execution *e, ptrdiff_t offset) {
    return offset == BW_NONE ? NULL : e->parameters + offset;
}

// The fused unary function of columns [from, to) of each row.
static void columns_unary(const bw_instruction *op, float *y, ptrdiff_t rows, ptrdiff_t width, ptrdiff_t from,
                          ptrdiff_t to) {
    if (from == 0 && to == width) { unary(op->unary, op->constant, y, y, rows * width); return; }
    for (ptrdiff_t r = 0; r < rows; r++)
        unary(op->unary, op->constant, y + r * width + from, y + r * width + from, to - from);
}
static void columns_unary_gradient(const bw_instruction *op, const float *reference, float *dx, ptrdiff_t rows,
                                   ptrdiff_t width, ptrdiff_t from, ptrdiff_t to) {
    if (from == 0 && to == width) {
        unary_gradient(op->unary, op->constant, reference, dx, dx, rows * width);
        return;
    }
    for (ptrdiff_t r = 0; r < rows; r++) {
        const ptrdiff_t at = r * width + from;
        unary_gradient(op->unary, op->constant, reference + at, dx + at, dx + at, to - from);
    }
}

// y = x gains + shifts after a normalisation, with the same roundings as in two instructions.
static void scale_and_shift(const bw_instruction *op, const float *x, const float *gains, const float *shifts, float *y,
                            ptrdiff_t rows) {
    const ptrdiff_t width = op->width;
    const int is_rectified = op->is_fused && op->unary == BW_RELU;
    for (ptrdiff_t r = 0; r < rows; r++, x += width, y += width) {
        if (is_rectified)
            EACH(i, width, v16 v = GET(x, i) * GET(gains, i) + GET(shifts, i); PUT(y, i, unary_value(BW_RELU, v, v)););
        else EACH(i, width, PUT(y, i, GET(x, i) * GET(gains, i) + GET(shifts, i)););
        if (op->is_fused && !is_rectified) unary(op->unary, op->constant, y, y, width);
    }
}

// Runs one instruction on the examples [first, first + n) and on its parts [from, to): see shared_parts.
static void execute_one(const bw_execution *e, const bw_instruction *op, ptrdiff_t first, ptrdiff_t n, ptrdiff_t from,
                    ptrdiff_t to) {
    const ptrdiff_t size = op->example_rows * op->width, rows = n * op->example_rows;
    if (n == 0 && op->operation != BW_DO_GUARD) return;
    switch (op->operation) {
    case BW_DO_DENSE: {
        const bw_dense_shape *s = &op->shape.dense;
        float *y = tensor(e, op->y, first * op->example_rows * s->outputs);
        const float *x = optional(e, op->x, first * op->example_rows * s->inputs);
        if (!x) dense_sparse(s, e->sparse, e->examples + first, n, from, to, e->parameters + op->weight, parameter(e, op->bias), y);
        else
#if BW_SET == 512
        if (op->is_bfloat16) dense_bfloat16(s, rows, from, to, x, e->parameters + op->weight, parameter(e, op->bias), y);
        else
#endif
            dense(s, rows, from, to, x, e->parameters + op->weight, parameter(e, op->bias), y);
        if (op->is_fused) columns_unary(op, y, rows, s->outputs, from, to);
        break;
    }
    case BW_DO_DENSE_INPUT_GRADIENT: {
        const bw_dense_shape *s = &op->shape.dense;
        float *dx = tensor(e, op->y, first * op->example_rows * s->inputs);
        const float *dy = tensor(e, op->x, first * op->example_rows * s->outputs);
#if BW_SET == 512
        if (op->is_bfloat16) dense_input_gradient_bfloat16(s, rows, from, to, dy, e->parameters + op->weight, dx);
        else
#endif
            dense_input_gradient(s, rows, from, to, dy, e->parameters + op->weight, dx);
        if (op->is_fused)
            columns_unary_gradient(op, tensor(e, op->z, first * op->example_rows * s->inputs), dx, rows, s->inputs, from, to);
        break;
    }
    case BW_DO_CONVOLUTION: {
        bw_convolution_shape s = op->shape.convolution; // lines [from, to) of the output
        const ptrdiff_t in_line = s.in_width * s.in_channels, out_line = s.out_width * s.out_channels;
        const float *x = tensor(e, op->x, first * s.in_height * in_line) + from * s.stride_height * in_line;
        float *y = tensor(e, op->y, first * s.out_height * out_line) + from * out_line;
        s.out_height = to - from;
        convolution(&s, n, x, (op->is_mirrored ? e->mirrors : e->parameters) + op->weight, parameter(e, op->bias), y);
        if (op->is_fused) unary(op->unary, op->constant, y, y, n * s.out_height * out_line);
        break;
    }
    case BW_DO_PAD: {
        bw_pad_shape s = op->shape.pad; // lines [from, to) of the output
        float *y = tensor(e, op->y, first * s.out_height * s.out_width * s.channels) + from * s.out_width * s.channels;
        s.top -= from, s.out_height = to - from;
        pad(&s, n, tensor(e, op->x, first * s.height * s.width * s.channels), y);
        break;
    }
    case BW_DO_UNARY:
        unary(op->unary, op->constant, tensor(e, op->x, first * size) + from, tensor(e, op->y, first * size) + from,
              n * size - (size - (to - from)));
        break;
    case BW_DO_UNARY_GRADIENT:
        unary_gradient(op->unary, op->constant, tensor(e, op->z, first * size) + from, tensor(e, op->x, first * size) + from,
                       tensor(e, op->y, first * size) + from, n * size - (size - (to - from)));
        break;
    case BW_DO_BINARY:
        binary(op->binary, tensor(e, op->x, first * size) + from, tensor(e, op->z, first * size) + from, tensor(e, op->y, first * size) + from,
               n * size - (size - (to - from)));
        break;
    case BW_DO_BINARY_VECTOR:
        binary_vector(op->binary, tensor(e, op->x, first * size), e->parameters + op->weight, tensor(e, op->y, first * size), rows, op->width);
        break;
    case BW_DO_SCALE_AND_SHIFT:
        scale_and_shift(op, tensor(e, op->x, first * size), e->parameters + op->weight, e->parameters + op->bias, tensor(e, op->y, first * size), rows);
        break;
    case BW_DO_BINARY_SCALAR:
        binary_scalar(op->binary, tensor(e, op->x, first * size), tensor(e, op->z, first * op->example_rows), tensor(e, op->y, first * size), rows, op->width);
        break;
    case BW_DO_DROPOUT:
        dropout(mix64(e->dropout_key ^ op->stream), op->constant, e->examples + first, tensor(e, op->x, first * size), tensor(e, op->y, first * size), n,
                size);
        break;
    case BW_DO_SUM_LAST: sum_last(tensor(e, op->x, first * size), tensor(e, op->y, first * op->example_rows), rows, op->width); break;
    case BW_DO_TRANSPOSE:
        for (ptrdiff_t i = first; i < first + n; i++)
            transpose(tensor(e, op->x, i * size), op->example_rows, op->width, op->width, tensor(e, op->y, i * size),
                      op->example_rows);
        break;
    case BW_DO_SPREAD_LAST: spread_last(tensor(e, op->x, first * op->example_rows), tensor(e, op->y, first * size), rows, op->width); break;
    case BW_DO_MAX_POOL:
    case BW_DO_MAX_POOL_GRADIENT:
    case BW_DO_MAX_POOL_TANGENT:
    case BW_DO_AVERAGE_POOL:
    case BW_DO_AVERAGE_POOL_GRADIENT: {
        bw_pool_shape s = op->shape.pool; // lines [from, to) of the pooled image, and the lines that they pool
        const ptrdiff_t in = s.height * s.width * s.channels, out = s.out_height * s.out_width * s.channels;
        const ptrdiff_t line = from * s.stride_height * s.width * s.channels, pooled = from * s.out_width * s.channels;
        if (to < s.out_height || from > 0) {
            s.height = (to < s.out_height ? to * s.stride_height : s.height) - from * s.stride_height;
            s.out_height = to - from;
        }
        if (op->operation == BW_DO_MAX_POOL) max_pool(&s, n, tensor(e, op->x, first * in) + line, tensor(e, op->y, first * out) + pooled);
        else if (op->operation == BW_DO_MAX_POOL_GRADIENT)
            max_pool_gradient(&s, n, tensor(e, op->x, first * in) + line, tensor(e, op->z, first * out) + pooled, tensor(e, op->y, first * in) + line);
        else if (op->operation == BW_DO_MAX_POOL_TANGENT)
            max_pool_tangent(&s, n, tensor(e, op->x, first * in) + line, tensor(e, op->z, first * in) + line, tensor(e, op->y, first * out) + pooled);
        else if (op->operation == BW_DO_AVERAGE_POOL) average_pool(&s, n, tensor(e, op->x, first * in) + line, tensor(e, op->y, first * out) + pooled);
        else average_pool_gradient(&s, n, tensor(e, op->x, first * out) + pooled, tensor(e, op->y, first * in) + line);
        break;
    }
    case BW_DO_GROUP_MOMENTS:
    case BW_DO_GROUP_NORMALISE:
    case BW_DO_GROUP_NORMALISE_GRADIENT:
    case BW_DO_GROUP_NORMALISE_GRADIENT_TANGENT: {
        const bw_normalisation_shape *s = &op->shape.normalisation;
        const ptrdiff_t in = op->example_rows * s->positions * s->channels, moments = 2 * op->example_rows * s->parts;
        if (op->operation == BW_DO_GROUP_MOMENTS)
            group_moments(tensor(e, op->x, first * in), tensor(e, op->y, first * moments), rows, s->positions, s->channels, s->parts, op->constant);
        else if (op->operation == BW_DO_GROUP_NORMALISE)
            group_normalise(tensor(e, op->x, first * in), tensor(e, op->z, first * moments), tensor(e, op->y, first * in), rows, s->positions, s->channels, s->parts);
        else if (op->operation == BW_DO_GROUP_NORMALISE_GRADIENT_TANGENT)
            group_normalise_gradient_tangent(tensor(e, op->v, first * in), tensor(e, op->z, first * moments), tensor(e, op->x, first * in), tensor(e, op->u, first * in),
                                             tensor(e, op->y, first * in), rows, s->positions, s->channels, s->parts);
        else
            group_normalise_gradient(tensor(e, op->v, first * in), tensor(e, op->z, first * moments), tensor(e, op->x, first * in), tensor(e, op->y, first * in), rows,
                                     s->positions, s->channels, s->parts);
        break;
    }
    case BW_DO_GHOST_MOMENTS:
    case BW_DO_GHOST_NORMALISE:
    case BW_DO_GHOST_NORMALISE_GRADIENT:
    case BW_DO_GHOST_NORMALISE_GRADIENT_TANGENT: {
        const bw_normalisation_shape *s = &op->shape.normalisation;
        const ptrdiff_t in = s->positions * s->channels, moments = 2 * s->channels;
        const float *x = tensor(e, op->x, first * in) + from;
        if (op->operation == BW_DO_GHOST_MOMENTS)
            ghost_moments(x, tensor(e, op->y, first * moments) + from, n, s->positions, s->channels, to - from, s->parts, op->constant);
        else if (op->operation == BW_DO_GHOST_NORMALISE)
            ghost_normalise(x, tensor(e, op->z, first * moments) + from, tensor(e, op->y, first * in) + from, n, s->positions, s->channels, to - from,
                            s->parts);
        else if (op->operation == BW_DO_GHOST_NORMALISE_GRADIENT_TANGENT)
            ghost_normalise_gradient_tangent(tensor(e, op->v, first * in) + from, tensor(e, op->z, first * moments) + from, x, tensor(e, op->u, first * in) + from,
                                             tensor(e, op->y, first * in) + from, n, s->positions, s->channels, to - from, s->parts);
        else
            ghost_normalise_gradient(tensor(e, op->v, first * in) + from, tensor(e, op->z, first * moments) + from, x, tensor(e, op->y, first * in) + from, n,
                                     s->positions, s->channels, to - from, s->parts);
        break;
    }
    case BW_DO_BATCH_SUMS: {
        const bw_normalisation_shape *s = &op->shape.normalisation;
        const ptrdiff_t in = s->positions * s->channels;
        if (op->coupling >= e->coupled)
            grain_sums(tensor(e, op->x, first * in), tensor(e, op->z, first * in), e->start + first, n, e->grain, s->positions, s->channels, e->sums);
        break;
    }
    case BW_DO_BATCH_NORMALISE:
    case BW_DO_BATCH_NORMALISE_GRADIENT: {
        const bw_normalisation_shape *s = &op->shape.normalisation;
        const ptrdiff_t in = s->positions * s->channels;
        const float *moments = e->moments + op->moments;
        if (op->operation == BW_DO_BATCH_NORMALISE)
            batch_normalise(tensor(e, op->x, first * in), moments, tensor(e, op->y, first * in), n * s->positions, s->channels);
        else
            batch_normalise_gradient(tensor(e, op->v, first * in), moments, tensor(e, op->x, first * in), tensor(e, op->y, first * in), n * s->positions, s->channels);
        break;
    }
    case BW_DO_RUNNING_NORMALISE:
        running_normalise(tensor(e, op->x, first * size), parameter(e, op->bias), e->parameters + op->weight, tensor(e, op->y, first * size), rows, op->width,
                          op->constant);
        break;
    case BW_DO_EMBEDDING: embedding(tensor(e, op->x, first * op->example_rows), e->parameters + op->weight, tensor(e, op->y, first * size), rows, op->width); break;
    case BW_DO_SOFTMAX_CROSS_ENTROPY:
        softmax_cross_entropy(tensor(e, op->x, first * size), tensor(e, op->z, first * op->target_width), op->target_width, tensor(e, op->u, first), op->constant, tensor(e, op->v, first * 2),
                              optional(e, op->y, first * size), n, size);
        break;
    case BW_DO_BINARY_CROSS_ENTROPY:
        binary_cross_entropy(tensor(e, op->x, first * size), tensor(e, op->z, first * size), tensor(e, op->u, first), tensor(e, op->v, first * 2), optional(e, op->y, first * size), n, size);
        break;
    case BW_DO_MEAN_SQUARED_ERROR:
        mean_squared_error(tensor(e, op->x, first * size), tensor(e, op->z, first * size), tensor(e, op->u, first), op->constant, tensor(e, op->v, first * 2), optional(e, op->y, first * size),
                           n, size);
        break;
    case BW_DO_HUBER:
        huber(tensor(e, op->x, first * size), tensor(e, op->z, first * size), tensor(e, op->u, first), op->constant, tensor(e, op->v, first * 2), optional(e, op->y, first * size), n, size);
        break;
    case BW_DO_SOFTMAX_CROSS_ENTROPY_TANGENT:
        softmax_cross_entropy_tangent(tensor(e, op->x, first * size), tensor(e, op->u, first), tensor(e, op->v, first * size), tensor(e, op->y, first * size), n, size);
        break;
    case BW_DO_BINARY_CROSS_ENTROPY_TANGENT:
        binary_cross_entropy_tangent(tensor(e, op->x, first * size), tensor(e, op->u, first), tensor(e, op->v, first * size), tensor(e, op->y, first * size), n, size);
        break;
    case BW_DO_MEAN_SQUARED_ERROR_TANGENT:
        mean_squared_error_tangent(tensor(e, op->u, first), tensor(e, op->v, first * size), op->constant, tensor(e, op->y, first * size), n, size);
        break;
    case BW_DO_HUBER_TANGENT:
        huber_tangent(tensor(e, op->x, first * size), tensor(e, op->z, first * size), tensor(e, op->u, first), tensor(e, op->v, first * size), op->constant,
                      tensor(e, op->y, first * size), n, size);
        break;
    case BW_DO_PAIR_ROWS:
#if BW_SET == 512
        pair_rows(tensor(e, op->x, first * size), rows, op->width, e->arena + op->y + first * op->example_rows / 2 * op->width);
#endif
        break;
    case BW_DO_GUARD: {
        const float *x = tensor(e, op->x, first * size);
        float largest = 0;
        if (from == 0 && to == op->width) largest = largest_magnitude(x, n * size);
        else
            for (ptrdiff_t r = 0; r < rows; r++) {
                const float found = largest_magnitude(x + r * op->width + from, to - from);
                largest = found > largest || found != found ? found : largest;
            }
        e->magnitudes[op->magnitude] = largest;
        break;
    }
    }
}

// The number of parts of an instruction that workers may share instead of rows: columns, channels, or lines or numbers
// of one example.
static ptrdiff_t shared_parts(const bw_instruction *op) {
    switch (op->operation) {
    case BW_DO_DENSE: return op->shape.dense.outputs;
    case BW_DO_DENSE_INPUT_GRADIENT: return op->shape.dense.inputs;
    case BW_DO_GHOST_MOMENTS:
    case BW_DO_GHOST_NORMALISE:
    case BW_DO_GHOST_NORMALISE_GRADIENT:
    case BW_DO_GHOST_NORMALISE_GRADIENT_TANGENT: return op->shape.normalisation.channels;
    case BW_DO_CONVOLUTION: return op->shape.convolution.out_height;
    case BW_DO_PAD: return op->shape.pad.out_height;
    case BW_DO_MAX_POOL:
    case BW_DO_MAX_POOL_GRADIENT:
    case BW_DO_MAX_POOL_TANGENT:
    case BW_DO_AVERAGE_POOL:
    case BW_DO_AVERAGE_POOL_GRADIENT: return op->shape.pool.out_height;
    default: return op->width;
    }
}
static int is_in_lines(bw_operation operation) {
    return operation == BW_DO_CONVOLUTION || operation == BW_DO_PAD ||
           (operation >= BW_DO_MAX_POOL && operation <= BW_DO_AVERAGE_POOL_GRADIENT);
}

static void execute(const bw_execution *e) {
    for (const bw_instruction *op = e->instructions; op < e->instructions + e->count; op++) {
        if (op->meets && e->team) bw_team_meet(e->team, e->worker);
        const ptrdiff_t parts = shared_parts(op);
        if (op->by_columns && e->team) {
            const int lines = is_in_lines(op->operation);
            const ptrdiff_t from = lines ? parts * e->worker / e->workers : bw_first_column(parts, e->worker, e->workers);
            const ptrdiff_t to =
                lines ? parts * (e->worker + 1) / e->workers : bw_first_column(parts, e->worker + 1, e->workers);
            if (from < to || op->operation == BW_DO_GUARD) execute_one(e, op, 0, e->rows, from, to);
        } else {
            execute_one(e, op, e->first, e->last - e->first, 0, parts);
        }
    }
}
