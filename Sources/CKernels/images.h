// Padding and pooling over images of height x width x channels.
#include "lanes.h"

static void pad(const bw_pad_shape *s, ptrdiff_t images, const float *x, float *y) {
    const ptrdiff_t row = s->width * s->channels, out_row = s->out_width * s->channels;
    const ptrdiff_t line_step = 1 + s->between_rows, column_step = 1 + s->between_columns;
    for (ptrdiff_t image = 0; image < images; image++) {
        const float *source = x + image * s->height * row;
        float *target = y + image * s->out_height * out_row;
        if (s->top > 0 || s->left > 0 || s->out_height > s->top + s->height || s->out_width > s->left + s->width ||
            line_step > 1 || column_step > 1)
            memset(target, 0, 4 * (size_t)(s->out_height * out_row));
        for (ptrdiff_t line = 0; line < s->height; line++) {
            const ptrdiff_t to = s->top + line * line_step;
            if (to < 0 || to >= s->out_height) continue;
            if (column_step == 1) {
                const ptrdiff_t first = s->left < 0 ? -s->left : 0;
                ptrdiff_t count = s->width - first;
                if (count > s->out_width - (s->left + first)) count = s->out_width - (s->left + first);
                if (count > 0)
                    memcpy(target + to * out_row + (s->left + first) * s->channels,
                           source + line * row + first * s->channels, 4 * (size_t)(count * s->channels));
                continue;
            }
            for (ptrdiff_t column = 0; column < s->width; column++) {
                const ptrdiff_t at = s->left + column * column_step;
                if (at >= 0 && at < s->out_width)
                    memcpy(target + to * out_row + at * s->channels, source + line * row + column * s->channels,
                           4 * (size_t)s->channels);
            }
        }
    }
}

// Runs BODY for every output pixel and sixteen channels, with `window` at its first input and `pixel` at its output.
#define EACH_WINDOW(...)                                                                                               \
    for (ptrdiff_t image = 0; image < images; image++)                                                                 \
        for (ptrdiff_t oy = 0; oy < s->out_height; oy++)                                                               \
            for (ptrdiff_t ox = 0; ox < s->out_width; ox++) {                                                          \
                const ptrdiff_t window =                                                                               \
                    ((image * s->height + oy * s->stride_height) * s->width + ox * s->stride_width) * s->channels;     \
                const ptrdiff_t pixel = ((image * s->out_height + oy) * s->out_width + ox) * s->channels;              \
                EACH(s->channels, __VA_ARGS__);                                                                        \
            }
#define EACH_PLACE(...)                                                                                                \
    for (ptrdiff_t wy = 0; wy < s->window_height; wy++)                                                                \
        for (ptrdiff_t wx = 0; wx < s->window_width; wx++) {                                                           \
            const ptrdiff_t place = window + (wy * s->width + wx) * s->channels;                                       \
            __VA_ARGS__                                                                                                \
        }

static void max_pool(const bw_pool_shape *s, ptrdiff_t images, const float *x, float *y) {
    EACH_WINDOW(v16 largest = GET(x + window); EACH_PLACE(v16 v = GET(x + place); largest = v > largest || v != v ? v : largest;)
                PUT(y + pixel, largest););
}
static void clear_images(const bw_pool_shape *s, ptrdiff_t images, float *dx) {
    memset(dx, 0, 4 * (size_t)(images * s->height * s->width * s->channels));
}
static void max_pool_gradient(const bw_pool_shape *s, ptrdiff_t images, const float *x, const float *dy, float *dx) {
    clear_images(s, images, dx);
    EACH_WINDOW(v16 largest = GET(x + window);
                EACH_PLACE(v16 v = GET(x + place); largest = v > largest ? v : largest;)
                v16 slope = GET(dy + pixel);
                EACH_PLACE(i16 hit = GET(x + place) == largest; v16 old = GET(dx + place);
                           PUT(dx + place, hit ? old + slope : old); slope = hit ? splat(0) : slope;));
}
static void average_pool(const bw_pool_shape *s, ptrdiff_t images, const float *x, float *y) {
    const v16 share = splat(1.0f / (float)(s->window_height * s->window_width));
    EACH_WINDOW(v16 sum = splat(0); EACH_PLACE(sum += GET(x + place);) PUT(y + pixel, sum * share););
}
static void average_pool_gradient(const bw_pool_shape *s, ptrdiff_t images, const float *dy, float *dx) {
    const v16 share = splat(1.0f / (float)(s->window_height * s->window_width));
    clear_images(s, images, dx);
    EACH_WINDOW(v16 slope = GET(dy + pixel) * share; EACH_PLACE(PUT(dx + place, GET(dx + place) + slope);));
}
