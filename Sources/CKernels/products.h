// Matrix products. One accumulator an element, steps in ascending order: see CKernels.h.
//
// Measured against oneDNN 2.6.3's sgemm on one core of a Zen 5 (peak 254 GFLOP/s): a dense layer's forward product at
// 784x512, M = 16 to 256: 248 to 250 against 241 to 246; its weight gradient 239 to 249 against 218 to 243; 3x3
// convolutions at 14x14, 32 to 64 channels: 239 against 239 to 248 forward, 235 against 232 for the weights. oneDNN
// cannot continue a convolution's chain nor promise the same order at another M, so it is not used.
#include "lanes.h"

typedef struct {
    const float *a, *b, *start;
    float *c;
    ptrdiff_t k, segments, am, ak, as, bk, bs, start_m, cm;
} tile_call;

#define TILE(ROWS, WIDE)                                                                                               \
    static void tile_##ROWS##_##WIDE(const tile_call *t) {                                                             \
        v16 sum[ROWS][WIDE];                                                                                           \
        UNROLL for (int i = 0; i < ROWS; i++) UNROLL for (int j = 0; j < WIDE; j++)                                     \
            sum[i][j] = t->start ? load(t->start + i * t->start_m + 16 * j) : splat(0);                                \
        const ptrdiff_t steps = t->k, am = t->am, ak = t->ak, bk = t->bk;                                              \
        for (ptrdiff_t s = 0; s < t->segments; s++) {                                                                  \
            const float *a = t->a + s * t->as, *b = t->b + s * t->bs;                                                  \
            for (ptrdiff_t k = 0; k < steps; k++, a += ak, b += bk) {                                                  \
                v16 row[WIDE];                                                                                         \
                UNROLL for (int j = 0; j < WIDE; j++) row[j] = load(b + 16 * j);                                       \
                UNROLL for (int i = 0; i < ROWS; i++) {                                                                \
                    v16 x = splat(a[i * am]);                                                                          \
                    UNROLL for (int j = 0; j < WIDE; j++) sum[i][j] = fma16(x, row[j], sum[i][j]);                     \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
        UNROLL for (int i = 0; i < ROWS; i++) UNROLL for (int j = 0; j < WIDE; j++)                                     \
            store(t->c + i * t->cm + 16 * j, sum[i][j]);                                                               \
    }
typedef void (*tile_function)(const tile_call *);

#define TILES_6(WIDE) TILE(1, WIDE) TILE(2, WIDE) TILE(3, WIDE) TILE(4, WIDE) TILE(5, WIDE) TILE(6, WIDE)
#define NAMES_6(WIDE) tile_1_##WIDE, tile_2_##WIDE, tile_3_##WIDE, tile_4_##WIDE, tile_5_##WIDE, tile_6_##WIDE
#if BW_VECTORS == 32 // registers of sixteen floats: up to 24 sums, four columns of B and a broadcast
#define MOST_WIDE 4
#define MOST_ROWS 12
TILES_6(1) TILES_6(2) TILES_6(3) TILES_6(4)
TILE(7, 1) TILE(8, 1) TILE(9, 1) TILE(10, 1) TILE(11, 1) TILE(12, 1)
TILE(7, 2) TILE(8, 2) TILE(9, 2) TILE(10, 2) TILE(11, 2) TILE(12, 2)
TILE(7, 3) TILE(8, 3)
static const tile_function tiles[MOST_WIDE][MOST_ROWS] = {
    {NAMES_6(1), tile_7_1, tile_8_1, tile_9_1, tile_10_1, tile_11_1, tile_12_1},
    {NAMES_6(2), tile_7_2, tile_8_2, tile_9_2, tile_10_2, tile_11_2, tile_12_2},
    {NAMES_6(3), tile_7_3, tile_8_3},
    {NAMES_6(4)},
};
static const int most_rows[MOST_WIDE] = {12, 12, 8, 6};
#else // sixteen registers of eight floats
#define MOST_WIDE 1
#define MOST_ROWS 6
TILES_6(1)
static const tile_function tiles[MOST_WIDE][MOST_ROWS] = {{NAMES_6(1)}};
static const int most_rows[MOST_WIDE] = {6};
#endif

// All rows of C for the columns [column, column + 16 * wide), `columns` of which are real.
static void product_panel(const bw_product_shape *p, const float *a, const float *b, const float *start,
                          ptrdiff_t start_m, float *c, int wide, ptrdiff_t columns) {
    const ptrdiff_t count = (p->m + most_rows[wide - 1] - 1) / most_rows[wide - 1];
    const ptrdiff_t base = p->m / count, longer = p->m % count;
    float edge[MOST_ROWS * 16 * MOST_WIDE]; // a tile whose last columns are not there is computed here
    tile_call t = {.k = p->k, .segments = p->segments, .am = p->am, .ak = p->ak, .as = p->as, .bk = p->bk,
                   .bs = p->bs, .start_m = start_m, .cm = p->cm, .b = b};
    ptrdiff_t row = 0;
    for (ptrdiff_t i = 0; i < count; i++) {
        const ptrdiff_t rows = base + (i < longer);
        t.a = a + row * p->am;
        t.c = c + row * p->cm;
        t.start = start ? start + row * start_m : NULL;
        if (columns == 16 * wide) {
            tiles[wide - 1][rows - 1](&t);
        } else {
            float *const real = t.c;
            t.c = edge;
            t.cm = 16 * MOST_WIDE;
            if (t.start) {
                for (ptrdiff_t r = 0; r < rows; r++)
                    memcpy(edge + r * t.cm, t.start + r * start_m, 4 * (size_t)columns);
                t.start = edge;
                t.start_m = t.cm;
            }
            tiles[wide - 1][rows - 1](&t);
            for (ptrdiff_t r = 0; r < rows; r++)
                memcpy(real + r * p->cm, edge + r * t.cm, 4 * (size_t)columns);
            t.cm = p->cm;
            t.start_m = start_m;
        }
        row += rows;
    }
}

static void product(const bw_product_shape *p, const float *a, const float *b, const float *start, ptrdiff_t start_m,
                    float *c) {
    if (p->m <= 0 || p->n <= 0) return;
    const ptrdiff_t vectors = (p->n + 15) / 16;
    for (ptrdiff_t j = 0; j < vectors;) {
        const ptrdiff_t left = vectors - j;
        // five vectors go as three and two: better than four and a thin one
        const int wide = (int)(left < MOST_WIDE ? left : left == MOST_WIDE + 1 && MOST_WIDE > 1 ? MOST_WIDE - 1 : MOST_WIDE);
        const ptrdiff_t rest = p->n - 16 * j;
        product_panel(p, a, b + 16 * j, start ? start + 16 * j : NULL, start_m, c + 16 * j, wide,
                      rest < 16 * wide ? rest : 16 * wide);
        j += wide;
    }
}
