// The tangents of gradients: how gradients move where their inputs move along a direction. With them a program computes
// the product of a Hessian and a vector. Names: dx, dz are tangents, dy is a gradient.
#pragma once
#include "images.h"
#include "lanes.h"
#include "losses.h"
#include "normalise.h"

// The tangent of the first of the largest numbers of each window.
static void max_pool_tangent(const bw_pool_shape *s, ptrdiff_t images, const float *x, const float *dx, float *y) {
    EACH_WINDOW(i, window, pixel, s, images,
        v16 largest = GET(x + window, i);
        v16 tangent = GET(dx + window, i);
        EACH_PIXEL_OF(window, at, s,
            const v16 v = GET(x + at, i);
            tangent = v > largest ? GET(dx + at, i) : tangent;
            largest = v > largest ? v : largest;)
        PUT(y + pixel, i, tangent);)
}

// ---- the gradient of a normalisation, r (dy - mean(dy) - y mean(dy y)), where x moves and dy does not ----
// Means over the numbers that are normalised together.
typedef struct { v16 scale, dy, dy_y, dx, dx_y, dy_dnormal; } normal_means;
INLINE v16 normal_tangent(normal_means m, v16 y, v16 dx) { return m.scale * (dx - m.dx - y * m.dx_y); }
INLINE v16 normal_gradient_tangent(normal_means m, v16 y, v16 dy, v16 dx) {
    const v16 rest = dy - m.dy - y * m.dy_y;
    return -m.scale * (m.scale * m.dx_y * rest + normal_tangent(m, y, dx) * m.dy_y + y * m.dy_dnormal);
}
static void group_normalise_gradient_tangent(const float *normal, const float *moments, const float *dy, const float *dx,
                                             float *result, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels,
                                             ptrdiff_t groups) {
    const grouping s = grouping_of(positions, channels, groups);
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t g = 0; g < groups; g++) {
            v16 a = splat(0), b = splat(0), c = splat(0), d = splat(0), e = splat(0);
            EACH_OF_GROUP(i, at, s, r, g, const v16 slope = GET(dy + at, i); const v16 move = GET(dx + at, i);
                          const v16 y = GET(normal + at, i); a += slope; b = fma16(slope, y, b); c += move;
                          d = fma16(move, y, d);)
            normal_means m = {splat(moments[(r * groups + g) * 2 + 1]), splat(sum16(a) * s.per_element),
                              splat(sum16(b) * s.per_element), splat(sum16(c) * s.per_element),
                              splat(sum16(d) * s.per_element), splat(0)};
            EACH_OF_GROUP(i, at, s, r, g,
                          e = fma16(GET(dy + at, i), normal_tangent(m, GET(normal + at, i), GET(dx + at, i)), e);)
            m.dy_dnormal = splat(sum16(e) * s.per_element);
            EACH_OF_GROUP(i, at, s, r, g,
                          PUT(result + at, i,
                              normal_gradient_tangent(m, GET(normal + at, i), GET(dy + at, i), GET(dx + at, i)));)
        }
}
static void ghost_normalise_gradient_tangent(const float *normal, const float *moments, const float *dy, const float *dx,
                                             float *result, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels,
                                             ptrdiff_t some, ptrdiff_t ghost) {
    const ghosts s = {rows, positions, channels, some, ghost};
    EACH_GHOST(i, first, count, s,
        const v16 per_element = splat(1.0f / (float)(count * positions));
        v16 a = splat(0), b = splat(0), c = splat(0), d = splat(0), e = splat(0);
        for (ptrdiff_t row = 0; row < count; row++) {
            v16 one = splat(0), two = splat(0), three = splat(0), four = splat(0);
            EACH_PIXEL(at, s, first, row, const v16 slope = GET(dy + at, i); const v16 move = GET(dx + at, i);
                       const v16 y = GET(normal + at, i); one += slope; two = fma16(slope, y, two); three += move;
                       four = fma16(move, y, four);)
            a += one, b += two, c += three, d += four;
        }
        normal_means m = {GET(moments + (first * 2 + 1) * channels, i), a * per_element, b * per_element, c * per_element,
                          d * per_element, splat(0)};
        for (ptrdiff_t row = 0; row < count; row++) {
            v16 five = splat(0);
            EACH_PIXEL(at, s, first, row,
                       five = fma16(GET(dy + at, i), normal_tangent(m, GET(normal + at, i), GET(dx + at, i)), five);)
            e += five;
        }
        m.dy_dnormal = e * per_element;
        for (ptrdiff_t row = 0; row < count; row++)
            EACH_PIXEL(at, s, first, row,
                       PUT(result + at, i,
                           normal_gradient_tangent(m, GET(normal + at, i), GET(dy + at, i), GET(dx + at, i)));))
}

// ---- the gradients of losses, where predictions z move ----
// weight * p (dz - sum(p dz)) with the probabilities p of the logits.
static void softmax_cross_entropy_tangent(const float *logits, const float *weights, const float *dz, float *result,
                                          ptrdiff_t rows, ptrdiff_t classes) {
    for (ptrdiff_t r = 0; r < rows; r++, logits += classes, dz += classes, result += classes) {
        float largest;
        const float scale = 1.0f / exponentials(logits, result, classes, &largest);
        v16 sum = splat(0);
        EACH(i, classes, sum = fma16(GET(result, i), GET(dz, i), sum););
        const v16 mean = splat(sum16(sum) * scale), factor = splat(weights[r] * scale);
        EACH(i, classes, PUT(result, i, factor * GET(result, i) * (GET(dz, i) - mean)););
    }
}
static void binary_cross_entropy_tangent(const float *logits, const float *weights, const float *dz, float *result,
                                         ptrdiff_t rows, ptrdiff_t width) {
    const float per_output = 1.0f / (float)width;
    for (ptrdiff_t r = 0; r < rows; r++, logits += width, dz += width, result += width)
        EACH(i, width, const v16 small = exp16(-abs16(GET(logits, i))); const v16 sum = splat(1) + small;
             PUT(result, i, splat(weights[r] * per_output) * (small / (sum * sum)) * GET(dz, i)););
}
static void mean_squared_error_tangent(const float *weights, const float *dz, float factor, float *result, ptrdiff_t rows,
                                       ptrdiff_t width) {
    const float per_output = 2 * factor / (float)width;
    for (ptrdiff_t r = 0; r < rows; r++, dz += width, result += width)
        EACH(i, width, PUT(result, i, splat(per_output * weights[r]) * GET(dz, i)););
}
static void huber_tangent(const float *predictions, const float *targets, const float *weights, const float *dz, float delta,
                          float *result, ptrdiff_t rows, ptrdiff_t width) {
    const float per_output = 1.0f / (float)width;
    for (ptrdiff_t r = 0; r < rows; r++, predictions += width, targets += width, dz += width, result += width)
        EACH(i, width, const v16 size = abs16(GET(predictions, i) - GET(targets, i));
             const v16 inner = splat(per_output * weights[r]) * GET(dz, i);
             PUT(result, i, size <= splat(delta) ? inner : splat(0)););
}
