// The table of an instruction set's kernels: one pointer for each of kernel_list.h.
#pragma once
#include "include/CKernels.h"

typedef struct {
#define BW_KERNEL(RESULT, NAME, PARAMETERS, ARGUMENTS) RESULT (*NAME) PARAMETERS;
#include "include/kernel_list.h"
#undef BW_KERNEL
} kernel_table;

extern const kernel_table bw_kernels_baseline;
#if defined(__x86_64__)
extern const kernel_table bw_kernels_avx2, bw_kernels_avx512;
#endif
