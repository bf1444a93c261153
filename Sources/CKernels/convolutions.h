// Convolutions as products: a row of output pixels is the rows of A, the window is the chain.
#pragma once
#include "products.h"

static void convolution(const bw_convolution_shape *s, ptrdiff_t images, const float *x, const float *weights,
                        const float *bias, float *y) {
    const ptrdiff_t in = s->in_channels / s->groups, out = s->out_channels / s->groups;
    const ptrdiff_t in_row = s->in_width * s->in_channels, out_row = s->out_width * s->out_channels;
    const ptrdiff_t window = s->kernel_width * in;
    // without groups and dilation a window row is one run of memory, so the window is kernel_height segments
    const int whole_rows = s->groups == 1 && s->dilation_width == 1;
    bw_product_shape p = {.m = s->out_width, .n = out, .am = s->stride_width * s->in_channels, .ak = 1, .bk = out,
                          .cm = s->out_channels};
    for (ptrdiff_t image = 0; image < images; image++) {
        const float *source = x + image * s->in_height * in_row;
        float *target = y + image * s->out_height * out_row;
        for (ptrdiff_t row = 0; row < s->out_height; row++) {
            const float *top = source + row * s->stride_height * in_row;
            if (whole_rows) {
                p.k = window, p.segments = s->kernel_height;
                p.as = s->dilation_height * in_row, p.bs = window * out;
                product(&p, top, weights, bias, 0, target + row * out_row);
                continue;
            }
            p.k = in, p.segments = s->kernel_width;
            p.as = s->dilation_width * s->in_channels, p.bs = in * out;
            for (ptrdiff_t group = 0; group < s->groups; group++) {
                float *c = target + row * out_row + group * out;
                for (ptrdiff_t line = 0; line < s->kernel_height; line++) {
                    const float *from = line > 0 ? c : bias ? bias + group * out : NULL;
                    product(&p, top + line * s->dilation_height * in_row + group * in,
                            weights + (group * s->kernel_height + line) * window * out, from,
                            line > 0 ? s->out_channels : 0, c);
                }
            }
        }
    }
}

static void convolution_weight_gradient(const bw_convolution_shape *s, ptrdiff_t images, const float *x,
                                        const float *dy, ptrdiff_t first, ptrdiff_t count, int go_on,
                                        float *gradient) {
    const ptrdiff_t in = s->in_channels / s->groups, out = s->out_channels / s->groups;
    const ptrdiff_t in_row = s->in_width * s->in_channels, out_row = s->out_width * s->out_channels;
    const int whole_rows = s->groups == 1 && s->dilation_width == 1;
    const ptrdiff_t run = whole_rows ? s->kernel_width * in : in; // rows of the gradient whose inputs are adjacent
    bw_product_shape p = {.n = out, .k = s->out_width, .segments = s->out_height, .am = 1,
                          .ak = s->stride_width * s->in_channels, .as = s->stride_height * in_row,
                          .bk = s->out_channels, .bs = out_row, .cm = out};
    for (ptrdiff_t image = 0; image < images; image++) {
        const float *source = x + image * s->in_height * in_row;
        const float *slope = dy + image * s->out_height * out_row;
        for (ptrdiff_t row = first; row < first + count;) {
            const ptrdiff_t unit = row / run, within = row % run;
            ptrdiff_t column = 0, line = unit, group = 0;
            if (!whole_rows) {
                column = unit % s->kernel_width;
                line = unit / s->kernel_width % s->kernel_height;
                group = unit / (s->kernel_width * s->kernel_height);
            }
            p.m = run - within < first + count - row ? run - within : first + count - row;
            float *c = gradient + (row - first) * out;
            product(&p,
                    source + line * s->dilation_height * in_row + column * s->dilation_width * s->in_channels +
                        group * in + within,
                    slope + group * out, go_on || image > 0 ? c : NULL, out, c);
            row += p.m;
        }
    }
    if (images == 0 && !go_on) memset(gradient, 0, 4 * (size_t)(count * out));
}
