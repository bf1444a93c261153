// The kernels of Batchwise: everything that touches every number of a batch. docs/kernels.md explains them.
//
// Every sum over a long axis is one chain of fused multiply-adds in ascending order, with one accumulator an output element, or
// sixteen (see narrow.h). A chain may be put down in memory and taken up again anywhere, so no cut of the batch (micro-batch,
// thread, cache block) can change a bit, and the instruction sets of one machine agree with each other.
//
// Matrices are row-major. A kernel may read, never write, up to 64 bytes past the end of an operand: memory handed to kernels
// ends in BW_SLACK floats of slack.
#ifndef CKERNELS_H
#define CKERNELS_H
#include "checksum.h"
#include "children.h"
#include "instruction_sets.h"
#include "linear.h"
#include "optimizers.h"
#include "processes.h"
#include "program.h"
#include "shapes.h"
#include "team.h"
#include "threads.h"
#include "update.h"

// The functions bw_... of kernel_list.h.
#define BW_KERNEL(RESULT, NAME, PARAMETERS, ARGUMENTS) RESULT bw_##NAME PARAMETERS;
#include "kernel_list.h"
#undef BW_KERNEL

// The first of the columns that a worker has of a dense layer, whole vectors of sixteen; its last is before the next worker's first.
ptrdiff_t bw_first_column(ptrdiff_t columns, int worker, int workers);
#endif
