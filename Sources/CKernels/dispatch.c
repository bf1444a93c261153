// Chooses the instruction set once, when the program starts, and forwards every call to its kernels.
#include "table.h"
#include <stdlib.h>
#include <string.h>

static const kernel_table *current = &bw_kernels_baseline;
static bw_instruction_set current_set = BW_BASELINE;

bw_instruction_set bw_best_instruction_set(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        return BW_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return BW_AVX2;
#endif
    return BW_BASELINE;
}
int bw_has_bfloat16(void) {
#if defined(__x86_64__)
    return current_set == BW_AVX512 && __builtin_cpu_supports("avx512bf16");
#else
    return 0;
#endif
}
int bw_use_instruction_set(bw_instruction_set set) {
    if (set < BW_BASELINE || set > bw_best_instruction_set()) return -1;
#if defined(__x86_64__)
    current = set == BW_AVX512 ? &bw_kernels_avx512 : set == BW_AVX2 ? &bw_kernels_avx2 : &bw_kernels_baseline;
#endif
    current_set = set;
    return 0;
}
// The best set, or the one that BATCHWISE_INSTRUCTION_SET names (baseline, avx2, avx512) where the processor has it.
__attribute__((constructor)) static void choose(void) {
    static const char *const names[] = {"baseline", "avx2", "avx512"};
    const char *wanted = getenv("BATCHWISE_INSTRUCTION_SET");
    for (int set = BW_BASELINE; wanted && set <= BW_AVX512; set++)
        if (strcmp(wanted, names[set]) == 0 && bw_use_instruction_set((bw_instruction_set)set) == 0) return;
    bw_use_instruction_set(bw_best_instruction_set());
}

#define BW_KERNEL(RESULT, NAME, PARAMETERS, ARGUMENTS) RESULT bw_##NAME PARAMETERS { return current->NAME ARGUMENTS; }
#include "include/kernel_list.h"
#undef BW_KERNEL

ptrdiff_t bw_first_column(ptrdiff_t columns, int worker, int workers) {
    const ptrdiff_t vectors = (columns + 15) / 16, first = 16 * (vectors * worker / workers);
    return first < columns ? first : columns;
}
