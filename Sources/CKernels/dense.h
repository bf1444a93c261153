// Dense layers. Weights lie in panels: 64 columns of the matrix [inputs, outputs] at a time, row after row, so that a
// panel is one run of memory however wide the layer is. The last panel is as wide as what is left.
#include "lanes.h"

// The panel that holds column c: where it begins in the weights, and its width.
INLINE const float *panel_of(const bw_dense_shape *s, const float *w, ptrdiff_t c, ptrdiff_t *width) {
    const ptrdiff_t base = c / s->panel * s->panel;
    *width = s->outputs - base < s->panel ? s->outputs - base : s->panel;
    return w + base * s->inputs + (c - base);
}

// Rows I and J exchange blocks of 8, 4, 2 or 1 columns: the steps of a transposition. J's columns count from 16.
#define LOW_8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define HIGH_8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define LOW_4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define HIGH_4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define LOW_2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define HIGH_2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define LOW_1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define HIGH_1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define EXCHANGE(I, J, BLOCK)                                                                                          \
    do {                                                                                                               \
        const v16 a = r[I], b = r[J];                                                                                  \
        r[I] = __builtin_shufflevector(a, b, LOW_##BLOCK);                                                             \
        r[J] = __builtin_shufflevector(a, b, HIGH_##BLOCK);                                                            \
    } while (0)

INLINE void turn(v16 r[16]) {
    UNROLL for (int i = 0; i < 8; i++) EXCHANGE(i, i + 8, 8);
    UNROLL for (int i = 0; i < 16; i += 8) UNROLL for (int j = i; j < i + 4; j++) EXCHANGE(j, j + 4, 4);
    UNROLL for (int i = 0; i < 16; i += 4) UNROLL for (int j = i; j < i + 2; j++) EXCHANGE(j, j + 2, 2);
    UNROLL for (int i = 0; i < 16; i += 2) EXCHANGE(i, i + 1, 1);
}
// to[c, r] = from[r, c] for up to sixteen rows and columns.
INLINE void transpose_block(const float *from, ptrdiff_t from_stride, ptrdiff_t rows, ptrdiff_t columns, float *to,
                            ptrdiff_t to_stride) {
    v16 r[16];
    if (rows >= 16 && columns >= 16) {
        UNROLL for (int i = 0; i < 16; i++) r[i] = load(from + i * from_stride);
        turn(r);
        UNROLL for (int i = 0; i < 16; i++) store(to + i * to_stride, r[i]);
        return;
    }
    UNROLL for (int i = 0; i < 16; i++)
        r[i] = i >= rows ? splat(0) : columns >= 16 ? load(from + i * from_stride) : load_some(from + i * from_stride, columns);
    turn(r);
    UNROLL for (int i = 0; i < 16; i++)
        if (i < columns) {
            if (rows >= 16) store(to + i * to_stride, r[i]);
            else store_some(to + i * to_stride, r[i], rows);
        }
}
static void transpose(const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t x_stride, float *y,
                      ptrdiff_t y_stride) {
    for (ptrdiff_t r = 0; r < rows; r += 16)
        for (ptrdiff_t c = 0; c < columns; c += 16)
            transpose_block(x + r * x_stride + c, x_stride, rows - r, columns - c, y + c * y_stride + r, y_stride);
}

// A layer of a few outputs: sixteen rows of x are turned in registers, so that each fills a lane of the vectors.
enum { FEWEST_OUTPUTS = 4 };
INLINE void dense_narrow(const bw_dense_shape *s, ptrdiff_t rows, const float *x, const float *w, const float *bias,
                         float *y, int outputs) {
    float turned[2][256] __attribute__((aligned(64)));
    for (ptrdiff_t r = 0; r < rows; r += 32) { // two runs of sixteen hide each other's latency
        const ptrdiff_t part[2] = {rows - r < 16 ? rows - r : 16, rows - r - 16 < 16 ? rows - r - 16 : 16};
        const int runs = part[1] > 0 ? 2 : 1;
        v16 sum[2][FEWEST_OUTPUTS];
        for (int o = 0; o < outputs; o++) sum[0][o] = sum[1][o] = splat(bias ? bias[o] : 0);
        for (ptrdiff_t k = 0; k < s->inputs; k += 16) {
            const ptrdiff_t steps = s->inputs - k < 16 ? s->inputs - k : 16;
            for (int h = 0; h < runs; h++)
                transpose_block(x + (r + 16 * h) * s->inputs + k, s->inputs, part[h], steps, turned[h], 16);
            for (ptrdiff_t j = 0; j < steps; j++)
                for (int o = 0; o < outputs; o++) {
                    const v16 weight = splat(w[(k + j) * outputs + o]);
                    UNROLL for (int h = 0; h < 2; h++) sum[h][o] = fma16(load(turned[h] + 16 * j), weight, sum[h][o]);
                }
        }
        for (int h = 0; h < runs; h++)
            for (int o = 0; o < outputs; o++)
                for (ptrdiff_t e = 0; e < part[h]; e++) y[(r + 16 * h + e) * outputs + o] = sum[h][o][e];
    }
}

static void dense(const bw_dense_shape *s, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last, const float *x,
                  const float *w, const float *bias, float *y) {
    if (s->outputs <= FEWEST_OUTPUTS && rows >= 6 && first == 0 && last == s->outputs) {
        switch (s->outputs) {
        case 1: dense_narrow(s, rows, x, w, bias, y, 1); return;
        case 2: dense_narrow(s, rows, x, w, bias, y, 2); return;
        case 3: dense_narrow(s, rows, x, w, bias, y, 3); return;
        default: dense_narrow(s, rows, x, w, bias, y, 4); return;
        }
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
// less than keeping a second copy of them up to date.
enum { TURNED_STEPS = 128 };
static void dense_input_gradient(const bw_dense_shape *s, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last,
                                 const float *dy, const float *w, float *dx) {
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
