// Optimizers: one pass over a run of parameters, with the finished gradient of a batch.
#ifndef CKERNELS_OPTIMIZERS_H
#define CKERNELS_OPTIMIZERS_H

// The last two leave a direction where the gradient was: bw_walk goes along it when all of it is known.
typedef enum {
    BW_SGD, BW_DAMPENED_SGD, BW_ADAM, BW_AMSGRAD, BW_NADAM, BW_RMSPROP, BW_ADAGRAD, BW_LION, BW_LAMB, BW_MUON
} bw_optimizer_kind;
enum { BW_STATES = 3 }; // vectors as long as the parameters that an optimizer may keep

// The settings of one update; an optimizer reads those that it has.
typedef struct {
    bw_optimizer_kind kind;
    float rate, momentum, beta1, beta2, epsilon;
    float coupled_decay, decoupled_decay; // decay w is added to the gradient; w shrinks by 1 - rate decay
    float correction1, correction2;       // 1 - beta^t
    float gain, lead;                     // what the gradient and its running mean count: see each kernel
    int nesterov, is_centered;
    int is_decoupled;                     // which of the decays a slice's own is
} bw_step;

// w by its gradient g, which only BW_LAMB and BW_MUON change. `states` has BW_STATES places, null where there is no vector.
void bw_apply(const bw_step *step, float *g, float *w, float *const *states, ptrdiff_t n);
// v <- momentum v + g; w <- w - rate v. Null velocity for plain SGD.
void bw_sgd(const bw_step *step, const float *gradient, float *w, float *velocity, ptrdiff_t n);
// The gradient of a dense weight before its last lane is summed: x' dy of that lane's x [steps, x_width] and
// dy [steps, dy_width], to which are added in turn the sums of the lanes before it, the last first.
typedef struct {
    const float *x, *dy;
    ptrdiff_t x_width, dy_width, steps;
    int is_far; // w and velocity are not in a cache
    const float *sums;
    ptrdiff_t sum_stride, sum_count;
} bw_last_lane;
// As bw_sgd, for a gradient [rows, columns] that is never written down.
void bw_sgd_last_lane(const bw_step *step, const bw_last_lane *lane, float *w, float *velocity, ptrdiff_t rows,
                      ptrdiff_t columns);

// The sum of squares, in one order whatever the processor.
double bw_sum_squares(const float *x, ptrdiff_t n);
// Every number to [-limit, limit].
void bw_clamp(float *x, float limit, ptrdiff_t n);
// average <- average + share (w - average); a share of 1 is a copy.
void bw_average(float *average, const float *w, float share, ptrdiff_t n);
#endif
