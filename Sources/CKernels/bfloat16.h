// Products of bfloat16 numbers with sums in float32. Two steps of a chain lie side by side in the place of one float, so that
// tiles and panels are those of float32; where a chain has an odd number of steps, the last one is beside a zero.
//
// Weights stay in float32 and are rounded on the way into the nearest cache, again at every update, since updates change them.
#pragma once
#include "dense.h"
#if BW_SET == 512

// Steps (first, second) of sixteen columns, rounded and side by side.
INLINE v16 pairs_of(v16 first, v16 second) {
    const __m512i low = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh((__m512)first));
    const __m512i high = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh((__m512)second));
    return (v16)_mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}
// 32 adjacent numbers, rounded.
INLINE v16 rounded(v16 first, v16 second) { return (v16)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first); }

// Rows 2r and 2r + 1 of x become row r of y: the steps of a chain over examples.
static void pair_rows(const float *x, ptrdiff_t rows, ptrdiff_t width, float *y) {
    for (ptrdiff_t r = 0; r < rows; r += 2) {
        const float *first = x + r * width, *second = first + width;
        float *to = y + r / 2 * width;
        if (r + 1 < rows) EACH(i, width, PUT(to, i, pairs_of(GET(first, i), GET(second, i))););
        else EACH(i, width, PUT(to, i, pairs_of(GET(first, i), splat(0))););
    }
}

// Numbers of `count` adjacent steps of each row, rounded: y has PAIRED_STEPS / 2 places a row.
enum { PAIRED_STEPS = 256, PAIRED_ROWS = 256 };
static void round_rows(const float *x, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t count, float *y) {
    for (ptrdiff_t r = 0; r < rows; r++, x += stride, y += PAIRED_STEPS / 2)
        for (ptrdiff_t k = 0; k < count; k += 32) {
            const ptrdiff_t left = count - k;
            const v16 first = left >= 16 ? load(x + k) : load_some(x + k, left);
            const v16 second = left >= 32 ? load(x + k + 16) : left > 16 ? load_some(x + k + 16, left - 16) : splat(0);
            store(y + k / 2, rounded(first, second));
        }
}

// A block of rows of x and a run of the chain: the product of these without its columns, and the place where it begins
// and goes on in y.
typedef struct {
    bw_product_shape product;
    ptrdiff_t k, steps; // the run: steps [k, k + steps) of the chain
    float *c;
    const float *from;  // the values that the chain goes on from: c, its start, or null for 0
    ptrdiff_t from_m;
} paired_run;
// Runs the statements for each block of ROWS rows of X and each run of the chain, of which A holds the rounded numbers.
#define EACH_PAIRED_RUN(RUN, ROWS, X, X_WIDTH, Y, Y_WIDTH, START, A, ...)                                              \
    for (ptrdiff_t row = 0; row < (ROWS); row += PAIRED_ROWS)                                                          \
        for (ptrdiff_t k = 0; k < (X_WIDTH); k += PAIRED_STEPS) {                                                      \
            paired_run RUN = paired_run_at(row, ROWS, k, X_WIDTH, Y, Y_WIDTH, START);                                  \
            round_rows((X) + row * (X_WIDTH) + k, RUN.product.m, X_WIDTH, RUN.steps, A);                               \
            __VA_ARGS__                                                                                                \
        }
INLINE paired_run paired_run_at(ptrdiff_t row, ptrdiff_t rows, ptrdiff_t k, ptrdiff_t x_width, float *y, ptrdiff_t y_width,
                                const float *start) {
    const ptrdiff_t steps = x_width - k < PAIRED_STEPS ? x_width - k : PAIRED_STEPS;
    float *c = y + row * y_width;
    return (paired_run){.product = {.m = rows - row < PAIRED_ROWS ? rows - row : PAIRED_ROWS, .k = (steps + 1) / 2,
                                    .segments = 1, .am = PAIRED_STEPS / 2, .ak = 1, .bk = BW_PANEL, .cm = y_width},
                        .k = k, .steps = steps, .c = c, .from = k > 0 ? c : start, .from_m = k > 0 ? y_width : 0};
}

static void dense_bfloat16(const bw_dense_shape *s, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last, const float *x,
                           const float *w, const float *bias, float *y) {
    float a[PAIRED_ROWS * PAIRED_STEPS / 2] __attribute__((aligned(64)));
    float b[PAIRED_STEPS / 2 * BW_PANEL] __attribute__((aligned(64)));
    EACH_PAIRED_RUN(run, rows, x, s->inputs, y, s->outputs, bias, a,
        bw_product_shape *p = &run.product;
        for (ptrdiff_t column = first; column < last; column += p->n) {
            ptrdiff_t width;
            const float *panel = panel_of(s, w, column, &width);
            const ptrdiff_t end = (column / s->panel + 1) * s->panel, stop = end < last ? end : last;
            p->n = stop - column < BW_PANEL ? stop - column : BW_PANEL;
            for (ptrdiff_t step = 0; step < run.steps; step += 2) {
                const float *even = panel + (run.k + step) * width, *odd = even + width;
                float *to = b + step / 2 * BW_PANEL;
                if (step + 1 < run.steps) EACH(i, p->n, PUT(to, i, pairs_of(GET(even, i), GET(odd, i))););
                else EACH(i, p->n, PUT(to, i, pairs_of(GET(even, i), splat(0))););
            }
            product_run_of_pairs(p, a, b, run.from ? run.from + column : NULL, run.from_m, run.c + column);
        })
}
static void dense_input_gradient_bfloat16(const bw_dense_shape *s, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last,
                                          const float *dy, const float *w, float *dx) {
    float a[PAIRED_ROWS * PAIRED_STEPS / 2] __attribute__((aligned(64)));
    float b[PAIRED_STEPS / 2 * BW_PANEL] __attribute__((aligned(64)));
    float lines[16 * PAIRED_STEPS / 2] __attribute__((aligned(64)));
    EACH_PAIRED_RUN(run, rows, dy, s->outputs, dx, s->inputs, NULL, a,
        bw_product_shape *p = &run.product;
        const ptrdiff_t last_step = run.k + run.steps;
        for (ptrdiff_t input = first; input < last; input += BW_PANEL) {
            p->n = last - input < BW_PANEL ? last - input : BW_PANEL;
            for (ptrdiff_t line = 0; line < p->n; line += 16) {
                const ptrdiff_t lined = p->n - line < 16 ? p->n - line : 16;
                for (ptrdiff_t column = run.k; column < last_step;) { // panels begin at even columns
                    ptrdiff_t width;
                    const float *panel = panel_of(s, w, column, &width) + (input + line) * width;
                    const ptrdiff_t end = (column / s->panel + 1) * s->panel, stop = end < last_step ? end : last_step;
                    round_rows(panel, lined, width, stop - column, lines + (column - run.k) / 2);
                    column = stop;
                }
                for (ptrdiff_t pair = 0; pair < p->k; pair += 16)
                    transpose_block(lines + pair, PAIRED_STEPS / 2, lined, p->k - pair, b + pair * BW_PANEL + line, BW_PANEL);
            }
            product_run_of_pairs(p, a, b, run.from ? run.from + input : NULL, run.from_m, run.c + input);
        })
}
#endif
