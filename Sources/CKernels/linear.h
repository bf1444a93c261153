// Linear models at batches of one: see bw_linear.
#pragma once
#include "loading.h"
#include "losses.h"
#include "sgd.h"
#include "sparse.h"
#include "update.h"

// Writes the slopes of the loss at the predictions y, times the weight of the example. Returns 0 where a slope or a prediction is not finite or too large.
INLINE int slopes(const bw_linear *m, const float *y, const float *target, float weight, float *dy) {
    const ptrdiff_t outputs = m->outputs;
    if (m->loss == BW_DO_SOFTMAX_CROSS_ENTROPY) {
        float loss[2];
        softmax_cross_entropy(y, target, 1, &weight, m->constant, loss, dy, 1, outputs);
    } else if (m->loss == BW_DO_BINARY_CROSS_ENTROPY && outputs == 1) {
        dy[0] = binary_slope(splat(y[0]), splat(target[0]), splat(weight))[0];
    } else if (m->loss == BW_DO_MEAN_SQUARED_ERROR && outputs == 1) {
        dy[0] = squared_slope(splat(y[0]), splat(target[0]), splat(weight), m->constant)[0];
    } else {
        float loss[2];
        if (m->loss == BW_DO_BINARY_CROSS_ENTROPY) binary_cross_entropy(y, target, &weight, loss, dy, 1, outputs);
        else mean_squared_error(y, target, &weight, m->constant, loss, dy, 1, outputs);
    }
    for (ptrdiff_t o = 0; o < outputs; o++)
        if (!(fabsf(dy[o]) <= m->largest_slope && fabsf(y[o]) <= 1e30f)) return 0;
    return 1;
}
static void write_losses(const bw_linear *m, const float *y, const float *targets, ptrdiff_t count, float *losses) {
    switch (m->loss) {
    case BW_DO_SOFTMAX_CROSS_ENTROPY:
        softmax_cross_entropy(y, targets, 1, NULL, m->constant, losses, NULL, count, m->outputs);
        break;
    case BW_DO_BINARY_CROSS_ENTROPY: binary_cross_entropy(y, targets, NULL, losses, NULL, count, m->outputs); break;
    default: mean_squared_error(y, targets, NULL, m->constant, losses, NULL, count, m->outputs); break;
    }
}

static ptrdiff_t linear_updates(const bw_linear *m, const uint64_t *examples, const float *rates, ptrdiff_t count,
                                float *losses) {
    const bw_rows *rows = &m->rows;
    const ptrdiff_t width = rows->width, outputs = m->outputs, target_width = m->classes ? 1 : outputs;
    const bw_dense_shape shape = {width, outputs, 0};
    bw_step options = m->step, bias_options = m->step;
    set_decay(&options, m->w_decay);
    set_decay(&bias_options, m->bias_decay);
    // without velocity and decay, the weights of features that are zero do not change
    const int is_sparse =
        rows->kind == BW_SPARSE && !m->w_velocity && options.coupled_decay == 0 && options.decoupled_decay == 0;
    float predictions[BW_LINEAR_UPDATES * BW_NARROW], targets[BW_LINEAR_UPDATES * BW_NARROW], dy[BW_NARROW];
    ptrdiff_t done = 0;
    for (; done < count && done < BW_LINEAR_UPDATES; done++) {
        const uint64_t example = examples[done];
        float *y = predictions + done * outputs, *target = targets + done * target_width;
        if (is_sparse && done + 2 < count) prefetch_row(rows, examples[done + 2]);
        if (m->classes) target[0] = (float)m->classes[example];
        else for (ptrdiff_t o = 0; o < outputs; o++) target[o] = m->targets[(ptrdiff_t)example * outputs + o];
        const float *x = m->row;
        if (is_sparse) {
            dense_sparse(&shape, rows, &example, 1, 0, outputs, m->w, m->bias, y);
        } else {
            if (rows->kind == BW_FLOATS) x = rows->floats + (ptrdiff_t)example * width;
            else gather(rows, &example, 1, m->row);
            dense_narrow(&shape, 1, x, m->w, m->bias, y);
        }
        const float weight = m->weights ? (float)((double)m->weights[example] / m->mean_weight) : 1;
        if (!slopes(m, y, target, weight, dy)) break;
        options.rate = bias_options.rate = rates[done];
        if (is_sparse) {
            const sparse_row row = row_of(rows, example);
            for (ptrdiff_t o = 0; o < outputs; o++)
                for (ptrdiff_t i = 0; i < row.count; i++) {
                    float *w = m->w + o * width + row.columns[i];
                    const float g = __builtin_elementwise_fma(0.0f, *w, __builtin_elementwise_fma(row.values[i], dy[o], 0.0f));
                    *w = __builtin_elementwise_fma(-rates[done], g, *w);
                }
        } else {
            sgd_outer(&options, dy, x, m->w, m->w_velocity, outputs, width);
        }
        if (m->bias) sgd(&bias_options, dy, m->bias, m->bias_velocity, outputs);
    }
    write_losses(m, predictions, targets, done, losses); // of all updates together, which is faster
    return done;
}
