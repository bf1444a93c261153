// Hogwild [Niu 2011]: threads that change the same weights without locks. See bw_hogwild_updates.
#pragma once
#include "linear.h"

// A thread may read a weight while another writes it, and gets the number of before or after. Where two write one at once,
// the change of one of them is lost. Relaxed atomics of one float are plain loads and stores, and no data race.
INLINE float get_shared(const float *place) {
    float number;
    __atomic_load(place, &number, __ATOMIC_RELAXED);
    return number;
}
INLINE void put_shared(float *place, float number) { __atomic_store(place, &number, __ATOMIC_RELAXED); }

// Four sums beside each other: the bits depend on timing anyhow, so the order of sparse_dot, which is slower, need not be kept.
INLINE float shared_dot(sparse_row x, const float *w) {
    float s[4] = {0};
    ptrdiff_t i = 0;
    for (; i + 4 <= x.count; i += 4)
        UNROLL for (int j = 0; j < 4; j++)
            s[j] = __builtin_elementwise_fma(x.values[i + j], get_shared(w + x.columns[i + j]), s[j]);
    for (; i < x.count; i++) s[0] = __builtin_elementwise_fma(x.values[i], get_shared(w + x.columns[i]), s[0]);
    return (s[0] + s[1]) + (s[2] + s[3]);
}
// Adds factor * x to the weights.
INLINE void shared_add(sparse_row x, float factor, float *w) {
    for (ptrdiff_t i = 0; i < x.count; i++) {
        float *place = w + x.columns[i];
        put_shared(place, __builtin_elementwise_fma(x.values[i], factor, get_shared(place)));
    }
}
// Adds what a thread has changed its copy of a number by. Nothing is lost here; where nobody else has changed the number, it
// becomes the copy.
INLINE void merge(float *place, float before, float now) {
    float found = before, next = now;
    while (!__atomic_compare_exchange(place, &found, &next, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        next = found == before ? now : found + (now - before);
}

// Every example changes the bias: threads that all wrote to one place would wait for it at each update. So each has a copy
// during a call. Weights are not asked for ahead of their use: the lines that a core has fetched early are taken from it by
// the others before it comes to them.
static ptrdiff_t hogwild_updates(const bw_linear *m, const uint64_t *examples, const float *rates, ptrdiff_t count,
                                 float *losses) {
    const bw_rows *rows = &m->rows;
    const ptrdiff_t width = rows->width, outputs = m->outputs, target_width = m->classes ? 1 : outputs;
    float predictions[BW_LINEAR_UPDATES * BW_NARROW], targets[BW_LINEAR_UPDATES * BW_NARROW], dy[BW_NARROW];
    float before[BW_NARROW] = {0}, bias[BW_NARROW] = {0};
    for (ptrdiff_t o = 0; m->bias && o < outputs; o++) before[o] = bias[o] = get_shared(m->bias + o);
    ptrdiff_t done = 0;
    for (; done < count && done < BW_LINEAR_UPDATES; done++) {
        const uint64_t example = examples[done];
        const sparse_row row = row_of(rows, example);
        float *y = predictions + done * outputs, *target = targets + done * target_width;
        if (done + 2 < count) prefetch_row(rows, examples[done + 2]);
        if (m->classes) target[0] = (float)m->classes[example];
        else for (ptrdiff_t o = 0; o < outputs; o++) target[o] = m->targets[(ptrdiff_t)example * outputs + o];
        for (ptrdiff_t o = 0; o < outputs; o++) y[o] = shared_dot(row, m->w + o * width) + bias[o];
        const float weight = m->weights ? (float)((double)m->weights[example] / m->mean_weight) : 1;
        if (!slopes(m, y, target, weight, dy)) break;
        for (ptrdiff_t o = 0; o < outputs; o++) {
            shared_add(row, -rates[done] * dy[o], m->w + o * width);
            if (m->bias) bias[o] -= rates[done] * dy[o];
        }
    }
    for (ptrdiff_t o = 0; m->bias && o < outputs; o++) merge(m->bias + o, before[o], bias[o]);
    write_losses(m, predictions, targets, done, losses);
    return done;
}
