// Normalisation: moments, normal form, gradient. The mean is taken first, and then the variance of x - mean.
#pragma once
#include "lanes.h"

// ---- within an example ----
// Groups of adjacent channels, each over all positions. One group holds all channels: its elements are one run of memory.
typedef struct { ptrdiff_t positions, channels, groups, width; float per_element; } grouping;
INLINE grouping grouping_of(ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t groups) {
    if (groups == 1) channels *= positions, positions = 1;
    const ptrdiff_t width = channels / groups;
    return (grouping){positions, channels, groups, width, 1.0f / (float)(positions * width)};
}
// Runs the statements over the elements of group G of row R, sixteen at a time: AT is the place where the elements of a
// position begin.
#define EACH_OF_GROUP(I, AT, SHAPE, R, G, ...)                                                                         \
    for (ptrdiff_t position = 0; position < (SHAPE).positions; position++) {                                           \
        const ptrdiff_t AT = ((R) * (SHAPE).positions + position) * (SHAPE).channels + (G) * (SHAPE).width;            \
        EACH(I, (SHAPE).width, __VA_ARGS__);                                                                           \
    }

static void group_moments(const float *x, float *moments, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels,
                          ptrdiff_t groups, float epsilon) {
    const grouping s = grouping_of(positions, channels, groups);
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t g = 0; g < groups; g++) {
            v16 sum = splat(0);
            EACH_OF_GROUP(i, at, s, r, g, sum += GET(x + at, i);)
            const float mean = sum16(sum) * s.per_element;
            v16 squares = splat(0);
            EACH_OF_GROUP(i, at, s, r, g, const v16 d = first_of(GET(x + at, i) - splat(mean), i);
                          squares = fma16(d, d, squares);)
            moments[(r * groups + g) * 2] = mean;
            moments[(r * groups + g) * 2 + 1] = 1.0f / sqrtf(sum16(squares) * s.per_element + epsilon);
        }
}
static void group_normalise(const float *x, const float *moments, float *y, ptrdiff_t rows, ptrdiff_t positions,
                            ptrdiff_t channels, ptrdiff_t groups) {
    const grouping s = grouping_of(positions, channels, groups);
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t g = 0; g < groups; g++) {
            const v16 mean = splat(moments[(r * groups + g) * 2]), scale = splat(moments[(r * groups + g) * 2 + 1]);
            EACH_OF_GROUP(i, at, s, r, g, PUT(y + at, i, (GET(x + at, i) - mean) * scale);)
        }
}
static void group_normalise_gradient(const float *normal, const float *moments, const float *dy, float *dx,
                                     ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t groups) {
    const grouping s = grouping_of(positions, channels, groups);
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t g = 0; g < groups; g++) {
            v16 sum = splat(0), along = splat(0);
            EACH_OF_GROUP(i, at, s, r, g, const v16 d = GET(dy + at, i); sum += d; along = fma16(d, GET(normal + at, i), along);)
            const v16 mean = splat(sum16(sum) * s.per_element), slope = splat(sum16(along) * s.per_element);
            const v16 scale = splat(moments[(r * groups + g) * 2 + 1]);
            EACH_OF_GROUP(i, at, s, r, g,
                          PUT(dx + at, i, (GET(dy + at, i) - mean - GET(normal + at, i) * slope) * scale);)
        }
}

// ---- across a ghost batch ----
// Each channel over the examples of a ghost batch and all positions. Sums are taken example by example and then added up, which
// keeps their rounding small.
typedef struct { ptrdiff_t rows, positions, channels, some, ghost; } ghosts;
// Runs the statements for each ghost batch and sixteen channels: it has COUNT rows from FIRST.
#define EACH_GHOST(I, FIRST, COUNT, SHAPE, ...)                                                                        \
    for (ptrdiff_t FIRST = 0; FIRST < (SHAPE).rows; FIRST += (SHAPE).ghost) {                                          \
        const ptrdiff_t COUNT = (SHAPE).rows - FIRST < (SHAPE).ghost ? (SHAPE).rows - FIRST : (SHAPE).ghost;           \
        EACH(I, (SHAPE).some, __VA_ARGS__);                                                                            \
    }
// Runs the statements for each position of row E of a ghost batch: AT is the place where its channels begin.
#define EACH_PIXEL(AT, SHAPE, FIRST, E, ...)                                                                           \
    for (ptrdiff_t position = 0; position < (SHAPE).positions; position++) {                                           \
        const ptrdiff_t AT =                                                                                           \
            (FIRST) * (SHAPE).positions * (SHAPE).channels + ((E) * (SHAPE).positions + position) * (SHAPE).channels;  \
        __VA_ARGS__                                                                                                    \
    }

static void ghost_moments(const float *x, float *moments, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels,
                          ptrdiff_t some, ptrdiff_t ghost, float epsilon) {
    const ghosts s = {rows, positions, channels, some, ghost};
    EACH_GHOST(i, first, count, s,
        const v16 per_element = splat(1.0f / (float)(count * positions));
        v16 total = splat(0);
        for (ptrdiff_t e = 0; e < count; e++) {
            v16 sum = splat(0);
            EACH_PIXEL(at, s, first, e, sum += GET(x + at, i);)
            total += sum;
        }
        const v16 mean = total * per_element;
        v16 squares = splat(0);
        for (ptrdiff_t e = 0; e < count; e++) {
            v16 sum = splat(0);
            EACH_PIXEL(at, s, first, e, const v16 d = GET(x + at, i) - mean; sum = fma16(d, d, sum);)
            squares += sum;
        }
        PUT(moments + first * 2 * channels, i, mean);
        PUT(moments + (first * 2 + 1) * channels, i,
            splat(1) / sqrt16(fma16(squares, per_element, splat(epsilon))));)
}
static void ghost_normalise(const float *x, const float *moments, float *y, ptrdiff_t rows, ptrdiff_t positions,
                            ptrdiff_t channels, ptrdiff_t some, ptrdiff_t ghost) {
    const ghosts s = {rows, positions, channels, some, ghost};
    EACH_GHOST(i, first, count, s,
        const v16 mean = GET(moments + first * 2 * channels, i), scale = GET(moments + (first * 2 + 1) * channels, i);
        for (ptrdiff_t e = 0; e < count; e++)
            EACH_PIXEL(at, s, first, e, PUT(y + at, i, (GET(x + at, i) - mean) * scale);))
}
static void ghost_normalise_gradient(const float *normal, const float *moments, const float *dy, float *dx,
                                     ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t some,
                                     ptrdiff_t ghost) {
    const ghosts s = {rows, positions, channels, some, ghost};
    EACH_GHOST(i, first, count, s,
        const v16 per_element = splat(1.0f / (float)(count * positions));
        v16 sum = splat(0), along = splat(0);
        for (ptrdiff_t e = 0; e < count; e++) {
            v16 one = splat(0), two = splat(0);
            EACH_PIXEL(at, s, first, e, const v16 d = GET(dy + at, i); one += d; two = fma16(d, GET(normal + at, i), two);)
            sum += one;
            along += two;
        }
        const v16 mean = sum * per_element, slope = along * per_element;
        const v16 scale = GET(moments + (first * 2 + 1) * channels, i);
        for (ptrdiff_t e = 0; e < count; e++)
            EACH_PIXEL(at, s, first, e, PUT(dx + at, i, (GET(dy + at, i) - mean - GET(normal + at, i) * slope) * scale);))
}

// y = (x - mean) / sqrt(variance + epsilon) with fixed statistics, for inference. A null mean counts as 0.
static void running_normalise(const float *x, const float *mean, const float *variance, float *y, ptrdiff_t rows,
                              ptrdiff_t channels, float epsilon) {
    EACH(i, channels,
         const v16 m = mean ? GET(mean, i) : splat(0), scale = splat(1) / sqrt16(GET(variance, i) + splat(epsilon));
         for (ptrdiff_t r = 0; r < rows; r++) PUT(y + r * channels, i, (GET(x + r * channels, i) - m) * scale););
}
