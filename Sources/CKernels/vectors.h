// Operations on vectors: sums over rows, and functions of whole gradients and parameters.
#pragma once
#include "lanes.h"

// Goes on with `sum`, or begins with 0, over rows of `n` numbers, `stride` apart.
static void sum_rows(const float *x, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t n, int go_on, float *sum) {
    ptrdiff_t c = 0;
    for (; c + 64 <= n; c += 64) {
        v16 s[4];
        UNROLL for (int j = 0; j < 4; j++) s[j] = go_on ? load(sum + c + 16 * j) : splat(0);
        for (ptrdiff_t r = 0; r < rows; r++) UNROLL for (int j = 0; j < 4; j++) s[j] += load(x + r * stride + c + 16 * j);
        UNROLL for (int j = 0; j < 4; j++) store(sum + c + 16 * j, s[j]);
    }
    EACH(i, n - c, float *to = sum + c; const float *from = x + c; v16 s = go_on ? GET(to, i) : splat(0);
         for (ptrdiff_t r = 0; r < rows; r++) s += GET(from + r * stride, i); PUT(to, i, s););
}
static void add(const float *x, float *into, ptrdiff_t n) { EACH(i, n, PUT(into, i, GET(into, i) + GET(x, i));); }
static void scale(float *x, float factor, ptrdiff_t n) { EACH(i, n, PUT(x, i, GET(x, i) * splat(factor));); }
static void clamp(float *x, float limit, ptrdiff_t n) {
    EACH(i, n, PUT(x, i, min16(max16(GET(x, i), splat(-limit)), splat(limit))););
}
static void average(float *average, const float *w, float weight, ptrdiff_t n) {
    if (weight == 1) { memcpy(average, w, 4 * (size_t)n); return; }
    EACH(i, n, const v16 a = GET(average, i); PUT(average, i, fma16(splat(weight), GET(w, i) - a, a)););
}
static double sum_squares(const float *x, ptrdiff_t n) {
    typedef double d8 __attribute__((ext_vector_type(8)));
    d8 low = (d8)0.0, high = (d8)0.0;
    EACH(i, n, const v16 v = GET(x, i);
         const d8 a = __builtin_convertvector(v.lo, d8), b = __builtin_convertvector(v.hi, d8);
         low += a * a; high += b * b;);
    const d8 s = low + high;
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}
