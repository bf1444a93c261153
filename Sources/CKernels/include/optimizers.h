// Optimizers: the settings of one update.
#ifndef CKERNELS_OPTIMIZERS_H
#define CKERNELS_OPTIMIZERS_H
#include "shapes.h"

// BW_LAMB and BW_MUON overwrite the gradient with a direction; bw_step_along applies it.
typedef enum {
    BW_SGD, BW_DAMPENED_SGD, BW_ADAM, BW_AMSGRAD, BW_NADAM, BW_RMSPROP, BW_ADAGRAD, BW_LION, BW_LAMB, BW_MUON
} bw_optimizer_kind;
enum { BW_STATES = 3 }; // vectors as long as the parameters that an optimizer may keep

// An optimizer reads the settings that it has.
typedef struct {
    bw_optimizer_kind kind;
    float rate, momentum, beta1, beta2, epsilon;
    float coupled_decay, decoupled_decay; // decay w is added to the gradient; w shrinks by 1 - rate decay
    float correction1, correction2;       // 1 - beta^t
    float dampening_factor;               // of the gradient in the velocity of BW_DAMPENED_SGD: 1 - dampening, in the first update 1
    float gradient_factor, mean_factor;   // the factors of the gradient and its mean in the step of BW_NADAM
    float initial_sum;                    // added to the sum of squares of BW_ADAGRAD: 0 after the first update
    int nesterov, is_centered;
    int is_decoupled;                     // whether a slice's own decay is decoupled
} bw_step;

// The gradient of a dense weight before its last lane is summed: x' dy of that lane's x [steps, x_width] and dy [steps, dy_width], to
// which are added in turn the sums of the lanes before it, the last first.
typedef struct {
    const float *x, *dy;
    ptrdiff_t x_width, dy_width, steps;
    int is_far; // w and velocity are not in a cache
    const float *sums;
    ptrdiff_t sum_stride, sum_count;
} bw_last_lane;

// A matrix of Muon: [rows, columns] in panels of a dense weight, room for three of it and for two squares of its
// shorter side, each ended by BW_SLACK, and for one sum for each row of that side.
typedef struct {
    float *direction;
    ptrdiff_t rows, columns, panel;
    float *x, *turned, *next, *square, *polynomial;
    double *sums;
} bw_matrix;
enum { BW_NEWTON_SCHULZ_STEPS = 5 };
#endif
