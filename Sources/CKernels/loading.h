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
    const w8 low = (word & 0xffffffffu) * bound, high = (word >> 32) * bound;
    return (high + (low >> 32)) >> 32;
}
INLINE w8 sum_modulo(w8 a, w8 b, w8 modulus) {
    const w8 sum = a + b;
    return sum >= modulus ? sum - modulus : sum;
}
INLINE w8 permuted(const bw_epoch_order_shape *o, w8 left, w8 right) {
    const uint64_t increment = 0x9e3779b97f4a7c15u;
    const w8 rows = (w8)o->rows, columns = (w8)o->columns;
    uint64_t round = o->key;
    for (int pair = 0; pair < o->round_pairs; pair++) {
        left = sum_modulo(left, scaled(mix_words(right + round), rows), rows);
        round += increment;
        right = sum_modulo(right, scaled(mix_words(left + round), columns), columns);
        round += increment;
    }
    return left * columns + right;
}
static void epoch_order(const bw_epoch_order_shape *o, uint64_t first, ptrdiff_t count, uint64_t *examples) {
    uint64_t left = first / o->columns, right = first % o->columns;
    for (ptrdiff_t i = 0; i < count; i += 8) {
        const ptrdiff_t part = count - i < 8 ? count - i : 8;
        w8 lefts, rights;
        for (int e = 0; e < 8; e++) {
            lefts[e] = left, rights[e] = right;
            if (++right == o->columns) right = 0, left++;
        }
        const w8 values = permuted(o, lefts, rights);
        for (int e = 0; e < part; e++) {
            uint64_t value = values[e];
            while (value >= o->count) value = permuted(o, (w8)(value / o->columns), (w8)(value % o->columns))[0];
            examples[i + e] = value;
        }
    }
}

static void gather_bytes(const uint8_t *x, const uint64_t *examples, float scale, float shift, float *y, ptrdiff_t rows,
                         ptrdiff_t width) {
    typedef uint8_t b16 __attribute__((ext_vector_type(16)));
    for (ptrdiff_t r = 0; r < rows; r++) {
        const uint8_t *from = x + examples[r] * (uint64_t)width;
        float *to = y + r * width;
        ptrdiff_t i = 0;
        for (; i + 16 <= width; i += 16) {
            b16 bytes;
            memcpy(&bytes, from + i, 16);
            store(to + i, fma16(__builtin_convertvector(bytes, v16), splat(scale), splat(shift)));
        }
        for (; i < width; i++) to[i] = __builtin_elementwise_fma((float)from[i], scale, shift);
    }
}
static void gather_floats(const float *x, const uint64_t *examples, float *y, ptrdiff_t rows, ptrdiff_t width) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *from = x + examples[r] * (uint64_t)width;
        float *to = y + r * width;
        EACH(width, PUT(to, GET(from)););
    }
}
static void sum_losses(const float *losses, const float *weights, const uint64_t *examples, ptrdiff_t rows,
                       double sums[2]) {
    double loss = 0, right = 0;
    for (ptrdiff_t r = 0; r < rows; r++) {
        const double weight = weights ? (double)weights[examples[r]] : 1;
        loss += weight * (double)losses[2 * r];
        right += weight * (double)losses[2 * r + 1];
    }
    sums[0] += loss, sums[1] += right;
}
