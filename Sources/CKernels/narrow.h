// Narrow layers, of fewer than BW_NARROW outputs. Their columns would leave most of a vector empty, so their weights lie turned,
// [outputs, inputs]. An output is a dot product: step k of the chain goes to sum k modulo 16, and the sixteen sums are added up at
// the end as `sum16` does. The gradient of a narrow weight is that of a layer with input and output exchanged.
#pragma once
#include "include/CKernels.h"
#include "exchange.h"

// The sums of sixteen vectors.
INLINE v16 sum_each(v16 r[16]) {
#define FOLD(I, J, BLOCK)                                                                                              \
    do {                                                                                                               \
        EXCHANGE(r, I, J, BLOCK);                                                                                         \
        r[I] += r[J];                                                                                                  \
    } while (0)
    UNROLL for (int i = 0; i < 8; i++) FOLD(i, i + 8, 8);
    UNROLL for (int i = 0; i < 4; i++) FOLD(i, i + 4, 4);
    UNROLL for (int i = 0; i < 2; i++) FOLD(i, i + 2, 2);
    FOLD(0, 1, 1);
    return r[0];
#undef FOLD
}

// s[r * outputs + o] holds the sixteen sums of x[r] and w[o].
INLINE void dots(const float *x, const float *w, ptrdiff_t inputs, int rows, int outputs, v16 *s) {
    UNROLL for (int i = 0; i < rows * outputs; i++) s[i] = splat(0);
    EACH(i, inputs, UNROLL for (int r = 0; r < rows; r++) {
        const v16 v = GET(x + r * inputs, i);
        UNROLL for (int o = 0; o < outputs; o++) s[r * outputs + o] = fma16(v, GET(w + o * inputs, i), s[r * outputs + o]);
    });
}

// With AVX-512, as many rows are taken at a time as give up to sixteen results; otherwise one row and six outputs,
// because there are few registers.
INLINE void narrow(ptrdiff_t inputs, ptrdiff_t rows, const float *x, const float *w, const float *bias, float *y,
                   int outputs) {
    const int most = BW_SET == 512 ? 16 / outputs : 1, group = BW_SET == 512 ? outputs : 6;
    v16 s[16];
    UNROLL for (int i = 0; i < 16; i++) s[i] = splat(0);
    ptrdiff_t r = 0;
    if (most > 1 && rows >= most) {
        v16 shift = splat(0);
        if (bias) for (int i = 0; i < most * outputs; i++) shift[i] = bias[i % outputs];
        for (; r + most <= rows; r += most) {
            dots(x + r * inputs, w, inputs, most, outputs, s);
            store_some(y + r * outputs, sum_each(s) + shift, most * outputs);
        }
    }
    const v16 shift = bias && outputs > 1 ? load_some(bias, outputs) : splat(0);
    for (; r < rows; r++) {
        UNROLL for (int o = 0; o < outputs; o += group)
            dots(x + r * inputs, w + o * inputs, inputs, 1, outputs - o < group ? outputs - o : group, s + o);
        if (outputs == 1) y[r] = sum16(s[0]) + (bias ? bias[0] : 0);
        else store_some(y + r * outputs, sum_each(s) + shift, outputs);
    }
}
static void dense_narrow(const bw_dense_shape *s, ptrdiff_t rows, const float *x, const float *w, const float *bias,
                         float *y) {
    switch (s->outputs) {
#define CASE(OUTPUTS) case OUTPUTS: narrow(s->inputs, rows, x, w, bias, y, OUTPUTS); break;
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13)
        CASE(14) CASE(15)
#undef CASE
    }
}
