#if defined(__x86_64__)
// System headers come first: the attribute after them must not reach their functions.
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx512bf16,avx2,fma"))), apply_to = function)
#define BW_TABLE bw_kernels_avx512
#define BW_SET 512
#include "kernels.h"
#pragma clang attribute pop
#endif
