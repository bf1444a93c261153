// The kernels are compiled for three instruction sets; when the program starts, the best that the processor has is chosen.
#ifndef CKERNELS_INSTRUCTION_SETS_H
#define CKERNELS_INSTRUCTION_SETS_H

typedef enum { BW_BASELINE = 0, BW_AVX2 = 1, BW_AVX512 = 2 } bw_instruction_set;
bw_instruction_set bw_best_instruction_set(void);    // the best that this processor has
int bw_use_instruction_set(bw_instruction_set set);  // 0, or -1 where the processor lacks it
int bw_has_bfloat16(void);                           // whether instructions may be marked is_bfloat16
#endif
