// Normalisation: moments, normal form, gradient. Means come first, then variances of what is left: two passes.
#include "lanes.h"

// Runs BODY over the elements of one group: `place` is where a run of `cg` channels begins.
#define EACH_OF_GROUP(...)                                                                                             \
    for (ptrdiff_t p = 0; p < positions; p++) {                                                                        \
        const ptrdiff_t place = (r * positions + p) * channels + g * cg;                                               \
        EACH(cg, __VA_ARGS__);                                                                                         \
    }
// One group holds all channels: its elements are one run of memory.
#define JOIN_POSITIONS                                                                                                 \
    if (groups == 1) { channels *= positions; positions = 1; }                                                         \
    const ptrdiff_t cg = channels / groups;                                                                            \
    const float share = 1.0f / (float)(positions * cg);

static void group_moments(const float *x, float *moments, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels,
                          ptrdiff_t groups, float epsilon) {
    JOIN_POSITIONS
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t g = 0; g < groups; g++) {
            v16 sum = splat(0);
            EACH_OF_GROUP(sum += GET(x + place);)
            const float mean = sum16(sum) * share;
            v16 squares = splat(0);
            EACH_OF_GROUP(v16 d = GET(x + place) - splat(mean); if (part < 16) for (int e = (int)part; e < 16; e++) d[e] = 0;
                          squares = fma16(d, d, squares);)
            moments[(r * groups + g) * 2] = mean;
            moments[(r * groups + g) * 2 + 1] = 1.0f / sqrtf(sum16(squares) * share + epsilon);
        }
}
static void group_normalise(const float *x, const float *moments, float *y, ptrdiff_t rows, ptrdiff_t positions,
                            ptrdiff_t channels, ptrdiff_t groups) {
    JOIN_POSITIONS
    (void)share;
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t g = 0; g < groups; g++) {
            const v16 mean = splat(moments[(r * groups + g) * 2]), scale = splat(moments[(r * groups + g) * 2 + 1]);
            EACH_OF_GROUP(PUT(y + place, (GET(x + place) - mean) * scale);)
        }
}
static void group_normalise_gradient(const float *normal, const float *moments, const float *dy, float *dx,
                                     ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t groups) {
    JOIN_POSITIONS
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t g = 0; g < groups; g++) {
            v16 sum = splat(0), along = splat(0);
            EACH_OF_GROUP(v16 d = GET(dy + place); sum += d; along = fma16(d, GET(normal + place), along);)
            const v16 mean = splat(sum16(sum) * share), slope = splat(sum16(along) * share);
            const v16 scale = splat(moments[(r * groups + g) * 2 + 1]);
            EACH_OF_GROUP(PUT(dx + place, (GET(dy + place) - mean - GET(normal + place) * slope) * scale);)
        }
}

// Runs BODY for each ghost batch and sixteen channels (index i): `first` its first row, `count` its rows.
#define EACH_GHOST(...)                                                                                                \
    for (ptrdiff_t first = 0; first < rows; first += ghost) {                                                          \
        const ptrdiff_t count = rows - first < ghost ? rows - first : ghost;                                           \
        const ptrdiff_t at = first * positions * channels;                                                             \
        (void)count;                                                                                                   \
        EACH(some, __VA_ARGS__);                                                                                       \
    }
// Sums are taken example by example and then added up, which keeps their rounding small.
#define EACH_EXAMPLE(...)                                                                                              \
    for (ptrdiff_t e = 0; e < count; e++) { __VA_ARGS__ }
#define EACH_PIXEL(...)                                                                                                \
    for (ptrdiff_t p = 0; p < positions; p++) {                                                                        \
        const ptrdiff_t place = at + (e * positions + p) * channels;                                                   \
        __VA_ARGS__                                                                                                    \
    }

static void ghost_moments(const float *x, float *moments, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels,
                          ptrdiff_t some, ptrdiff_t ghost, float epsilon) {
    EACH_GHOST(
        const v16 share = splat(1.0f / (float)(count * positions)); v16 total = splat(0);
        EACH_EXAMPLE(v16 sum = splat(0); EACH_PIXEL(sum += GET(x + place);) total += sum;)
        const v16 mean = total * share; v16 squares = splat(0);
        EACH_EXAMPLE(v16 sum = splat(0); EACH_PIXEL(v16 d = GET(x + place) - mean; sum = fma16(d, d, sum);)
                     squares += sum;)
        PUT(moments + first * 2 * channels, mean);
        PUT(moments + (first * 2 + 1) * channels, splat(1) / sqrt16(fma16(squares, share, splat(epsilon))));)
}
static void ghost_normalise(const float *x, const float *moments, float *y, ptrdiff_t rows, ptrdiff_t positions,
                            ptrdiff_t channels, ptrdiff_t some, ptrdiff_t ghost) {
    EACH_GHOST(
        const v16 mean = GET(moments + first * 2 * channels), scale = GET(moments + (first * 2 + 1) * channels);
        EACH_EXAMPLE(EACH_PIXEL(PUT(y + place, (GET(x + place) - mean) * scale);)))
}
static void ghost_normalise_gradient(const float *normal, const float *moments, const float *dy, float *dx,
                                     ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t some,
                                     ptrdiff_t ghost) {
    EACH_GHOST(
        const v16 share = splat(1.0f / (float)(count * positions)); v16 sum = splat(0); v16 along = splat(0);
        EACH_EXAMPLE(v16 one = splat(0); v16 two = splat(0);
                     EACH_PIXEL(v16 d = GET(dy + place); one += d; two = fma16(d, GET(normal + place), two);)
                     sum += one; along += two;)
        const v16 mean = sum * share; const v16 slope = along * share;
        const v16 scale = GET(moments + (first * 2 + 1) * channels);
        EACH_EXAMPLE(EACH_PIXEL(PUT(dx + place, (GET(dy + place) - mean - GET(normal + place) * slope) * scale);)))
}
// y = (x - mean) / sqrt(variance + epsilon) with fixed statistics, for inference. A null mean counts as 0.
static void running_normalise(const float *x, const float *mean, const float *variance, float *y, ptrdiff_t rows,
                              ptrdiff_t channels, float epsilon) {
    EACH(channels, const v16 m = mean ? GET(mean) : splat(0); const v16 scale = splat(1) / sqrt16(GET(variance) + splat(epsilon));
         for (ptrdiff_t r = 0; r < rows; r++) PUT(y + r * channels, (GET(x + r * channels) - m) * scale););
}
