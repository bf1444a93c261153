// Transpositions in registers, sixteen rows of sixteen at a time.
#pragma once
#include "lanes.h"

// Rows I and J of R exchange blocks of 8, 4, 2 or 1 columns: the steps of a transposition. J's columns count from 16.
#define LOW_8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define HIGH_8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define LOW_4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define HIGH_4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define LOW_2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define HIGH_2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define LOW_1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define HIGH_1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define EXCHANGE(R, I, J, BLOCK)                                                                                       \
    do {                                                                                                               \
        const v16 a = (R)[I], b = (R)[J];                                                                              \
        (R)[I] = __builtin_shufflevector(a, b, LOW_##BLOCK);                                                           \
        (R)[J] = __builtin_shufflevector(a, b, HIGH_##BLOCK);                                                          \
    } while (0)

INLINE void turn(v16 r[16]) {
    UNROLL for (int i = 0; i < 8; i++) EXCHANGE(r, i, i + 8, 8);
    UNROLL for (int i = 0; i < 16; i += 8) UNROLL for (int j = i; j < i + 4; j++) EXCHANGE(r, j, j + 4, 4);
    UNROLL for (int i = 0; i < 16; i += 4) UNROLL for (int j = i; j < i + 2; j++) EXCHANGE(r, j, j + 2, 2);
    UNROLL for (int i = 0; i < 16; i += 2) EXCHANGE(r, i, i + 1, 1);
}
// to[c, r] = from[r, c] for up to sixteen rows and columns.
INLINE void transpose_block(const float *from, ptrdiff_t from_stride, ptrdiff_t rows, ptrdiff_t columns, float *to,
                            ptrdiff_t to_stride) {
    v16 r[16];
    if (rows >= 16 && columns >= 16) {
        UNROLL for (int i = 0; i < 16; i++) r[i] = load(from + i * from_stride);
        turn(r);
        UNROLL for (int i = 0; i < 16; i++) store(to + i * to_stride, r[i]);
        return;
    }
    UNROLL for (int i = 0; i < 16; i++)
        r[i] = i >= rows ? splat(0) : columns >= 16 ? load(from + i * from_stride) : load_some(from + i * from_stride, columns);
    turn(r);
    UNROLL for (int i = 0; i < 16; i++)
        if (i < columns) {
            if (rows >= 16) store(to + i * to_stride, r[i]);
            else store_some(to + i * to_stride, r[i], rows);
        }
}
static void transpose(const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t x_stride, float *y,
                      ptrdiff_t y_stride) {
    for (ptrdiff_t r = 0; r < rows; r += 16)
        for (ptrdiff_t c = 0; c < columns; c += 16)
            transpose_block(x + r * x_stride + c, x_stride, rows - r, columns - c, y + c * y_stride + r, y_stride);
}
