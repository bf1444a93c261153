// Losses with their gradients: a row is read while it is in the nearest cache.
#pragma once
#include "lanes.h"

// exp(logit - largest) of a row into `out` (which may be null); their sum is returned. A NaN in the row makes it NaN.
INLINE float exponentials(const float *row, float *out, ptrdiff_t classes, float *largest) {
    const v16 count = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    v16 most = splat(-INFINITY);
    EACH(i, classes, v16 v = GET(row, i); if (i.count < 16) v = count < splat((float)i.count) ? v : splat(-INFINITY);
         most = max16(v, most););
    const float top = largest16(most);
    v16 sum = splat(0);
    EACH(i, classes, v16 v = exp16(GET(row, i) - splat(top)); if (i.count < 16) v = count < splat((float)i.count) ? v : splat(0);
         sum += v; if (out) PUT(out, i, v););
    *largest = top;
    return sum16(sum);
}
// A target is a class number, or a mixture of two: both numbers and the part of the first.
typedef struct { ptrdiff_t target, other; float part; } mixture;
INLINE mixture mixture_of(const float *targets, ptrdiff_t width, ptrdiff_t r) {
    const float *t = targets + r * width; // data sets have checked that class numbers are in range
    if (width == 1) return (mixture){(ptrdiff_t)t[0], (ptrdiff_t)t[0], 1};
    return (mixture){(ptrdiff_t)t[0], (ptrdiff_t)t[1], t[2]};
}
static void softmax_cross_entropy(const float *logits, const float *targets, ptrdiff_t target_width,
                                  const float *weights, float smoothing, float *losses, float *dx, ptrdiff_t rows,
                                  ptrdiff_t classes) {
    const float even = smoothing / (float)classes;
    float sums[16], largest[16];
    for (ptrdiff_t first = 0; first < rows; first += 16) {
        const ptrdiff_t part = rows - first < 16 ? rows - first : 16;
        for (ptrdiff_t e = 0; e < part; e++) {
            const ptrdiff_t r = first + e;
            const mixture m = mixture_of(targets, target_width, r);
            float *out = dx ? dx + r * classes : NULL;
            sums[e] = exponentials(logits + r * classes, out, classes, &largest[e]);
            if (!out) continue;
            const float weight = weights[r], scale = 1.0f / sums[e];
            EACH(i, classes, PUT(out, i, splat(weight) * (fma16(GET(out, i), splat(scale), splat(-even)))););
            out[m.target] -= weight * (1 - smoothing) * m.part;
            if (target_width > 1) out[m.other] -= weight * (1 - smoothing) * (1 - m.part);
        }
        const v16 log = log16(load_some(sums, part)) + load_some(largest, part);
        for (ptrdiff_t e = 0; e < part; e++) {
            const ptrdiff_t r = first + e;
            const mixture m = mixture_of(targets, target_width, r);
            const ptrdiff_t target = m.part >= 0.5f ? m.target : m.other;
            const float *row = logits + r * classes;
            float loss = log[e] - (1 - smoothing) * (target_width == 1 ? row[target]
                                                                       : m.part * row[m.target] + (1 - m.part) * row[m.other]);
            if (smoothing > 0) {
                v16 total = splat(0);
                EACH(i, classes, total += GET(row, i););
                loss -= even * sum16(total);
            }
            int right = row[target] == largest[e]; // the first largest logit is the prediction
            for (ptrdiff_t c = 0; c < target; c++) right &= row[c] != largest[e];
            losses[2 * r] = loss;
            losses[2 * r + 1] = (float)right;
        }
    }
}
// The slopes of losses of single numbers, times the weight.
INLINE v16 binary_slope(v16 x, v16 target, v16 weight) { return weight * (sigmoid16(x) - target); }
INLINE v16 squared_slope(v16 prediction, v16 target, v16 weight, float factor) {
    return splat(2 * factor) * weight * (prediction - target);
}
// log(1 + e^x) without overflow, less target * x.
INLINE v16 binary_loss(v16 x, v16 target) { return max16(x, splat(0)) - x * target + log1p16(exp16(-abs16(x))); }
static void binary_cross_entropy(const float *logits, const float *targets, const float *weights, float *losses,
                                 float *dx, ptrdiff_t rows, ptrdiff_t width) {
    const float per_output = 1.0f / (float)width;
    if (width == 1) { // the same arithmetic for sixteen rows at a time
        EACH(i, rows, v16 x = GET(logits, i); v16 t = GET(targets, i); v16 loss = binary_loss(x, t);
             for (ptrdiff_t e = 0; e < i.count; e++) {
                 losses[2 * (i.at + e)] = loss[e];
                 losses[2 * (i.at + e) + 1] = (x[e] > 0) == (t[e] > 0.5f);
             }
             if (dx) PUT(dx, i, binary_slope(x, t, GET(weights, i))););
        return;
    }
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *row = logits + r * width, *target = targets + r * width;
        v16 sum = splat(0);
        int right = 1;
        EACH(i, width, v16 x = GET(row, i); v16 t = GET(target, i); sum += first_of(binary_loss(x, t), i););
        for (ptrdiff_t c = 0; c < width; c++) right &= (row[c] > 0) == (target[c] > 0.5f);
        losses[2 * r] = sum16(sum) * per_output;
        losses[2 * r + 1] = (float)right;
        if (!dx) continue;
        float *out = dx + r * width;
        EACH(i, width, PUT(out, i, splat(weights[r] * per_output) * (sigmoid16(GET(row, i)) - GET(target, i))););
    }
}
static void mean_squared_error(const float *predictions, const float *targets, const float *weights, float factor,
                               float *losses, float *dx, ptrdiff_t rows, ptrdiff_t width) {
    const float per_output = factor / (float)width;
    if (width == 1) { // the same arithmetic for sixteen rows at a time
        EACH(i, rows, v16 d = GET(predictions, i) - GET(targets, i); v16 loss = fma16(d, d, splat(0)) * splat(per_output);
             for (ptrdiff_t e = 0; e < i.count; e++) losses[2 * (i.at + e)] = loss[e], losses[2 * (i.at + e) + 1] = 0;
             if (dx) PUT(dx, i, squared_slope(GET(predictions, i), GET(targets, i), GET(weights, i), per_output)););
        return;
    }
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *row = predictions + r * width, *target = targets + r * width;
        v16 sum = splat(0);
        EACH(i, width, v16 d = GET(row, i) - GET(target, i); sum = fma16(d, d, sum););
        losses[2 * r] = sum16(sum) * per_output;
        losses[2 * r + 1] = 0;
        if (!dx) continue;
        float *out = dx + r * width;
        EACH(i, width, PUT(out, i, splat(2 * per_output * weights[r]) * (GET(row, i) - GET(target, i))););
    }
}
static void huber(const float *predictions, const float *targets, const float *weights, float delta, float *losses,
                  float *dx, ptrdiff_t rows, ptrdiff_t width) {
    const float per_output = 1.0f / (float)width;
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *row = predictions + r * width, *target = targets + r * width;
        v16 sum = splat(0);
        EACH(i, width, v16 d = GET(row, i) - GET(target, i); v16 size = abs16(d);
             v16 inner = splat(0.5f) * d * d; v16 outer = splat(delta) * (size - splat(0.5f * delta));
             sum += size > splat(delta) ? outer : inner;);
        losses[2 * r] = sum16(sum) * per_output;
        losses[2 * r + 1] = 0;
        if (!dx) continue;
        float *out = dx + r * width;
        EACH(i, width, v16 d = max16(min16(GET(row, i) - GET(target, i), splat(delta)), splat(-delta));
             PUT(out, i, splat(per_output * weights[r]) * d););
    }
}
