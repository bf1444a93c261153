// Makes the matrices of Muon nearly orthogonal: see bw_matrix.
#pragma once
#include "exchange.h"
#include "products.h"
#include "vectors.h"

// X / |X| made nearly orthogonal by X <- (a I + b X X' + c (X X')^2) X, five times, with the coefficients of [Jordan 2024],
// whose slope at 0 is as steep as can be; singular values end between 0.7 and 1.2 or so. X has its shorter side as rows.
// Workers share its rows; a number of the result is the same chains on every worker.
static void newton_schulz(const bw_matrix *m, bw_team *team, int worker, int workers) {
    const float a = 3.4445f, b = -4.7750f, c = 2.0315f;
    const int is_wide = m->rows <= m->columns;
    const ptrdiff_t rows = is_wide ? m->rows : m->columns, columns = is_wide ? m->columns : m->rows;
    const ptrdiff_t first = rows * worker / workers, count = rows * (worker + 1) / workers - first;
    const ptrdiff_t from = m->rows * worker / workers, some = m->rows * (worker + 1) / workers - from;
    float *x = m->x, *turned = m->turned, *next = m->next;

    float *plain = is_wide ? x : turned, *other = is_wide ? turned : x;
    for (ptrdiff_t panel = 0; panel < m->columns; panel += m->panel) {
        const ptrdiff_t width = m->columns - panel < m->panel ? m->columns - panel : m->panel;
        const float *part = m->direction + panel * m->rows + from * width;
        for (ptrdiff_t r = 0; r < some; r++)
            memcpy(plain + (from + r) * m->columns + panel, part + r * width, 4 * (size_t)width);
        transpose(part, some, width, width, other + panel * m->rows + from, m->rows);
    }
    if (team) bw_team_meet(team, worker);
    for (ptrdiff_t r = first; r < first + count; r++) m->sums[r] = sum_squares(x + r * columns, columns);
    if (team) bw_team_meet(team, worker);
    double squares = 0;
    for (ptrdiff_t r = 0; r < rows; r++) squares += m->sums[r];
    const double norm = sqrt(squares);
    const float shrink = (float)(1 / (norm > 1e-7 ? norm : 1e-7));
    scale(x + first * columns, shrink, count * columns);
    const ptrdiff_t start = m->rows * m->columns * worker / workers, end = m->rows * m->columns * (worker + 1) / workers;
    scale(turned + start, shrink, end - start);
    if (team) bw_team_meet(team, worker);

    const bw_product_shape square = {.m = count, .n = rows, .k = columns, .segments = 1, .am = columns, .ak = 1, .bk = rows,
                                     .cm = rows};
    const bw_product_shape fourth = {.m = count, .n = rows, .k = rows, .segments = 1, .am = rows, .ak = 1, .bk = rows,
                                     .cm = rows};
    const bw_product_shape step = {.m = count, .n = columns, .k = rows, .segments = 1, .am = rows, .ak = 1, .bk = columns,
                                   .cm = columns};
    float *squared = m->square + first * rows, *polynomial = m->polynomial + first * rows;
    for (int i = 0; i < BW_NEWTON_SCHULZ_STEPS; i++) {
        product(&square, x + first * columns, turned, NULL, 0, squared);
        if (team) bw_team_meet(team, worker);
        product(&fourth, squared, m->square, NULL, 0, polynomial);
        EACH(i, count * rows, PUT(polynomial, i, fma16(splat(c), GET(polynomial, i), splat(b) * GET(squared, i))););
        for (ptrdiff_t r = 0; r < count; r++) polynomial[r * rows + first + r] += a;
        product(&step, polynomial, x, NULL, 0, next + first * columns);
        if (team) bw_team_meet(team, worker); // all workers have read the turned copy
        transpose(next + first * columns, count, columns, columns, turned + first, rows);
        if (team) bw_team_meet(team, worker);
        float *old = x;
        x = next;
        next = old;
    }
    plain = is_wide ? x : turned;
    for (ptrdiff_t panel = 0; panel < m->columns; panel += m->panel) {
        const ptrdiff_t width = m->columns - panel < m->panel ? m->columns - panel : m->panel;
        float *part = m->direction + panel * m->rows + from * width;
        for (ptrdiff_t r = 0; r < some; r++)
            memcpy(part + r * width, plain + (from + r) * m->columns + panel, 4 * (size_t)width);
    }
    if (team) bw_team_meet(team, worker);
}
