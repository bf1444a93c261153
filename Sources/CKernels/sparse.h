// Dense layers that read sparse rows. Adding a product with zero changes no bit of a sum, so the results are those of dense.h and
// narrow.h on the same rows with their zeros.
#pragma once
#include "dense.h"

// The numbers of a row, and their columns.
typedef struct { const float *values; const int32_t *columns; ptrdiff_t count; } sparse_row;
INLINE sparse_row row_of(const bw_rows *rows, uint64_t example) {
    const ptrdiff_t start = rows->starts[example];
    return (sparse_row){rows->floats + start, rows->columns + start, rows->starts[example + 1] - start};
}

// Asks for the numbers of a row that is read soon. Rows come in a shuffled order, which no processor foresees.
INLINE void prefetch_row(const bw_rows *rows, uint64_t example) {
    const sparse_row row = row_of(rows, example);
    for (ptrdiff_t i = 0; i < row.count; i += 16) {
        __builtin_prefetch(row.values + i);
        __builtin_prefetch(row.columns + i);
    }
}

// The dot products of `dots` and `sum_each`: column c goes to sum c modulo 16.
INLINE float sparse_dot(sparse_row x, const float *w) {
    float s[16] = {0};
    for (ptrdiff_t i = 0; i < x.count; i++) {
        const uint32_t c = (uint32_t)x.columns[i];
        s[c % 16] = __builtin_elementwise_fma(x.values[i], w[c], s[c % 16]);
    }
    for (int half = 8; half > 0; half /= 2)
        for (int i = 0; i < half; i++) s[i] += s[i + half];
    return s[0];
}
// Up to sixteen outputs of one row. w, bias and y begin at the first of them; w is in a panel of `width`.
INLINE void sparse_columns(sparse_row x, const float *w, ptrdiff_t width, const float *bias, float *y, ptrdiff_t count) {
    const sixteen columns = {0, count};
    v16 sum = bias ? GET(bias, columns) : splat(0);
    for (ptrdiff_t i = 0; i < x.count; i++) {
        sum = fma16(splat(x.values[i]), GET(w + x.columns[i] * width, columns), sum);
    }
    PUT(y, columns, sum);
}
static void dense_sparse(const bw_dense_shape *s, const bw_rows *rows, const uint64_t *examples, ptrdiff_t count,
                         ptrdiff_t first, ptrdiff_t last, const float *w, const float *bias, float *y) {
    for (ptrdiff_t r = 0; r < count; r++, y += s->outputs) {
        const sparse_row x = row_of(rows, examples[r]);
        if (is_turned(s)) {
            for (ptrdiff_t o = first; o < last; o++) y[o] = sparse_dot(x, w + o * s->inputs) + (bias ? bias[o] : 0);
            continue;
        }
        for (ptrdiff_t c = first; c < last;) {
            ptrdiff_t width;
            const float *from = panel_of(s, w, c, &width);
            const ptrdiff_t end = (c / s->panel + 1) * s->panel, stop = end < last ? end : last;
            for (; c < stop; c += 16, from += 16)
                sparse_columns(x, from, width, bias ? bias + c : NULL, y + c, stop - c < 16 ? stop - c : 16);
            c = stop;
        }
    }
}

// The first number of a row in this column or a later one: found by halves, so that slices of a wide weight need not walk through all numbers.
INLINE ptrdiff_t first_from(sparse_row row, ptrdiff_t column) {
    ptrdiff_t low = 0, high = row.count;
    while (low < high) {
        const ptrdiff_t middle = (low + high) / 2;
        if (row.columns[middle] < column) low = middle + 1;
        else high = middle;
    }
    return low;
}
// Goes on with the gradient of rows [first_row, first_row + rows) and columns [first_column, first_column + columns) of a weight,
// or of one that lies turned.
static void sparse_gradient(const bw_rows *x, const uint64_t *examples, ptrdiff_t count, const float *dy, ptrdiff_t outputs,
                            int turned, ptrdiff_t first_row, ptrdiff_t rows, ptrdiff_t first_column, ptrdiff_t columns,
                            int go_on, float *gradient) {
    if (!go_on) memset(gradient, 0, 4 * (size_t)(rows * columns));
    for (ptrdiff_t r = 0; r < count; r++, dy += outputs) {
        const sparse_row row = row_of(x, examples[r]);
        if (turned) { // a row of it is an output
            for (ptrdiff_t o = 0; o < rows; o++) {
                const float slope = dy[first_row + o];
                float *sum = gradient + o * columns - first_column;
                for (ptrdiff_t i = 0; i < row.count; i++)
                    sum[row.columns[i]] = __builtin_elementwise_fma(row.values[i], slope, sum[row.columns[i]]);
            }
            continue;
        }
        for (ptrdiff_t n = first_from(row, first_row); n < row.count; n++) {
            const ptrdiff_t place = row.columns[n] - first_row;
            if (place >= rows) break;
            const v16 value = splat(row.values[n]);
            float *sum = gradient + place * columns;
            const float *slopes = dy + first_column;
            EACH(i, columns, PUT(sum, i, fma16(value, GET(slopes, i), GET(sum, i))););
        }
    }
}
