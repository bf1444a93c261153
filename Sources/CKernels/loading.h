// Loading a batch: which examples it holds, and their numbers, gathered into rows.
#pragma once
#include "include/CKernels.h"
#include "lanes.h"

// Cycle-walking Feistel network of EpochOrder.swift, sixteen positions at a time.
typedef uint64_t w8 __attribute__((ext_vector_type(8)));
typedef uint64_t w16 __attribute__((ext_vector_type(16)));
enum { MOST_ROUNDS = 24 };

// The high 32 bits of each product with a bound: words scaled to 0..<bound.
INLINE u16 scaled(u16 words, uint32_t bound) {
    w8 pairs, high;
    memcpy(&pairs, &words, 64);
    high = ((pairs & 0xffffffffu) * bound >> 32) | ((pairs >> 32) * bound & 0xffffffff00000000u);
    memcpy(&words, &high, 64);
    return words;
}
INLINE u16 sum_modulo(u16 a, u16 b, uint32_t modulus) {
    const u16 sum = a + b; // the smaller of the two is the sum modulo: a negative number is a large unsigned one
    return __builtin_elementwise_min(sum, sum - modulus);
}
// Two vectors of positions at a time, which hide each other's latency.
enum { RUNS = 2 };
INLINE void permute(const bw_epoch_order_shape *o, const uint32_t *keys, u16 left[RUNS], u16 right[RUNS]) {
    for (int round = 0; round < 2 * o->round_pairs; round += 2) {
        UNROLL for (int j = 0; j < RUNS; j++)
            left[j] = sum_modulo(left[j], scaled(mix32(right[j] + keys[round]), o->rows), o->rows);
        UNROLL for (int j = 0; j < RUNS; j++)
            right[j] = sum_modulo(right[j], scaled(mix32(left[j] + keys[round + 1]), o->columns), o->columns);
    }
}
INLINE w16 joined(const bw_epoch_order_shape *o, u16 left, u16 right) {
    return __builtin_convertvector(left, w16) * o->columns + __builtin_convertvector(right, w16);
}
// Permutes a value again until it is less than the count.
static uint64_t walked(const bw_epoch_order_shape *o, const uint32_t *keys, uint64_t value) {
    while (value >= o->count) {
        u16 left[RUNS] = {(u16)(uint32_t)(value / o->columns)}, right[RUNS] = {(u16)(uint32_t)(value % o->columns)};
        permute(o, keys, left, right);
        value = joined(o, left[0], right[0])[0];
    }
    return value;
}
static void epoch_order(const bw_epoch_order_shape *o, uint64_t first, ptrdiff_t count, uint64_t *examples) {
    const u16 step = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    uint32_t keys[MOST_ROUNDS];
    uint64_t state = o->key;
    for (int round = 0; round < 2 * o->round_pairs && round < MOST_ROUNDS; round++) {
        keys[round] = (uint32_t)mix64(state);
        state += 0x9E3779B97F4A7C15u;
    }
    uint32_t row = (uint32_t)(first / o->columns), column = (uint32_t)(first % o->columns);
    for (ptrdiff_t i = 0; i < count; i += 16 * RUNS) {
        u16 left[RUNS], right[RUNS];
        UNROLL for (int j = 0; j < RUNS; j++) {
            left[j] = (u16)row, right[j] = step + column;
            if (o->columns >= 16) {
                const u16 wraps = (u16)(right[j] >= (u16)o->columns); // all bits are 1 where it wraps
                right[j] -= wraps & o->columns;
                left[j] -= wraps;
            } else {
                left[j] += right[j] / o->columns;
                right[j] %= o->columns;
            }
            column += 16;
            while (column >= o->columns) column -= o->columns, row++;
        }
        permute(o, keys, left, right);
        UNROLL for (int j = 0; j < RUNS; j++) {
            const ptrdiff_t at = i + 16 * j;
            const w16 values = joined(o, left[j], right[j]);
            if (at + 16 <= count && __builtin_reduce_max(values) < o->count) memcpy(examples + at, &values, 128);
            else for (ptrdiff_t e = 0; e < 16 && at + e < count; e++) examples[at + e] = walked(o, keys, values[e]);
        }
    }
}

// Asks for memory to be brought to the second-level cache.
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
        EACH(i, width, __builtin_prefetch(next + i.at, 0, 3); PUT(to, i, GET(from, i)););
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
// Each of the eight sums is one chain over examples whose places in the batch are equal modulo eight, so no cut changes it.
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
