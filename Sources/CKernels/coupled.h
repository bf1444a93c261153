// Normalisation over the whole batch. One worker sums a grain, and grains are added in order, so no cut of the batch changes a bit.
// Sums are doubles, in which a product of two floats is exact, so that sums and sums of squares can be taken together.
#pragma once
#include "include/CKernels.h"
#include "lanes.h"

typedef double d16 __attribute__((ext_vector_type(16)));
INLINE d16 wide(v16 v) { return __builtin_convertvector(v, d16); }
INLINE v16 narrowed(d16 v) { return __builtin_convertvector(v, v16); }
INLINE d16 load_wide(const double *p) { d16 v; memcpy(&v, p, 128); return v; }
INLINE void store_wide(double *p, d16 v) { memcpy(p, &v, 128); }
// The number of channels, rounded up to whole vectors: the distance from one kind of sums, or of moments, to the next.
INLINE ptrdiff_t padded(ptrdiff_t channels) { return (channels + 15) / 16 * 16; }

// Sums of a and of a * b over each grain of the examples [first, first + rows) of the batch.
static void grain_sums(const float *a, const float *b, ptrdiff_t first, ptrdiff_t rows, ptrdiff_t grain,
                       ptrdiff_t positions, ptrdiff_t channels, double *sums) {
    const ptrdiff_t stride = padded(channels);
    for (ptrdiff_t row = 0; row < rows;) {
        const ptrdiff_t left = grain - (first + row) % grain, count = left < rows - row ? left : rows - row;
        double *to = sums + (first + row) / grain * 2 * stride;
        const ptrdiff_t start = row * positions * channels;
        EACH(i, channels, d16 sum = (d16)0.0; d16 along = (d16)0.0;
             for (ptrdiff_t p = 0; p < count * positions; p++) {
                 const d16 one = wide(GET(a + start + p * channels, i));
                 sum += one;
                 along += one * wide(GET(b + start + p * channels, i));
             }
             store_wide(to + i.at, sum); store_wide(to + stride + i.at, along););
        row += count;
    }
}
// Adds the sums of grains in order for the channels [from, to), whole vectors. Forward, they come to the moments of x; backward, to the
// means of dy and dy * y.
static void finish_sums(const bw_coupling *c, ptrdiff_t from, ptrdiff_t to) {
    const ptrdiff_t stride = padded(c->channels);
    for (ptrdiff_t i = from; i < to; i += 16) {
        d16 sum = (d16)0.0, along = (d16)0.0;
        for (ptrdiff_t g = 0; g < c->grains; g++) {
            sum += load_wide(c->sums + g * 2 * stride + i);
            along += load_wide(c->sums + (g * 2 + 1) * stride + i);
        }
        const d16 count = (d16)(double)c->count, mean = sum / count;
        if (c->is_gradient) {
            store(c->moments + 2 * stride + i, narrowed(mean));
            store(c->moments + 3 * stride + i, narrowed(along / count));
            continue;
        }
        const d16 rest = along / count - mean * mean, variance = rest < (d16)0.0 ? (d16)0.0 : rest;
        store(c->moments + i, narrowed(mean));
        store(c->moments + stride + i, narrowed((d16)1.0 / __builtin_elementwise_sqrt(variance + (d16)(double)c->epsilon)));
        store_wide(c->statistics + i, mean);
        store_wide(c->statistics + stride + i, variance);
    }
}
static void batch_normalise(const float *x, const float *moments, float *y, ptrdiff_t rows, ptrdiff_t channels) {
    const float *scales = moments + padded(channels);
    for (ptrdiff_t r = 0; r < rows; r++, x += channels, y += channels)
        EACH(i, channels, PUT(y, i, (GET(x, i) - GET(moments, i)) * GET(scales, i)););
}
static void batch_normalise_gradient(const float *normal, const float *moments, const float *dy, float *dx, ptrdiff_t rows,
                                     ptrdiff_t channels) {
    const float *scales = moments + padded(channels), *means = scales + padded(channels), *slopes = means + padded(channels);
    for (ptrdiff_t r = 0; r < rows; r++, normal += channels, dy += channels, dx += channels)
        EACH(i, channels, PUT(dx, i, (GET(dy, i) - GET(means, i) - GET(normal, i) * GET(slopes, i)) * GET(scales, i)););
}
