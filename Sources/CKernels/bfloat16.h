// Products of bfloat16 numbers with sums in float32. Two steps of a chain lie side by side in the place of one float, so that
// tiles and panels are those of float32; where a chain has an odd number of steps, the last one is beside a zero.
//
// Weights stay in float32 and are rounded on the way into the nearest cache, again at every update, for they have changed.
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
        if (r + 1 < rows) EACH(width, PUT(to, pairs_of(GET(first), GET(second))););
        else EACH(width, PUT(to, pairs_of(GET(first), splat(0))););
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

// Runs BODY for each block of rows of x and each run of the chain, rounded in `a`, with `from` the start of the chain in y.
#define EACH_PAIRED_RUN(x, x_width, y, y_width, start, ...)                                                            \
    for (ptrdiff_t row = 0; row < rows; row += PAIRED_ROWS)                                                            \
        for (ptrdiff_t k = 0; k < (x_width); k += PAIRED_STEPS) {                                                      \
            const ptrdiff_t steps = (x_width) - k < PAIRED_STEPS ? (x_width) - k : PAIRED_STEPS;                       \
            bw_product_shape p = {.m = rows - row < PAIRED_ROWS ? rows - row : PAIRED_ROWS, .k = (steps + 1) / 2,      \
                                  .segments = 1, .am = PAIRED_STEPS / 2, .ak = 1, .bk = BW_PANEL, .cm = (y_width)};    \
            float *c = (y) + row * (y_width);                                                                          \
            const float *from = k > 0 ? c : (start);                                                                   \
            const ptrdiff_t from_m = k > 0 ? (y_width) : 0;                                                            \
            round_rows((x) + row * (x_width) + k, p.m, x_width, steps, a);                                             \
            __VA_ARGS__                                                                                                \
        }

static void dense_bfloat16(const bw_dense_shape *s, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last, const float *x,
                           const float *w, const float *bias, float *y) {
    float a[PAIRED_ROWS * PAIRED_STEPS / 2] __attribute__((aligned(64)));
    float b[PAIRED_STEPS / 2 * BW_PANEL] __attribute__((aligned(64)));
    EACH_PAIRED_RUN(x, s->inputs, y, s->outputs, bias,
        for (ptrdiff_t column = first; column < last; column += p.n) {
            ptrdiff_t width;
            const float *panel = panel_of(s, w, column, &width);
            const ptrdiff_t end = (column / s->panel + 1) * s->panel, stop = end < last ? end : last;
            p.n = stop - column < BW_PANEL ? stop - column : BW_PANEL;
            for (ptrdiff_t step = 0; step < steps; step += 2) {
                const float *even = panel + (k + step) * width, *odd = even + width;
                float *to = b + step / 2 * BW_PANEL;
                if (step + 1 < steps) EACH(p.n, PUT(to, pairs_of(GET(even), GET(odd))););
                else EACH(p.n, PUT(to, pairs_of(GET(even), splat(0))););
            }
            product_run_of_pairs(&p, a, b, from ? from + column : NULL, from_m, c + column);
        })
}
static void dense_input_gradient_bfloat16(const bw_dense_shape *s, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last,
                                          const float *dy, const float *w, float *dx) {
    float a[PAIRED_ROWS * PAIRED_STEPS / 2] __attribute__((aligned(64)));
    float b[PAIRED_STEPS / 2 * BW_PANEL] __attribute__((aligned(64)));
    float lines[16 * PAIRED_STEPS / 2] __attribute__((aligned(64)));
    EACH_PAIRED_RUN(dy, s->outputs, dx, s->inputs, NULL,
        for (ptrdiff_t input = first; input < last; input += BW_PANEL) {
            p.n = last - input < BW_PANEL ? last - input : BW_PANEL;
            for (ptrdiff_t line = 0; line < p.n; line += 16) {
                const ptrdiff_t lined = p.n - line < 16 ? p.n - line : 16;
                for (ptrdiff_t column = k; column < k + steps;) { // panels begin at even columns
                    ptrdiff_t width;
                    const float *panel = panel_of(s, w, column, &width) + (input + line) * width;
                    const ptrdiff_t end = (column / s->panel + 1) * s->panel, stop = end < k + steps ? end : k + steps;
                    round_rows(panel, lined, width, stop - column, lines + (column - k) / 2);
                    column = stop;
                }
                for (ptrdiff_t pair = 0; pair < p.k; pair += 16)
                    transpose_block(lines + pair, PAIRED_STEPS / 2, lined, p.k - pair, b + pair * BW_PANEL + line, BW_PANEL);
            }
            product_run_of_pairs(&p, a, b, from ? from + input : NULL, from_m, c + input);
        })
}
#endif
