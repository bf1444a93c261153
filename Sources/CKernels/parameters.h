// What acts on parameters and gradients: sums over rows, lanes, optimizers, embeddings.
#include "lanes.h"

static void sum_rows(const float *x, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t n, int go_on, float *sum) {
    ptrdiff_t c = 0;
    for (; c + 64 <= n; c += 64) {
        v16 s[4];
        UNROLL for (int j = 0; j < 4; j++) s[j] = go_on ? load(sum + c + 16 * j) : splat(0);
        for (ptrdiff_t r = 0; r < rows; r++) UNROLL for (int j = 0; j < 4; j++) s[j] += load(x + r * stride + c + 16 * j);
        UNROLL for (int j = 0; j < 4; j++) store(sum + c + 16 * j, s[j]);
    }
    EACH(n - c, float *to = sum + c; const float *from = x + c; v16 s = go_on ? GET(to) : splat(0);
         for (ptrdiff_t r = 0; r < rows; r++) s += GET(from + r * stride); PUT(to, s););
}
static void add(const float *x, float *into, ptrdiff_t n) { EACH(n, PUT(into, GET(into) + GET(x));); }

// One pass of SGD over a run of `n` parameters at w (and velocity), the gradient of sixteen of them being GRADIENT.
#define SGD_PASS(n, GRADIENT)                                                                                          \
    do {                                                                                                               \
        if (!velocity)                                                                                                 \
            EACH(n, v16 p = GET(w); v16 g = fma16(decay, p, GRADIENT); PUT(w, fma16(rate, g, p * keep)););              \
        else if (o->nesterov)                                                                                          \
            EACH(n, v16 p = GET(w); v16 g = fma16(decay, p, GRADIENT); v16 v = fma16(momentum, GET(velocity), g);       \
                 PUT(velocity, v); PUT(w, fma16(rate, fma16(momentum, v, g), p * keep)););                             \
        else                                                                                                           \
            EACH(n, v16 p = GET(w); v16 g = fma16(decay, p, GRADIENT); v16 v = fma16(momentum, GET(velocity), g);       \
                 PUT(velocity, v); PUT(w, fma16(rate, v, p * keep)););                                                 \
    } while (0)
#define SGD_CONSTANTS                                                                                                  \
    const v16 rate = splat(-o->rate), momentum = splat(o->momentum), decay = splat(o->coupled_decay);                  \
    const v16 keep = splat(1 - o->rate * o->decoupled_decay)

static void sgd(const bw_sgd_options *o, const float *gradient, float *w, float *velocity, ptrdiff_t n) {
    SGD_CONSTANTS;
    SGD_PASS(n, GET(gradient));
}
static void sgd_outer(const bw_sgd_options *o, const float *x, const float *dy, float *w, float *velocity,
                      ptrdiff_t rows, ptrdiff_t columns) {
    SGD_CONSTANTS;
    for (ptrdiff_t r = 0; r < rows; r++, w += columns, velocity = velocity ? velocity + columns : velocity)
        SGD_PASS(columns, fma16(splat(x[r]), GET(dy), splat(0))); // as a chain of one step
}
static void adam(const bw_adam_options *o, const float *gradient, float *w, float *mean, float *square, ptrdiff_t n) {
    const v16 b1 = splat(o->beta1), b2 = splat(o->beta2), r1 = splat(1 - o->beta1), r2 = splat(1 - o->beta2);
    const v16 step = splat(-o->rate / o->correction1), root = splat(1 / sqrtf(o->correction2));
    const v16 decay = splat(o->coupled_decay), keep = splat(1 - o->rate * o->decoupled_decay);
    EACH(n, v16 p = GET(w); v16 g = fma16(decay, p, GET(gradient)); v16 m = fma16(b1, GET(mean), r1 * g);
         v16 v = fma16(b2, GET(square), r2 * g * g); PUT(mean, m); PUT(square, v);
         v16 size = fma16(sqrt16(v), root, splat(o->epsilon)); PUT(w, fma16(step, m / size, p * keep)););
}

// Ids are whole numbers held in floats, and in the table: callers have checked them.
static void embedding(const float *ids, const float *table, float *y, ptrdiff_t count, ptrdiff_t width) {
    for (ptrdiff_t t = 0; t < count; t++)
        memcpy(y + t * width, table + (ptrdiff_t)ids[t] * width, 4 * (size_t)width);
}
static void embedding_gradient(const float *ids, const float *dy, ptrdiff_t count, ptrdiff_t width, ptrdiff_t first,
                               ptrdiff_t rows, int go_on, float *gradient) {
    if (!go_on) memset(gradient, 0, 4 * (size_t)(rows * width));
    for (ptrdiff_t t = 0; t < count; t++) {
        const ptrdiff_t row = (ptrdiff_t)ids[t] - first;
        if (row >= 0 && row < rows) add(dy + t * width, gradient + row * width, width);
    }
}
