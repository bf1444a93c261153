// Sixteen floats at a time on every processor. Where registers are narrower the compiler splits the vector, so every instruction set
// computes the same numbers in the same order.
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if BW_SET == 256 || BW_SET == 512
#include <immintrin.h>
#endif

#pragma STDC FP_CONTRACT OFF
// Vectors never cross a call that is not inlined, so the calling convention of wide ones does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float v16 __attribute__((ext_vector_type(16)));
typedef int32_t i16 __attribute__((ext_vector_type(16)));
typedef uint32_t u16 __attribute__((ext_vector_type(16)));

INLINE v16 load(const float *p) { v16 v; memcpy(&v, p, 64); return v; }
INLINE void store(float *p, v16 v) { memcpy(p, &v, 64); }
INLINE v16 splat(float x) { return (v16)x; }
// The first n of sixteen; the others are 0 when loaded, and left alone when stored.
#if BW_SET == 512
INLINE v16 load_some(const float *p, ptrdiff_t n) { return _mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p); }
INLINE void store_some(float *p, v16 v, ptrdiff_t n) { _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), v); }
#elif BW_SET == 256
INLINE __m256i first_of_eight(ptrdiff_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
INLINE v16 load_some(const float *p, ptrdiff_t n) {
    __m256 half[2] = {_mm256_maskload_ps(p, first_of_eight(n)), _mm256_maskload_ps(p + 8, first_of_eight(n - 8))};
    v16 v;
    memcpy(&v, half, 64);
    return v;
}
INLINE void store_some(float *p, v16 v, ptrdiff_t n) {
    __m256 half[2];
    memcpy(half, &v, 64);
    _mm256_maskstore_ps(p, first_of_eight(n), half[0]);
    _mm256_maskstore_ps(p + 8, first_of_eight(n - 8), half[1]);
}
#else
INLINE v16 load_some(const float *p, ptrdiff_t n) { v16 v = splat(0); memcpy(&v, p, 4 * (size_t)n); return v; }
INLINE void store_some(float *p, v16 v, ptrdiff_t n) { memcpy(p, &v, 4 * (size_t)n); }
#endif
INLINE i16 bits_of(v16 v) { i16 b; memcpy(&b, &v, 64); return b; }
INLINE v16 of_bits(i16 b) { v16 v; memcpy(&v, &b, 64); return v; }
INLINE v16 fma16(v16 a, v16 b, v16 c) { return __builtin_elementwise_fma(a, b, c); }
INLINE v16 max16(v16 a, v16 b) { return a > b ? a : b; }
INLINE v16 min16(v16 a, v16 b) { return a < b ? a : b; }
INLINE v16 abs16(v16 a) { return __builtin_elementwise_abs(a); }
INLINE v16 sqrt16(v16 a) { return __builtin_elementwise_sqrt(a); }
// Adds the upper half to the lower until one number is left: the order is part of the result.
INLINE float sum16(v16 v) {
    typedef float v8 __attribute__((ext_vector_type(8)));
    typedef float v4 __attribute__((ext_vector_type(4)));
    const v8 eight = v.lo + v.hi;
    const v4 four = eight.lo + eight.hi;
    return (four[0] + four[2]) + (four[1] + four[3]);
}
INLINE float largest16(v16 v) { return __builtin_reduce_max(v); } // a NaN may be overlooked

// Up to sixteen adjacent numbers of a row: the place of the first, and how many they are.
typedef struct { ptrdiff_t at, count; } sixteen;
// Runs the statements for a row of N numbers, sixteen at a time: I is a `sixteen`, whose count is below sixteen in the last step only.
// The statements are compiled twice, so that in the loop over whole vectors the count is a constant.
#define EACH(I, N, ...)                                                                                                \
    do {                                                                                                               \
        const ptrdiff_t each_end = (N);                                                                                \
        ptrdiff_t each_at = 0;                                                                                         \
        for (; each_at + 16 <= each_end; each_at += 16) { const sixteen I = {each_at, 16}; __VA_ARGS__ }               \
        if (each_at < each_end) { const sixteen I = {each_at, each_end - each_at}; __VA_ARGS__ }                       \
    } while (0)
// The numbers of a row at a `sixteen`, the rest of the vector 0; and the same written, the rest of the row left alone.
#define GET(ROW, I) ((I).count == 16 ? load((ROW) + (I).at) : load_some((ROW) + (I).at, (I).count))
#define PUT(ROW, I, V)                                                                                                 \
    do {                                                                                                               \
        if ((I).count == 16) store((ROW) + (I).at, (V));                                                               \
        else store_some((ROW) + (I).at, (V), (I).count);                                                               \
    } while (0)
// The numbers of a vector that a `sixteen` counts, the others 0.
INLINE v16 first_of(v16 v, sixteen i) {
    if (i.count < 16) for (int e = (int)i.count; e < 16; e++) v[e] = 0;
    return v;
}

// exp by 2^n * exp(r), |r| <= ln2/2; relative error under 2 ulp. Overflows to infinity, underflows to 0.
INLINE v16 exp16(v16 x) {
    v16 bounded = max16(min16(x, splat(88.722839f)), splat(-87.336544f));
    v16 shifted = fma16(bounded, splat(1.44269504f), splat(12582912.0f)); // rounds to nearest in the low mantissa bits
    v16 n = shifted - splat(12582912.0f);
    v16 r = fma16(n, splat(-0.693145752f), bounded);
    r = fma16(n, splat(-1.42860677e-6f), r);
    v16 p = splat(1.9875691500e-4f);
    p = fma16(p, r, splat(1.3981999507e-3f));
    p = fma16(p, r, splat(8.3334519073e-3f));
    p = fma16(p, r, splat(4.1665795894e-2f));
    p = fma16(p, r, splat(1.6666665459e-1f));
    p = fma16(p, r, splat(5.0000001201e-1f));
    p = fma16(p * r, r, r + splat(1));
    i16 bits = bits_of(shifted) << 23; // n in the exponent, in two halves so that n = 128 does not overflow
    v16 scaled = of_bits(bits_of(p) + bits);
    v16 top = of_bits(bits_of(p) + bits - (1 << 23)) * splat(2);
    scaled = n > splat(126) ? top : scaled;
    scaled = x > splat(88.722839f) ? splat(INFINITY) : scaled;
    scaled = x < splat(-87.336544f) ? splat(0) : scaled;
    return x == x ? scaled : x;
}
INLINE v16 sigmoid16(v16 x) { return splat(1) / (splat(1) + exp16(-x)); }
// Near zero an odd polynomial, elsewhere 1 - 2/(e^2x + 1).
INLINE v16 tanh16(v16 x) {
    v16 s = x * x;
    v16 p = splat(-5.70498872745e-3f);
    p = fma16(p, s, splat(2.06390887954e-2f));
    p = fma16(p, s, splat(-5.37397155531e-2f));
    p = fma16(p, s, splat(1.33314422036e-1f));
    p = fma16(p, s, splat(-3.33332819422e-1f));
    v16 near = fma16(p * s, x, x);
    v16 size = abs16(x);
    v16 far = splat(1) - splat(2) / (exp16(size + size) + splat(1));
    far = x < splat(0) ? -far : far;
    return size < splat(0.625f) ? near : far;
}
// erf to 1 ulp or so: a polynomial near zero, 1 - exp(polynomial) elsewhere.
INLINE v16 erf16(v16 x) {
    v16 t = abs16(x), s = x * x;
    v16 r = fma16(splat(-1.72853470e-5f), t, splat(3.83197126e-4f));
    v16 u = fma16(splat(-3.88396438e-3f), t, splat(2.42546219e-2f));
    r = fma16(r, s, u);
    r = fma16(r, t, splat(-1.06777877e-1f));
    r = fma16(r, t, splat(-6.34846687e-1f));
    r = fma16(r, t, splat(-1.28717512e-1f));
    r = fma16(r, t, -t);
    v16 far = splat(1) - exp16(r);
    far = x < splat(0) ? -far : far;
    v16 p = splat(-5.96761703e-4f);
    p = fma16(p, s, splat(4.99119423e-3f));
    p = fma16(p, s, splat(-2.67681349e-2f));
    p = fma16(p, s, splat(1.12819925e-1f));
    p = fma16(p, s, splat(-3.76125336e-1f));
    p = fma16(p, s, splat(1.28379166e-1f));
    v16 near = fma16(p, x, x);
    return t > splat(0.927734375f) ? far : near;
}
// log by mantissa and exponent, within 1 ulp or so; 0 gives -infinity, negatives NaN.
INLINE v16 log16(v16 x) {
    const v16 scaled = x < splat(1.17549435e-38f) ? x * splat(8388608) : x; // subnormal numbers
    const i16 bits = bits_of(scaled) - 0x3f3504f3;                           // from sqrt(1/2)
    v16 e = __builtin_convertvector(bits >> 23, v16) - (x < splat(1.17549435e-38f) ? splat(23) : splat(0));
    const v16 m = of_bits((bits & 0x007fffff) + 0x3f3504f3) - splat(1);
    v16 p = splat(7.0376836292e-2f);
    p = fma16(p, m, splat(-1.1514610310e-1f));
    p = fma16(p, m, splat(1.1676998740e-1f));
    p = fma16(p, m, splat(-1.2420140846e-1f));
    p = fma16(p, m, splat(1.4249322787e-1f));
    p = fma16(p, m, splat(-1.6668057665e-1f));
    p = fma16(p, m, splat(2.0000714765e-1f));
    p = fma16(p, m, splat(-2.4999993993e-1f));
    p = fma16(p, m, splat(3.3333331174e-1f));
    const v16 square = m * m;
    v16 y = fma16(e, splat(-2.12194440e-4f), p * m * square);
    y = fma16(splat(-0.5f), square, y);
    v16 log = fma16(e, splat(0.693359375f), m + y);
    log = x == splat(INFINITY) ? x : log;
    log = x == splat(0) ? splat(-INFINITY) : log;
    return x >= splat(0) ? log : splat(NAN);
}
// log(1 + x) for x >= 0: the rounding of 1 + x is undone.
INLINE v16 log1p16(v16 x) {
    const v16 u = splat(1) + x;
    return u == splat(1) ? x : log16(u) * x / (u - splat(1));
}

// Bijections of words in which each bit depends on each: see CounterRandom.swift; mix64 is a step of the generator too.
INLINE uint64_t mix64(uint64_t z) {
    z += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}
INLINE u16 mix32(u16 h) {
    h ^= h >> 16;
    h *= 0x7FEB352Du;
    h ^= h >> 15;
    h *= 0x846CA68Bu;
    return h ^ (h >> 16);
}
