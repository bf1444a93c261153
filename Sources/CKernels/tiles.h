// Tiles and the products made of them, for one kind of number. products.h includes it once for each, with KERNEL(name) and
// MULTIPLY_ADD(x, row, sum) defined.

// A of a tile is adjacent either along the chain (BY_ROW) or along the rows of C (BY_COLUMN, as in weight
// gradients); `across` is its other stride. Row addresses go in threes, which x86 can form from few registers.
#define A_BY_ROW(I) a[(I) / 3][((I) % 3) * across + 0]
#define A_BY_COLUMN(I) a[0][I]
#define TILE(ORDER, STEP, ROWS, WIDE)                                                                                  \
    static void KERNEL(tile_##ORDER##_##ROWS##_##WIDE)(const tile_call *t) {                                                   \
        v16 sum[ROWS][WIDE];                                                                                           \
        UNROLL for (int i = 0; i < ROWS; i++) UNROLL for (int j = 0; j < WIDE; j++)                                     \
            sum[i][j] = t->start ? load(t->start + i * t->start_m + 16 * j) : splat(0);                                \
        const ptrdiff_t steps = t->k, across = t->across, bk = t->bk, panel = t->panel;                                \
        for (ptrdiff_t s = 0; s < t->segments; s++) {                                                                  \
            const float *b = t->b + s * t->bs, *a[4];                                                                  \
            UNROLL for (int i = 0; i < 4; i++) a[i] = t->a + s * t->as + 3 * i * across;                                \
            for (ptrdiff_t k = 0; k < steps; k++, b += bk) {                                                           \
                v16 row[WIDE];                                                                                         \
                UNROLL for (int j = 0; j < WIDE; j++) row[j] = load(b + j / 4 * panel + 16 * (j % 4));                                      \
                UNROLL for (int i = 0; i < ROWS; i++) {                                                                \
                    v16 x = splat(A_##ORDER(i));                                                                       \
                    UNROLL for (int j = 0; j < WIDE; j++) sum[i][j] = MULTIPLY_ADD(x, row[j], sum[i][j]);                     \
                }                                                                                                      \
                UNROLL for (int i = 0; i < 4; i++) a[i] += STEP;                                                       \
            }                                                                                                          \
        }                                                                                                              \
        UNROLL for (int i = 0; i < ROWS; i++) {                                                                        \
            UNROLL for (int j = 0; j < WIDE - 1; j++) store(t->c + i * t->cm + 16 * j, sum[i][j]);                     \
            float *last = t->c + i * t->cm + 16 * (WIDE - 1);                                                          \
            if (t->tail == 16) store(last, sum[i][WIDE - 1]);                                                          \
            else store_some(last, sum[i][WIDE - 1], t->tail);                                                          \
        }                                                                                                              \
    }
#define BOTH(ROWS, WIDE) TILE(BY_ROW, 1, ROWS, WIDE) TILE(BY_COLUMN, across, ROWS, WIDE)
#define ONE_TO_6(WIDE) BOTH(1, WIDE) BOTH(2, WIDE) BOTH(3, WIDE) BOTH(4, WIDE) BOTH(5, WIDE) BOTH(6, WIDE)
#define NAMES_2(O, W) KERNEL(tile_##O##_1_##W), KERNEL(tile_##O##_2_##W)
#define NAMES_6(O, W) NAMES_2(O, W), KERNEL(tile_##O##_3_##W), KERNEL(tile_##O##_4_##W), KERNEL(tile_##O##_5_##W), KERNEL(tile_##O##_6_##W)
#define NAMES_8(O, W) NAMES_6(O, W), KERNEL(tile_##O##_7_##W), KERNEL(tile_##O##_8_##W)
#define NAMES_12(O, W) NAMES_8(O, W), KERNEL(tile_##O##_9_##W), KERNEL(tile_##O##_10_##W), KERNEL(tile_##O##_11_##W), KERNEL(tile_##O##_12_##W)
#if BW_SET == 512 // 32 registers: up to 24 sums, the columns of B, a broadcast
ONE_TO_6(1) ONE_TO_6(2) ONE_TO_6(3) ONE_TO_6(4) BOTH(1, 8) BOTH(2, 8) BOTH(1, 16)
BOTH(7, 1) BOTH(8, 1) BOTH(9, 1) BOTH(10, 1) BOTH(11, 1) BOTH(12, 1)
BOTH(7, 2) BOTH(8, 2) BOTH(9, 2) BOTH(10, 2) BOTH(11, 2) BOTH(12, 2)
BOTH(7, 3) BOTH(8, 3)
#define TILES(O) {{NAMES_12(O, 1)}, {NAMES_12(O, 2)}, {NAMES_8(O, 3)}, {NAMES_6(O, 4)}}
static const tile_function KERNEL(tiles)[2][MOST_WIDE][MOST_ROWS] = {TILES(BY_ROW), TILES(BY_COLUMN)};
static const tile_function KERNEL(wide_tiles)[2][2] = {{NAMES_2(BY_ROW, 8)}, {NAMES_2(BY_COLUMN, 8)}};
static const tile_function KERNEL(widest_tiles)[2] = {KERNEL(tile_BY_ROW_1_16), KERNEL(tile_BY_COLUMN_1_16)};
static const int KERNEL(most_rows)[MOST_WIDE] = {12, 12, 8, 6};
#else // 16 registers of eight floats
ONE_TO_6(1)
static const tile_function KERNEL(tiles)[2][MOST_WIDE][MOST_ROWS] = {{{NAMES_6(BY_ROW, 1)}}, {{NAMES_6(BY_COLUMN, 1)}}};
static const int KERNEL(most_rows)[MOST_WIDE] = {6};
#endif

// All rows of C for a panel of `wide` vectors of columns.
static void KERNEL(product_panel)(const bw_product_shape *p, const float *a, const float *b, const float *start,
                          ptrdiff_t start_m, float *c, int wide, ptrdiff_t tail, ptrdiff_t panel) {
    const int columns = p->ak != 1;
    tile_call t = {.k = p->k, .segments = p->segments, .across = columns ? p->ak : p->am, .as = p->as, .bk = p->bk,
                   .bs = p->bs, .start_m = start_m, .cm = p->cm, .b = b, .panel = panel, .tail = tail};
    const ptrdiff_t most = wide > MOST_WIDE ? p->m : KERNEL(most_rows)[wide - 1];
    const ptrdiff_t count = (p->m + most - 1) / most, base = p->m / count, longer = p->m % count;
    ptrdiff_t row = 0;
    for (ptrdiff_t i = 0; i < count; i++) {
        const ptrdiff_t rows = base + (i < longer);
        t.a = a + row * p->am;
        t.c = c + row * p->cm;
        t.start = start ? start + row * start_m : NULL;
#if MOST_WIDE > 1
        if (wide == 16) KERNEL(widest_tiles)[columns](&t);
        else if (wide > MOST_WIDE) KERNEL(wide_tiles)[columns][rows - 1](&t);
        else
#endif
            KERNEL(tiles)[columns][wide - 1][rows - 1](&t);
        row += rows;
    }
}

// C for one run of the chain, panel by panel.
static void KERNEL(product_run)(const bw_product_shape *p, const float *a, const float *b, const float *start,
                        ptrdiff_t start_m, float *c) {
    const ptrdiff_t vectors = (p->n + 15) / 16, tail = p->n - 16 * (vectors - 1);
    for (ptrdiff_t j = 0; j < vectors;) {
        const ptrdiff_t left = vectors - j;
        int wide = (int)(left < MOST_WIDE ? left : MOST_WIDE);
#if MOST_WIDE > 1
        if (left == MOST_WIDE + 1) wide = MOST_WIDE - 1; // five vectors go as three and two
        if (p->m <= 2 && left >= 8) wide = p->m == 1 && left >= 16 ? 16 : 8; // few rows leave registers for columns
#endif
        KERNEL(product_panel)(p, a, b + 16 * j, start ? start + 16 * j : NULL, start_m, c + 16 * j, wide,
                      j + wide == vectors ? tail : 16, 64);
        j += wide;
    }
}

static void KERNEL(product)(const bw_product_shape *p, const float *a, const float *b, const float *start, ptrdiff_t start_m,
                    float *c) {
    if (p->m <= 0 || p->n <= 0) return;
    const int is_packed = p->m >= PACKED_ROWS && MOST_WIDE > 1;
    const ptrdiff_t steps = is_packed ? PACKED_STEPS : RUN_STEPS;
    if (p->segments != 1 || p->bk < FAR_APART || p->m <= 6 || p->k <= 0 || (!is_packed && p->k <= RUN_STEPS)) {
        KERNEL(product_run)(p, a, b, start, start_m, c);
        return;
    }
    float panel[PACKED_STEPS * 16 * MOST_WIDE] __attribute__((aligned(64)));
    for (ptrdiff_t k = 0; k < p->k; k += steps) {
        bw_product_shape run = *p;
        run.k = p->k - k < steps ? p->k - k : steps;
        const float *far = b + k * p->bk, *from = k > 0 ? c : start;
        const ptrdiff_t from_m = k > 0 ? p->cm : start_m;
        if (!is_packed) {
            KERNEL(product_run)(&run, a + k * p->ak, far, from, from_m, c);
            continue;
        }
        run.bk = 16 * MOST_WIDE;
        for (ptrdiff_t n = 0; n < p->n; n += 16 * MOST_WIDE) {
            run.n = p->n - n < 16 * MOST_WIDE ? p->n - n : 16 * MOST_WIDE;
            for (ptrdiff_t step = 0; step < run.k; step++)
                UNROLL for (int j = 0; j < MOST_WIDE; j++)
                    if (16 * j < run.n)
                        store(panel + (step * MOST_WIDE + j) * 16, load(far + step * p->bk + n + 16 * j));
            KERNEL(product_run)(&run, a + k * p->ak, panel, from ? from + n : NULL, from_m, c + n);
        }
    }
}

#undef A_BY_ROW
#undef A_BY_COLUMN
#undef TILE
#undef BOTH
#undef ONE_TO_6
#undef NAMES_2
#undef NAMES_6
#undef NAMES_8
#undef NAMES_12
#undef TILES
