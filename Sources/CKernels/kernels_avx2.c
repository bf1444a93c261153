#if defined(__x86_64__)
// System headers come first: the attribute after them must not reach their functions.
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define BW_TABLE bw_kernels_avx2
#define BW_SET 256
#include "kernels.h"
#pragma clang attribute pop
#endif
