// Losses with their gradients: one pass over a row while it is in the nearest cache.
#include "lanes.h"

// exp(logit - largest) of a row into `out` (which may be null); their sum is returned.
INLINE float exponentials(const float *row, float *out, ptrdiff_t classes, float *largest) {
    v16 most = splat(-INFINITY);
    EACH(classes, v16 v = load_some(row + i, part); if (part < 16) for (int e = (int)part; e < 16; e++) v[e] = -INFINITY;
         most = v > most || v != v ? v : most;);
    float top = most[0];
    for (int e = 1; e < 16; e++) top = most[e] > top || most[e] != most[e] ? most[e] : top;
    v16 sum = splat(0);
    EACH(classes, v16 v = exp16(GET(row) - splat(top)); if (part < 16) for (int e = (int)part; e < 16; e++) v[e] = 0;
         sum += v; if (out) PUT(out, v););
    *largest = top;
    return sum16(sum);
}
static void softmax_cross_entropy(const float *logits, const float *targets, const float *weights, float smoothing,
                                  float *losses, float *dx, ptrdiff_t rows, ptrdiff_t classes) {
    const float even = smoothing / (float)classes;
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *row = logits + r * classes;
        float *out = dx ? dx + r * classes : NULL, largest;
        const float sum = exponentials(row, out, classes, &largest);
        const ptrdiff_t target = (ptrdiff_t)targets[r]; // data sets hold class numbers in range
        float loss = logf(sum) + largest - (1 - smoothing) * row[target];
        if (smoothing > 0) {
            v16 total = splat(0);
            EACH(classes, total += GET(row););
            loss -= even * sum16(total);
        }
        losses[2 * r] = loss;
        ptrdiff_t best = 0; // the first largest logit is the prediction
        for (ptrdiff_t c = 0; c < classes; c++)
            if (row[c] == largest) { best = c; break; }
        losses[2 * r + 1] = best == target;
        if (!out) continue;
        const float weight = weights[r], scale = 1.0f / sum;
        EACH(classes, PUT(out, splat(weight) * (fma16(GET(out), splat(scale), splat(-even)))););
        out[target] -= weight * (1 - smoothing);
    }
}
// log(1 + e^x) without overflow, less target * x.
static void binary_cross_entropy(const float *logits, const float *targets, const float *weights, float *losses,
                                 float *dx, ptrdiff_t rows, ptrdiff_t width) {
    const float share = 1.0f / (float)width;
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *row = logits + r * width, *target = targets + r * width;
        float loss = 0;
        int right = 1;
        for (ptrdiff_t c = 0; c < width; c++) {
            loss += (row[c] > 0 ? row[c] : 0) - row[c] * target[c] + log1pf(expf(-fabsf(row[c])));
            right &= (row[c] > 0) == (target[c] > 0.5f);
        }
        losses[2 * r] = loss * share;
        losses[2 * r + 1] = right;
        if (!dx) continue;
        float *out = dx + r * width;
        EACH(width, PUT(out, splat(weights[r] * share) * (sigmoid16(GET(row)) - GET(target))););
    }
}
static void mean_squared_error(const float *predictions, const float *targets, const float *weights, float factor,
                               float *losses, float *dx, ptrdiff_t rows, ptrdiff_t width) {
    const float share = factor / (float)width;
    if (width == 1) { // the same arithmetic for sixteen rows at a time
        EACH(rows, v16 d = GET(predictions) - GET(targets); v16 loss = fma16(d, d, splat(0)) * splat(share);
             for (ptrdiff_t e = 0; e < part; e++) losses[2 * (i + e)] = loss[e], losses[2 * (i + e) + 1] = 0;
             if (dx) PUT(dx, splat(2 * share) * GET(weights) * d););
        return;
    }
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *row = predictions + r * width, *target = targets + r * width;
        v16 sum = splat(0);
        EACH(width, v16 d = GET(row) - GET(target); sum = fma16(d, d, sum););
        losses[2 * r] = sum16(sum) * share;
        losses[2 * r + 1] = 0;
        if (!dx) continue;
        float *out = dx + r * width;
        EACH(width, PUT(out, splat(2 * share * weights[r]) * (GET(row) - GET(target))););
    }
}
static void huber(const float *predictions, const float *targets, const float *weights, float delta, float *losses,
                  float *dx, ptrdiff_t rows, ptrdiff_t width) {
    const float share = 1.0f / (float)width;
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *row = predictions + r * width, *target = targets + r * width;
        v16 sum = splat(0);
        EACH(width, v16 d = GET(row) - GET(target); v16 size = abs16(d);
             v16 inner = splat(0.5f) * d * d; v16 outer = splat(delta) * (size - splat(0.5f * delta));
             sum += size > splat(delta) ? outer : inner;);
        losses[2 * r] = sum16(sum) * share;
        losses[2 * r + 1] = 0;
        if (!dx) continue;
        float *out = dx + r * width;
        EACH(width, v16 d = max16(min16(GET(row) - GET(target), splat(delta)), splat(-delta));
             PUT(out, splat(share * weights[r]) * d););
    }
}
