// What acts on parameters and gradients: sums over rows, lanes, SGD, embeddings.
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
// How many finished subtrees of a tree of lanes this lane completes.
INLINE ptrdiff_t lanes_joined(ptrdiff_t lane, ptrdiff_t lanes) {
    return lane == lanes - 1 ? __builtin_popcountll((unsigned long long)lane) : __builtin_ctzll(~(unsigned long long)lane);
}
static void add(const float *x, float *into, ptrdiff_t n) { EACH(n, PUT(into, GET(into) + GET(x));); }

typedef struct { v16 rate, momentum, decay, keep; } sgd_numbers;
#define SGD_NUMBERS {splat(-o->rate), splat(o->momentum), splat(o->coupled_decay), splat(1 - o->rate * o->decoupled_decay)}
// STATEMENTS for each kind of SGD, in which `has_velocity` and `nesterov` are constants.
#define EACH_SGD(...)                                                                                                  \
    do {                                                                                                               \
        if (!velocity) { enum { has_velocity = 0, nesterov = 0 }; __VA_ARGS__ }                                        \
        else if (o->nesterov) { enum { has_velocity = 1, nesterov = 1 }; __VA_ARGS__ }                                 \
        else { enum { has_velocity = 1, nesterov = 0 }; __VA_ARGS__ }                                                  \
    } while (0)
INLINE void sgd16(sgd_numbers s, int has_velocity, int nesterov, v16 gradient, float *w, float *velocity, ptrdiff_t part) {
    const ptrdiff_t i = 0;
    const v16 p = GET(w), g = fma16(s.decay, p, gradient);
    v16 step = g;
    if (has_velocity) {
        const v16 v = fma16(s.momentum, GET(velocity), g);
        PUT(velocity, v);
        step = nesterov ? fma16(s.momentum, v, g) : v;
    }
    PUT(w, fma16(s.rate, step, p * s.keep));
}
static void sgd(const bw_step *o, const float *gradient, float *w, float *velocity, ptrdiff_t n) {
    const sgd_numbers numbers = SGD_NUMBERS;
    EACH_SGD(EACH(n, sgd16(numbers, has_velocity, nesterov, GET(gradient), w + i, has_velocity ? velocity + i : velocity, part);););
}

// Sixteen or `tail` columns a vector, of a few rows: the chains stay in registers until their step is made.
INLINE void sgd_tile(const bw_step *o, const bw_last_lane *lane, ptrdiff_t row, ptrdiff_t column, int rows, int wide,
                     int is_far, ptrdiff_t tail, float *w, float *velocity, ptrdiff_t columns) {
    const float *x = lane->x + row, *dy = lane->dy + column;
    const ptrdiff_t start = row * columns + column;
    v16 sum[4][4];
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < wide; j++) sum[i][j] = splat(0);
    for (ptrdiff_t k = 0; k < lane->steps; k++, x += lane->x_width, dy += lane->dy_width) {
        if (is_far && k < 8) // the next tile's, an eighth at a time
            UNROLL for (int i = 0; i < 2; i++) {
                const ptrdiff_t next = start + 4 * 64 + (2 * k + i) * 16;
                __builtin_prefetch(w + next, 1);
                if (velocity) __builtin_prefetch(velocity + next, 1);
            }
        v16 right[4];
        UNROLL for (int j = 0; j < wide; j++) right[j] = tail == 16 ? load(dy + 16 * j) : load_some(dy + 16 * j, tail);
        UNROLL for (int i = 0; i < rows; i++)
            UNROLL for (int j = 0; j < wide; j++) sum[i][j] = fma16(splat(x[i]), right[j], sum[i][j]);
    }
    for (ptrdiff_t n = lane->sum_count - 1; n >= 0; n--)
        UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < wide; j++) {
            const float *other = lane->sums + n * lane->sum_stride + start + i * columns + 16 * j;
            sum[i][j] += tail == 16 ? load(other) : load_some(other, tail);
        }
    const sgd_numbers numbers = SGD_NUMBERS;
    EACH_SGD(UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < wide; j++) {
        const ptrdiff_t at = start + i * columns + 16 * j;
        sgd16(numbers, has_velocity, nesterov, sum[i][j], w + at, has_velocity ? velocity + at : velocity, tail);
    });
}
static void sgd_outer(const bw_step *o, const float *x, const float *dy, float *w, float *velocity, ptrdiff_t rows,
                      ptrdiff_t columns) {
    const sgd_numbers numbers = SGD_NUMBERS;
    for (ptrdiff_t r = 0; r < rows; r++, w += columns, velocity = velocity ? velocity + columns : velocity)
        EACH_SGD(EACH(columns, const v16 gradient = fma16(splat(x[r]), GET(dy), splat(0)); // as a chain of one step
                      sgd16(numbers, has_velocity, nesterov, gradient, w + i, has_velocity ? velocity + i : velocity, part);););
}
static void sgd_last_lane(const bw_step *o, const bw_last_lane *lane, float *w, float *velocity, ptrdiff_t rows,
                          ptrdiff_t columns) {
    if (lane->steps == 1 && lane->sum_count == 0) {
        sgd_outer(o, lane->x, lane->dy, w, velocity, rows, columns);
        return;
    }
    for (ptrdiff_t r = 0; r < rows;) {
        const ptrdiff_t some = rows - r >= 4 ? 4 : rows - r >= 2 ? 2 : 1;
        for (ptrdiff_t c = 0; c < columns;) {
            const ptrdiff_t left = columns - c, tail = left < 16 ? left : 16;
#define TILE(ROWS, WIDE, IS_FAR) sgd_tile(o, lane, r, c, ROWS, WIDE, IS_FAR, tail, w, velocity, columns)
            if (MOST_WIDE == 4 && left >= 64) {
                if (some == 4 && lane->is_far) TILE(4, 4, 1);
                else if (some == 4) TILE(4, 4, 0);
                else if (some == 2) TILE(2, 4, 0);
                else TILE(1, 4, 0);
                c += 64;
            } else {
                if (some == 4) TILE(4, 1, 0);
                else if (some == 2) TILE(2, 1, 0);
                else TILE(1, 1, 0);
                c += 16;
            }
#undef TILE
        }
        r += some;
    }
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
