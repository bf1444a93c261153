// The kernels that exist once for each instruction set.
#pragma once
#include "include/CKernels.h"

#define EVERY_KERNEL(K)                                                                                                \
    K(product) K(dense) K(dense_input_gradient) K(convolution) K(convolution_weight_gradient) K(unary)                 \
    K(unary_gradient) K(binary) K(largest_magnitude) K(dropout) K(pad) K(max_pool) K(max_pool_gradient)                \
    K(average_pool) K(average_pool_gradient) K(group_moments) K(group_normalise) K(group_normalise_gradient)           \
    K(ghost_moments) K(ghost_normalise) K(ghost_normalise_gradient) K(sum_rows) K(transpose)                           \
    K(softmax_cross_entropy) K(binary_cross_entropy) K(mean_squared_error) K(huber) K(sgd) K(sgd_last_lane) K(apply)       \
    K(gather) K(prefetch) K(epoch_order) K(sum_losses) K(run) K(reduce_and_update) K(reduce_round) K(flip) K(linear_updates)  \
    K(finish_sums) K(finish) K(walk) K(newton_schulz) K(sum_squares) K(clamp) K(average)

typedef struct {
#define K(NAME) __typeof__(bw_##NAME) *NAME;
    EVERY_KERNEL(K)
#undef K
} kernel_table;

extern const kernel_table bw_kernels_baseline;
#if defined(__x86_64__)
extern const kernel_table bw_kernels_avx2, bw_kernels_avx512;
#endif
