// Rows of a table by their numbers, and the gradient of the table.
#pragma once
#include "vectors.h"

// Ids are whole numbers held in floats, and in the table: callers have checked them.
static void embedding(const float *ids, const float *table, float *y, ptrdiff_t count, ptrdiff_t width) {
    for (ptrdiff_t t = 0; t < count; t++)
        memcpy(y + t * width, table + (ptrdiff_t)ids[t] * width, 4 * (size_t)width);
}
// Goes on with the gradient of the rows [first, first + rows) of the table.
static void embedding_gradient(const float *ids, const float *dy, ptrdiff_t count, ptrdiff_t width, ptrdiff_t first,
                               ptrdiff_t rows, int go_on, float *gradient) {
    if (!go_on) memset(gradient, 0, 4 * (size_t)(rows * width));
    for (ptrdiff_t t = 0; t < count; t++) {
        const ptrdiff_t row = (ptrdiff_t)ids[t] - first;
        if (row >= 0 && row < rows) add(dy + t * width, gradient + row * width, width);
    }
}
