// Element by element: activations and their gradients, arithmetic, dropout.
#pragma once
#include "include/CKernels.h"
#include "lanes.h"

INLINE v16 unary_value(bw_unary_kind kind, v16 constant, v16 x) {
    switch (kind) {
    case BW_RELU: return x > splat(0) ? x : (x == x ? splat(0) : x);
    case BW_LEAKY_RELU: return x > splat(0) ? x : constant * x;
    case BW_TANH: return tanh16(x);
    case BW_SIGMOID: return sigmoid16(x);
    case BW_GELU: return splat(0.5f) * x * (splat(1) + erf16(x * splat(0.70710678f)));
    case BW_SILU: return x * sigmoid16(x);
    case BW_EXP: return exp16(x);
    case BW_LOG: return log16(x);
    case BW_SQRT: return sqrt16(x);
    case BW_SQUARE: return x * x;
    case BW_RECIPROCAL: return splat(1) / x;
    case BW_SCALE: return constant * x;
    case BW_OFFSET: return constant + x;
    }
    return x;
}
INLINE v16 unary_slope(bw_unary_kind kind, v16 constant, v16 r) {
    switch (kind) {
    case BW_RELU: return r > splat(0) ? splat(1) : splat(0);
    case BW_LEAKY_RELU: return r > splat(0) ? splat(1) : constant;
    case BW_TANH: return splat(1) - r * r;
    case BW_SIGMOID: return r * (splat(1) - r);
    case BW_GELU:
        return fma16(r * splat(0.39894228f), exp16(splat(-0.5f) * r * r),
                     splat(0.5f) * (splat(1) + erf16(r * splat(0.70710678f))));
    case BW_SILU: {
        v16 s = sigmoid16(r);
        return s * (splat(1) + r * (splat(1) - s));
    }
    case BW_EXP: return r;
    case BW_LOG: return splat(1) / r;
    case BW_SQRT: return splat(0.5f) / r;
    case BW_SQUARE: return r + r;
    case BW_RECIPROCAL: return -(r * r);
    case BW_SCALE: return constant;
    case BW_OFFSET: return splat(1);
    }
    return r;
}
// Each kind has its own loop, so that no loop has to choose.
#define EVERY_KIND(CASE)                                                                                               \
    CASE(BW_RELU) CASE(BW_LEAKY_RELU) CASE(BW_TANH) CASE(BW_SIGMOID) CASE(BW_GELU) CASE(BW_SILU) CASE(BW_EXP)           \
    CASE(BW_LOG) CASE(BW_SQRT) CASE(BW_SQUARE) CASE(BW_RECIPROCAL) CASE(BW_SCALE) CASE(BW_OFFSET)

static void unary(bw_unary_kind kind, float constant, const float *x, float *y, ptrdiff_t n) {
    const v16 c = splat(constant);
    switch (kind) {
#define CASE(KIND) case KIND: EACH(i, n, PUT(y, i, unary_value(KIND, c, GET(x, i)));); break;
        EVERY_KIND(CASE)
#undef CASE
    }
}
static void unary_gradient(bw_unary_kind kind, float constant, const float *reference, const float *dy, float *dx,
                           ptrdiff_t n) {
    const v16 c = splat(constant);
    switch (kind) {
    case BW_RELU: EACH(i, n, v16 d = GET(dy, i); PUT(dx, i, GET(reference, i) > splat(0) ? d : splat(0));); break;
#define CASE(KIND) case KIND: EACH(i, n, PUT(dx, i, GET(dy, i) * unary_slope(KIND, c, GET(reference, i)));); break;
        CASE(BW_LEAKY_RELU) CASE(BW_TANH) CASE(BW_SIGMOID) CASE(BW_GELU) CASE(BW_SILU) CASE(BW_EXP) CASE(BW_LOG)
        CASE(BW_SQRT) CASE(BW_SQUARE) CASE(BW_RECIPROCAL) CASE(BW_SCALE) CASE(BW_OFFSET)
#undef CASE
    }
}

INLINE v16 binary_value(bw_binary_kind kind, v16 a, v16 b) {
    switch (kind) {
    case BW_ADD: return a + b;
    case BW_SUBTRACT: return a - b;
    case BW_MULTIPLY: return a * b;
    case BW_DIVIDE: return a / b;
    }
    return a;
}
#define EVERY_BINARY(CASE) CASE(BW_ADD) CASE(BW_SUBTRACT) CASE(BW_MULTIPLY) CASE(BW_DIVIDE)
static void binary(bw_binary_kind kind, const float *a, const float *b, float *y, ptrdiff_t n) {
    switch (kind) {
#define CASE(KIND) case KIND: EACH(i, n, PUT(y, i, binary_value(KIND, GET(a, i), GET(b, i)));); break;
        EVERY_BINARY(CASE)
#undef CASE
    }
}
static void binary_vector(bw_binary_kind kind, const float *a, const float *vector, float *y, ptrdiff_t rows,
                          ptrdiff_t width) {
    switch (kind) {
#define CASE(KIND)                                                                                                     \
    case KIND:                                                                                                         \
        for (ptrdiff_t r = 0; r < rows; r++, a += width, y += width)                                                   \
            EACH(i, width, PUT(y, i, binary_value(KIND, GET(a, i), GET(vector, i))););                                             \
        break;
        EVERY_BINARY(CASE)
#undef CASE
    }
}
static void binary_scalar(bw_binary_kind kind, const float *a, const float *scalars, float *y, ptrdiff_t rows,
                          ptrdiff_t width) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        const v16 b = splat(scalars[r]);
        const float *row = a + r * width;
        float *out = y + r * width;
        switch (kind) {
#define CASE(KIND) case KIND: EACH(i, width, PUT(out, i, binary_value(KIND, GET(row, i), b));); break;
            EVERY_BINARY(CASE)
#undef CASE
        }
    }
}
static void sum_last(const float *x, float *y, ptrdiff_t rows, ptrdiff_t width) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *row = x + r * width;
        v16 sum = splat(0);
        EACH(i, width, sum += GET(row, i););
        y[r] = sum16(sum);
    }
}
static void spread_last(const float *x, float *y, ptrdiff_t rows, ptrdiff_t width) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        float *row = y + r * width;
        EACH(i, width, PUT(row, i, splat(x[r])););
    }
}
static float largest_magnitude(const float *x, ptrdiff_t n) {
    if (n <= 4) { // a vector load of numbers just written one by one has to wait for them
        float most = 0, bad = 0;
        for (ptrdiff_t i = 0; i < n; i++) most = fabsf(x[i]) > most ? fabsf(x[i]) : most, bad += x[i] * 0;
        return most + bad;
    }
    v16 largest = splat(0), poison = splat(0); // 0 * NaN and 0 * infinity are NaN, and stay in the sum
    EACH(i, n, v16 v = GET(x, i); largest = max16(abs16(v), largest); poison = fma16(v, splat(0), poison););
    return largest16(largest) + sum16(poison);
}

static void dropout(uint64_t key, float rate, const uint64_t *examples, const float *x, float *y, ptrdiff_t rows,
                    ptrdiff_t width) {
    const u16 count = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const uint32_t threshold = (uint32_t)(rate * 4294967296.0);
    const v16 scale = splat(1 / (1 - rate));
    for (ptrdiff_t r = 0; r < rows; r++) {
        const uint64_t of_row = mix64(key ^ mix64(examples[r]));
        const uint32_t low = (uint32_t)of_row, high = (uint32_t)(of_row >> 32);
        const float *row = x + r * width;
        float *out = y + r * width;
        EACH(i, width, u16 h = mix32(mix32((count + (uint32_t)i.at) * 0x9E3779B1u + low) ^ high);
             PUT(out, i, h >= threshold ? GET(row, i) * scale : splat(0)););
    }
}
