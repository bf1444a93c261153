// Dense layers. Weights lie in panels: 64 columns of the matrix [inputs, outputs] at a time, row after row, so that a
// panel is one run of memory however wide the layer is. The last panel holds the columns that are left. Weights of
// narrow layers lie turned: see narrow.h.
#pragma once
#include "narrow.h"
#include "products.h"

INLINE int is_turned(const bw_dense_shape *s) { return s->panel == 0; }

// The panel that holds column c: the place where it begins in the weights, and its width.
INLINE const float *panel_of(const bw_dense_shape *s, const float *w, ptrdiff_t c, ptrdiff_t *width) {
    const ptrdiff_t base = c / s->panel * s->panel;
    *width = s->outputs - base < s->panel ? s->outputs - base : s->panel;
    return w + base * s->inputs + (c - base);
}

static void dense(const bw_dense_shape *s, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last, const float *x,
                  const float *w, const float *bias, float *y) {
    if (is_turned(s)) {
        if (last > first) dense_narrow(s, rows, x, w, bias, y);
        return;
    }
    bw_product_shape p = {.m = rows, .k = s->inputs, .segments = 1, .am = s->inputs, .ak = 1, .cm = s->outputs};
    for (ptrdiff_t c = first; c < last;) {
        const float *b = panel_of(s, w, c, &p.bk);
        const ptrdiff_t end = (c / s->panel + 1) * s->panel;
        p.n = (end < last ? end : last) - c;
#if MOST_WIDE > 1
        // one or two rows leave registers for the columns of several panels, which hide each other's latency
        const ptrdiff_t whole = s->panel == 64 && c % 64 == 0 ? (last - c) / 64 : 0;
        const int wide = rows == 1 && whole >= 4 ? 16 : rows <= 2 && whole >= 2 ? 8 : 0;
        if (wide) {
            p.n = 16 * wide;
            product_panel(&p, x, b, bias ? bias + c : NULL, 0, y + c, wide, 16, 64 * s->inputs);
            c += p.n;
            continue;
        }
#endif
        product(&p, x, b, bias ? bias + c : NULL, 0, y + c);
        c += p.n;
    }
}

// dx = dy w': the weights are turned over 64 inputs by 128 outputs at a time on the way into the nearest cache, which costs
// less than keeping a second copy of the weights up to date.
enum { TURNED_STEPS = 128 };
static void dense_input_gradient(const bw_dense_shape *s, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last,
                                 const float *dy, const float *w, float *dx) {
    if (is_turned(s)) {
        const bw_product_shape p = {.m = rows, .n = last - first, .k = s->outputs, .segments = 1, .am = s->outputs,
                                    .ak = 1, .bk = s->inputs, .cm = s->inputs};
        product(&p, dy, w + first, NULL, 0, dx + first);
        return;
    }
    float turned[TURNED_STEPS * 64] __attribute__((aligned(64)));
    bw_product_shape p = {.m = rows, .segments = 1, .am = s->outputs, .ak = 1, .bk = 64, .cm = s->inputs};
    for (ptrdiff_t i = first; i < last; i += 64) {
        p.n = last - i < 64 ? last - i : 64;
        for (ptrdiff_t k = 0; k < s->outputs; k += TURNED_STEPS) {
            p.k = s->outputs - k < TURNED_STEPS ? s->outputs - k : TURNED_STEPS;
            for (ptrdiff_t c = k; c < k + p.k;) {
                ptrdiff_t width;
                const float *from = panel_of(s, w, c, &width);
                const ptrdiff_t end = (c / s->panel + 1) * s->panel, stop = end < k + p.k ? end : k + p.k;
                transpose(from + i * width, p.n, stop - c, width, turned + (c - k) * 64, 64);
                c = stop;
            }
            product_run(&p, dy + k, turned, k > 0 ? dx + i : NULL, s->inputs, dx + i);
        }
    }
}
