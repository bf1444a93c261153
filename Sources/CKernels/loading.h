// Loading a batch: which examples it holds, and their numbers, gathered into rows.
#include "lanes.h"

// Cycle-walking Feistel network of EpochOrder.swift, eight positions at a time.
typedef uint64_t w8 __attribute__((ext_vector_type(8)));

INLINE w8 mix_words(w8 z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
// The high half of a product with a bound below 2^32.
INLINE w8 scaled(w8 word, w8 bound) {
    const w8 narrow = bound & 0xffffffffu, low = (word & 0xffffffffu) * narrow, high = (word >> 32) * narrow;
    return (high + (low >> 32)) >> 32;
}
INLINE w8 sum_modulo(w8 a, w8 b, w8 modulus) {
    const w8 sum = a + b; // one of the two is negative, which is large here
    return __builtin_elementwise_min(sum, sum - modulus);
}
// Two runs of eight hide each other's latency.
INLINE void permute(const bw_epoch_order_shape *o, w8 left[2], w8 right[2]) {
    const uint64_t increment = 0x9e3779b97f4a7c15u;
    const w8 rows = (w8)o->rows, columns = (w8)o->columns;
    uint64_t round = o->key;
    for (int pair = 0; pair < o->round_pairs; pair++, round += 2 * increment) {
        UNROLL for (int j = 0; j < 2; j++)
            left[j] = sum_modulo(left[j], scaled(mix_words(right[j] + round), rows), rows);
        UNROLL for (int j = 0; j < 2; j++)
            right[j] = sum_modulo(right[j], scaled(mix_words(left[j] + round + increment), columns), columns);
    }
}
static void epoch_order(const bw_epoch_order_shape *o, uint64_t first, ptrdiff_t count, uint64_t *examples) {
    const w8 step = {0, 1, 2, 3, 4, 5, 6, 7};
    for (ptrdiff_t i = 0; i < count; i += 16) {
        const ptrdiff_t part = count - i < 16 ? count - i : 16;
        const uint64_t position = first + (uint64_t)i, left = position / o->columns, right = position % o->columns;
        w8 lefts[2], rights[2];
        UNROLL for (int j = 0; j < 2; j++) {
            lefts[j] = (w8)left, rights[j] = right + step + (uint64_t)(8 * j);
            if (o->columns >= 16) {
                const w8 wraps = (w8)(rights[j] >= (w8)o->columns); // all ones where it does
                rights[j] -= wraps & o->columns;
                lefts[j] -= wraps;
            } else {
                lefts[j] += rights[j] / o->columns;
                rights[j] %= o->columns;
            }
        }
        permute(o, lefts, rights);
        uint64_t values[16];
        UNROLL for (int j = 0; j < 2; j++) {
            const w8 value = lefts[j] * o->columns + rights[j];
            memcpy(values + 8 * j, &value, 64);
        }
        for (ptrdiff_t e = 0; e < part; e++) {
            if (__builtin_expect(values[e] < o->count, 1)) { examples[i + e] = values[e]; continue; }
            while (values[e] >= o->count) { // the walk goes on until it is back inside
                w8 l[2] = {(w8)(values[e] / o->columns)}, r[2] = {(w8)(values[e] % o->columns)};
                permute(o, l, r);
                values[e] = l[0][0] * o->columns + r[0][0];
            }
            examples[i + e] = values[e];
        }
    }
}

// Rows on their way to the second-level cache, for the next batch.
INLINE void prefetch_run(const void *from, ptrdiff_t bytes) {
    for (ptrdiff_t i = 0; i < bytes; i += 64) __builtin_prefetch((const char *)from + i, 0, 2);
}
static void prefetch(const bw_rows *rows, const uint64_t *examples, ptrdiff_t count) {
    for (ptrdiff_t r = 0; r < count; r++) {
        const ptrdiff_t example = (ptrdiff_t)examples[r];
        switch (rows->kind) {
        case BW_FLOATS: prefetch_run(rows->floats + example * rows->width, 4 * rows->width); break;
        case BW_BYTES: prefetch_run(rows->bytes + example * rows->width, rows->width); break;
        case BW_SPARSE: prefetch_run(rows->starts + example, 16); break;
        }
    }
}
static void gather_bytes(const bw_rows *rows, const uint64_t *examples, ptrdiff_t count, float *y) {
    typedef uint8_t b16 __attribute__((ext_vector_type(16)));
    const v16 scale = splat(rows->scale), shift = splat(rows->shift);
    for (ptrdiff_t r = 0; r < count; r++) {
        const uint8_t *from = rows->bytes + (ptrdiff_t)examples[r] * rows->width;
        float *to = y + r * rows->width;
        ptrdiff_t i = 0;
        for (; i + 16 <= rows->width; i += 16) {
            b16 bytes;
            memcpy(&bytes, from + i, 16);
            store(to + i, fma16(__builtin_convertvector(bytes, v16), scale, shift));
        }
        for (; i < rows->width; i++) to[i] = __builtin_elementwise_fma((float)from[i], rows->scale, rows->shift);
    }
}
static void gather_floats(const bw_rows *rows, const uint64_t *examples, ptrdiff_t count, float *y) {
    const ptrdiff_t width = rows->width;
    const float *x = rows->floats;
    if (width == 1) {
        for (ptrdiff_t r = 0; r < count; r++) y[r] = x[examples[r]];
        return;
    }
    if (width <= 16) {
        for (ptrdiff_t r = 0; r < count; r++)
            store_some(y + r * width, load_some(x + (ptrdiff_t)examples[r] * width, width), width);
        return;
    }
    for (ptrdiff_t r = 0; r < count; r++) {
        const float *from = x + (ptrdiff_t)examples[r] * width;
        const float *next = x + (ptrdiff_t)examples[r + 1 < count ? r + 1 : r] * width;
        float *to = y + r * width;
        EACH(width, __builtin_prefetch(next + i, 0, 3); PUT(to, GET(from)););
    }
}
static void gather_sparse(const bw_rows *rows, const uint64_t *examples, ptrdiff_t count, float *y) {
    memset(y, 0, 4 * (size_t)(count * rows->width));
    for (ptrdiff_t r = 0; r < count; r++, y += rows->width)
        for (ptrdiff_t i = rows->starts[examples[r]]; i < rows->starts[examples[r] + 1]; i++)
            y[rows->columns[i]] = rows->floats[i];
}
static void gather(const bw_rows *rows, const uint64_t *examples, ptrdiff_t count, float *y) {
    switch (rows->kind) {
    case BW_FLOATS: gather_floats(rows, examples, count, y); break;
    case BW_BYTES: gather_bytes(rows, examples, count, y); break;
    case BW_SPARSE: gather_sparse(rows, examples, count, y); break;
    }
}
// Eight sums each, of the examples whose places in the batch leave the same rest: no cut of the batch changes them.
static void sum_losses(const float *losses, const float *weights, const uint64_t *examples, ptrdiff_t first,
                       ptrdiff_t rows, double sums[16]) {
    typedef double d8 __attribute__((ext_vector_type(8)));
    typedef float f8 __attribute__((ext_vector_type(8)));
    d8 loss, right;
    memcpy(&loss, sums, 64);
    memcpy(&right, sums + 8, 64);
    for (ptrdiff_t r = 0; r < rows;) {
        const ptrdiff_t place = (first + r) % 8;
        if (place == 0 && r + 8 <= rows) {
            const v16 pairs = load(losses + 2 * r);
            d8 weight = (d8)1;
            if (weights) for (int e = 0; e < 8; e++) weight[e] = (double)weights[examples[r + e]];
            loss += weight * __builtin_convertvector((f8)pairs.even, d8);
            right += weight * __builtin_convertvector((f8)pairs.odd, d8);
            r += 8;
        } else {
            const double weight = weights ? (double)weights[examples[r]] : 1;
            loss[place] += weight * (double)losses[2 * r];
            right[place] += weight * (double)losses[2 * r + 1];
            r++;
        }
    }
    memcpy(sums, &loss, 64);
    memcpy(sums + 8, &right, 64);
}
