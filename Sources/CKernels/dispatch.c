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

void bw_product(const bw_product_shape *shape, const float *a, const float *b, const float *start, ptrdiff_t start_m, float *c) { current->product(shape, a, b, start, start_m, c); }
void bw_dense(const bw_dense_shape *shape, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last, const float *x, const float *w, const float *bias, float *y) { current->dense(shape, rows, first, last, x, w, bias, y); }
void bw_dense_input_gradient(const bw_dense_shape *shape, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last, const float *dy, const float *w, float *dx) { current->dense_input_gradient(shape, rows, first, last, dy, w, dx); }
void bw_convolution(const bw_convolution_shape *shape, ptrdiff_t images, const float *x, const float *weights, const float *bias, float *y) { current->convolution(shape, images, x, weights, bias, y); }
void bw_convolution_weight_gradient(const bw_convolution_shape *shape, ptrdiff_t images, const float *x, const float *dy, ptrdiff_t first, ptrdiff_t count, int go_on, float *gradient) { current->convolution_weight_gradient(shape, images, x, dy, first, count, go_on, gradient); }
void bw_unary(bw_unary_kind kind, float constant, const float *x, float *y, ptrdiff_t n) { current->unary(kind, constant, x, y, n); }
void bw_unary_gradient(bw_unary_kind kind, float constant, const float *reference, const float *dy, float *dx, ptrdiff_t n) { current->unary_gradient(kind, constant, reference, dy, dx, n); }
void bw_binary(bw_binary_kind kind, const float *a, const float *b, float *y, ptrdiff_t n) { current->binary(kind, a, b, y, n); }
float bw_largest_magnitude(const float *x, ptrdiff_t n) { return current->largest_magnitude(x, n); }
void bw_dropout(uint64_t key, float rate, const uint64_t *examples, const float *x, float *y, ptrdiff_t rows, ptrdiff_t width) { current->dropout(key, rate, examples, x, y, rows, width); }
void bw_pad(const bw_pad_shape *shape, ptrdiff_t images, const float *x, float *y) { current->pad(shape, images, x, y); }
void bw_max_pool(const bw_pool_shape *shape, ptrdiff_t images, const float *x, float *y) { current->max_pool(shape, images, x, y); }
void bw_max_pool_gradient(const bw_pool_shape *shape, ptrdiff_t images, const float *x, const float *dy, float *dx) { current->max_pool_gradient(shape, images, x, dy, dx); }
void bw_average_pool(const bw_pool_shape *shape, ptrdiff_t images, const float *x, float *y) { current->average_pool(shape, images, x, y); }
void bw_average_pool_gradient(const bw_pool_shape *shape, ptrdiff_t images, const float *dy, float *dx) { current->average_pool_gradient(shape, images, dy, dx); }
void bw_group_moments(const float *x, float *moments, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t groups, float epsilon) { current->group_moments(x, moments, rows, positions, channels, groups, epsilon); }
void bw_group_normalise(const float *x, const float *moments, float *y, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t groups) { current->group_normalise(x, moments, y, rows, positions, channels, groups); }
void bw_group_normalise_gradient(const float *normal, const float *moments, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t groups) { current->group_normalise_gradient(normal, moments, dy, dx, rows, positions, channels, groups); }
void bw_ghost_moments(const float *x, float *moments, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t some, ptrdiff_t ghost, float epsilon) { current->ghost_moments(x, moments, rows, positions, channels, some, ghost, epsilon); }
void bw_ghost_normalise(const float *x, const float *moments, float *y, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t some, ptrdiff_t ghost) { current->ghost_normalise(x, moments, y, rows, positions, channels, some, ghost); }
void bw_ghost_normalise_gradient(const float *normal, const float *moments, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t some, ptrdiff_t ghost) { current->ghost_normalise_gradient(normal, moments, dy, dx, rows, positions, channels, some, ghost); }
void bw_sum_rows(const float *x, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t n, int go_on, float *sum) { current->sum_rows(x, rows, stride, n, go_on, sum); }
void bw_transpose(const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t x_stride, float *y, ptrdiff_t y_stride) { current->transpose(x, rows, columns, x_stride, y, y_stride); }
void bw_softmax_cross_entropy(const float *logits, const float *targets, ptrdiff_t target_width, const float *weights, float smoothing, float *losses, float *dx, ptrdiff_t rows, ptrdiff_t classes) { current->softmax_cross_entropy(logits, targets, target_width, weights, smoothing, losses, dx, rows, classes); }
void bw_binary_cross_entropy(const float *logits, const float *targets, const float *weights, float *losses, float *dx, ptrdiff_t rows, ptrdiff_t width) { current->binary_cross_entropy(logits, targets, weights, losses, dx, rows, width); }
void bw_mean_squared_error(const float *predictions, const float *targets, const float *weights, float factor, float *losses, float *dx, ptrdiff_t rows, ptrdiff_t width) { current->mean_squared_error(predictions, targets, weights, factor, losses, dx, rows, width); }
void bw_huber(const float *predictions, const float *targets, const float *weights, float delta, float *losses, float *dx, ptrdiff_t rows, ptrdiff_t width) { current->huber(predictions, targets, weights, delta, losses, dx, rows, width); }
void bw_sgd(const bw_step *options, const float *gradient, float *w, float *velocity, ptrdiff_t n) { current->sgd(options, gradient, w, velocity, n); }
void bw_sgd_last_lane(const bw_step *options, const bw_last_lane *lane, float *w, float *velocity, ptrdiff_t rows, ptrdiff_t columns) { current->sgd_last_lane(options, lane, w, velocity, rows, columns); }
void bw_apply(const bw_step *step, float *g, float *w, float *const *states, ptrdiff_t n) { current->apply(step, g, w, states, n); }
void bw_gather(const bw_rows *rows, const uint64_t *examples, ptrdiff_t count, float *y) { current->gather(rows, examples, count, y); }
void bw_epoch_order(const bw_epoch_order_shape *order, uint64_t first, ptrdiff_t count, uint64_t *examples) { current->epoch_order(order, first, count, examples); }
void bw_prefetch(const bw_rows *rows, const uint64_t *examples, ptrdiff_t count) { current->prefetch(rows, examples, count); }
void bw_sum_losses(const float *losses, const float *weights, const uint64_t *examples, ptrdiff_t first, ptrdiff_t rows, double sums[16]) { current->sum_losses(losses, weights, examples, first, rows, sums); }
void bw_run(const bw_pass *pass) { current->run(pass); }
void bw_finish_sums(const bw_coupling *coupling, ptrdiff_t from, ptrdiff_t to) { current->finish_sums(coupling, from, to); }
void bw_reduce_and_update(const bw_update *update, const bw_slice *slice) { current->reduce_and_update(update, slice); }
void bw_reduce_round(const bw_update *update, const bw_slice *slice, float *gradient) { current->reduce_round(update, slice, gradient); }
void bw_finish(const bw_update *update, const bw_slice *slice, float scale, float trust) { current->finish(update, slice, scale, trust); }
void bw_walk(const bw_update *update, const bw_slice *slice, float length) { current->walk(update, slice, length); }
void bw_newton_schulz(const bw_matrix *matrix, bw_team *team, int worker, int workers) { current->newton_schulz(matrix, team, worker, workers); }
double bw_sum_squares(const float *x, ptrdiff_t n) { return current->sum_squares(x, n); }
void bw_clamp(float *x, float limit, ptrdiff_t n) { current->clamp(x, limit, n); }
void bw_average(float *average, const float *w, float share, ptrdiff_t n) { current->average(average, w, share, n); }
ptrdiff_t bw_linear_updates(const bw_linear *model, const uint64_t *examples, const float *rates, ptrdiff_t count, float *losses) { return current->linear_updates(model, examples, rates, count, losses); }
void bw_flip(const bw_slice *slice, const float *parameters, float *mirrors) { current->flip(slice, parameters, mirrors); }
ptrdiff_t bw_first_column(ptrdiff_t columns, int worker, int workers) {
    const ptrdiff_t vectors = (columns + 15) / 16, first = 16 * (vectors * worker / workers);
    return first < columns ? first : columns;
}
