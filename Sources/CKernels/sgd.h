// SGD: with a gradient in memory, or with one that is never written down.
#pragma once
#include "include/CKernels.h"
#include "lanes.h"
#include "products.h" // MOST_WIDE

// The settings of a step in vectors.
typedef struct { v16 rate, momentum, decay, keep; } sgd_numbers;
INLINE sgd_numbers sgd_numbers_of(const bw_step *o) {
    return (sgd_numbers){splat(-o->rate), splat(o->momentum), splat(o->coupled_decay), splat(1 - o->rate * o->decoupled_decay)};
}
// Runs the statements for the kind of SGD at hand, with HAS_VELOCITY and NESTEROV as constants.
#define EACH_SGD(OPTIONS, VELOCITY, HAS_VELOCITY, NESTEROV, ...)                                                       \
    do {                                                                                                               \
        if (!(VELOCITY)) { enum { HAS_VELOCITY = 0, NESTEROV = 0 }; __VA_ARGS__ }                                      \
        else if ((OPTIONS)->nesterov) { enum { HAS_VELOCITY = 1, NESTEROV = 1 }; __VA_ARGS__ }                         \
        else { enum { HAS_VELOCITY = 1, NESTEROV = 0 }; __VA_ARGS__ }                                                  \
    } while (0)
// Makes the step of up to sixteen numbers.
INLINE void sgd16(sgd_numbers s, int has_velocity, int nesterov, v16 gradient, float *w, float *velocity, sixteen i) {
    const v16 p = GET(w, i), g = fma16(s.decay, p, gradient);
    v16 step = g;
    if (has_velocity) {
        const v16 v = fma16(s.momentum, GET(velocity, i), g);
        PUT(velocity, i, v);
        step = nesterov ? fma16(s.momentum, v, g) : v;
    }
    PUT(w, i, fma16(s.rate, step, p * s.keep));
}
static void sgd(const bw_step *o, const float *gradient, float *w, float *velocity, ptrdiff_t n) {
    const sgd_numbers numbers = sgd_numbers_of(o);
    EACH_SGD(o, velocity, has_velocity, nesterov,
             EACH(i, n, sgd16(numbers, has_velocity, nesterov, GET(gradient, i), w, velocity, i);););
}
// The gradient as a chain of one step: the gradient [rows, columns] is the product of a column x and a row dy.
static void sgd_outer(const bw_step *o, const float *x, const float *dy, float *w, float *velocity, ptrdiff_t rows,
                      ptrdiff_t columns) {
    const sgd_numbers numbers = sgd_numbers_of(o);
    for (ptrdiff_t r = 0; r < rows; r++, w += columns, velocity = velocity ? velocity + columns : velocity)
        EACH_SGD(o, velocity, has_velocity, nesterov,
                 EACH(i, columns, const v16 gradient = fma16(splat(x[r]), GET(dy, i), splat(0));
                      sgd16(numbers, has_velocity, nesterov, gradient, w, velocity, i);););
}

// A tile of `rows` rows by `wide` vectors of columns, the last of them `tail` wide: the chains stay in registers until their
// step is made.
INLINE void sgd_tile(const bw_step *o, const bw_last_lane *lane, ptrdiff_t row, ptrdiff_t column, int rows, int wide,
                     int is_far, ptrdiff_t tail, float *w, float *velocity, ptrdiff_t columns) {
    const float *x = lane->x + row, *dy = lane->dy + column;
    const ptrdiff_t start = row * columns + column;
    v16 sum[4][4];
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < wide; j++) sum[i][j] = splat(0);
    for (ptrdiff_t k = 0; k < lane->steps; k++, x += lane->x_width, dy += lane->dy_width) {
        if (is_far && k < 8) // the weights of the next tile, an eighth at a time
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
            const sixteen place = {start + i * columns + 16 * j, tail};
            sum[i][j] += GET(lane->sums + n * lane->sum_stride, place);
        }
    const sgd_numbers numbers = sgd_numbers_of(o);
    EACH_SGD(o, velocity, has_velocity, nesterov,
             UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < wide; j++) {
                 const sixteen place = {start + i * columns + 16 * j, tail};
                 sgd16(numbers, has_velocity, nesterov, sum[i][j], w, velocity, place);
             });
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
