// Optimizers, one kernel each: p is a parameter, g its gradient with coupled decay. SGD without dampening is in sgd.h.
#pragma once
#include "include/CKernels.h"
#include "sgd.h"

// The settings of a step in vectors.
typedef struct {
    v16 rate, momentum, beta1, rest1, beta2, rest2, epsilon; // rate is -rate; rest is 1 - beta
    v16 decay, keep;                                         // keep is the factor by which decoupled decay multiplies p
} step_numbers;
INLINE step_numbers step_numbers_of(const bw_step *o) {
    return (step_numbers){.rate = splat(-o->rate), .momentum = splat(o->momentum),
                          .beta1 = splat(o->beta1), .rest1 = splat(1 - o->beta1),
                          .beta2 = splat(o->beta2), .rest2 = splat(1 - o->beta2), .epsilon = splat(o->epsilon),
                          .decay = splat(o->coupled_decay), .keep = splat(1 - o->rate * o->decoupled_decay)};
}

// v <- momentum v + dampening_factor g; p <- p - rate v.
static void dampened_sgd(const bw_step *o, const float *gradient, float *w, float *velocity, ptrdiff_t n) {
    const step_numbers s = step_numbers_of(o);
    const v16 factor = splat(o->dampening_factor);
    EACH(i, n,
         const v16 p = GET(w, i), g = fma16(s.decay, p, GET(gradient, i));
         const v16 v = fma16(s.momentum, GET(velocity, i), factor * g);
         PUT(velocity, i, v);
         PUT(w, i, fma16(s.rate, v, p * s.keep)););
}
// m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2; p <- p - rate m^ / (sqrt(v^) + epsilon) with m^ and v^ corrected
// for their start at 0.
static void adam(const bw_step *o, const float *gradient, float *w, float *mean, float *square, ptrdiff_t n) {
    const step_numbers s = step_numbers_of(o);
    const v16 rate = splat(-o->rate / o->correction1), root = splat(1 / sqrtf(o->correction2));
    EACH(i, n,
         const v16 p = GET(w, i), g = fma16(s.decay, p, GET(gradient, i));
         const v16 m = fma16(s.beta1, GET(mean, i), s.rest1 * g);
         const v16 v = fma16(s.beta2, GET(square, i), s.rest2 * g * g);
         PUT(mean, i, m);
         PUT(square, i, v);
         const v16 size = fma16(sqrt16(v), root, s.epsilon);
         PUT(w, i, fma16(rate, m / size, p * s.keep)););
}
// Adam with the largest v so far in the place of v.
static void amsgrad(const bw_step *o, const float *gradient, float *w, float *mean, float *square, float *largest,
                    ptrdiff_t n) {
    const step_numbers s = step_numbers_of(o);
    const v16 rate = splat(-o->rate / o->correction1), root = splat(1 / sqrtf(o->correction2));
    EACH(i, n,
         const v16 p = GET(w, i), g = fma16(s.decay, p, GET(gradient, i));
         const v16 m = fma16(s.beta1, GET(mean, i), s.rest1 * g);
         const v16 v = fma16(s.beta2, GET(square, i), s.rest2 * g * g);
         const v16 most = max16(v, GET(largest, i));
         PUT(mean, i, m);
         PUT(square, i, v);
         PUT(largest, i, most);
         const v16 size = fma16(sqrt16(most), root, s.epsilon);
         PUT(w, i, fma16(rate, m / size, p * s.keep)););
}
// Adam with gradient_factor g + mean_factor m in the place of m^: the momentum of this update and of the next.
static void nadam(const bw_step *o, const float *gradient, float *w, float *mean, float *square, ptrdiff_t n) {
    const step_numbers s = step_numbers_of(o);
    const v16 of_gradient = splat(o->gradient_factor), of_mean = splat(o->mean_factor);
    const v16 root = splat(1 / sqrtf(o->correction2));
    EACH(i, n,
         const v16 p = GET(w, i), g = fma16(s.decay, p, GET(gradient, i));
         const v16 m = fma16(s.beta1, GET(mean, i), s.rest1 * g);
         const v16 v = fma16(s.beta2, GET(square, i), s.rest2 * g * g);
         PUT(mean, i, m);
         PUT(square, i, v);
         const v16 size = fma16(sqrt16(v), root, s.epsilon);
         PUT(w, i, fma16(s.rate, fma16(of_gradient, g, of_mean * m) / size, p * s.keep)););
}
// v <- beta2 v + (1 - beta2) g^2; p <- p - rate g / (sqrt(v) + epsilon). Centred, the running mean of g is kept too, and its square
// subtracted from v. With momentum, the velocity sums the quotients and p moves by it.
static void rmsprop(const bw_step *o, const float *gradient, float *w, float *const *states, ptrdiff_t n) {
    const step_numbers s = step_numbers_of(o);
    float *square = states[0], *mean = o->is_centered ? states[1] : NULL, *velocity = states[o->is_centered ? 2 : 1];
    EACH(i, n,
         const v16 p = GET(w, i), g = fma16(s.decay, p, GET(gradient, i));
         v16 v = fma16(s.beta2, GET(square, i), s.rest2 * g * g);
         PUT(square, i, v);
         if (mean) {
             const v16 m = fma16(s.beta2, GET(mean, i), s.rest2 * g);
             PUT(mean, i, m);
             v = max16(fma16(-m, m, v), splat(0)); // rounding may take it below
         }
         v16 step = g / (sqrt16(v) + s.epsilon);
         if (velocity) {
             step = fma16(s.momentum, GET(velocity, i), step);
             PUT(velocity, i, step);
         }
         PUT(w, i, fma16(s.rate, step, p * s.keep)););
}
// v <- v + g^2, which begins at initial_sum; p <- p - rate g / (sqrt(v) + epsilon).
static void adagrad(const bw_step *o, const float *gradient, float *w, float *sum, ptrdiff_t n) {
    const step_numbers s = step_numbers_of(o);
    const v16 start = splat(o->initial_sum);
    EACH(i, n,
         const v16 p = GET(w, i), g = fma16(s.decay, p, GET(gradient, i));
         const v16 v = fma16(g, g, GET(sum, i) + start);
         PUT(sum, i, v);
         PUT(w, i, fma16(s.rate, g / (sqrt16(v) + s.epsilon), p * s.keep)););
}
// p <- p - rate sign(beta1 m + (1 - beta1) g), the sign of 0 being 0; m <- beta2 m + (1 - beta2) g.
static void lion(const bw_step *o, const float *gradient, float *w, float *mean, ptrdiff_t n) {
    const step_numbers s = step_numbers_of(o);
    EACH(i, n,
         const v16 p = GET(w, i), g = fma16(s.decay, p, GET(gradient, i)), m = GET(mean, i);
         const v16 c = fma16(s.beta1, m, s.rest1 * g);
         PUT(mean, i, fma16(s.beta2, m, s.rest2 * g));
         const v16 sign = c > splat(0) ? splat(1) : c < splat(0) ? splat(-1) : splat(0);
         PUT(w, i, fma16(s.rate, sign, p * s.keep)););
}
// Overwrites the gradient with Adam's direction m^ / (sqrt(v^) + epsilon) + decay p.
static void lamb(const bw_step *o, float *gradient, const float *w, float *mean, float *square, ptrdiff_t n) {
    const step_numbers s = step_numbers_of(o);
    const v16 first = splat(1 / o->correction1), root = splat(1 / sqrtf(o->correction2));
    EACH(i, n,
         const v16 g = GET(gradient, i);
         const v16 m = fma16(s.beta1, GET(mean, i), s.rest1 * g);
         const v16 v = fma16(s.beta2, GET(square, i), s.rest2 * g * g);
         PUT(mean, i, m);
         PUT(square, i, v);
         const v16 size = fma16(sqrt16(v), root, s.epsilon);
         PUT(gradient, i, fma16(s.decay, GET(w, i), first * m / size)););
}
// Overwrites the gradient with the momentum v <- momentum v + (1 - momentum) g, or Nesterov's, which is then orthogonalised: see
// muon.h.
static void muon(const bw_step *o, float *gradient, float *velocity, ptrdiff_t n) {
    const v16 momentum = splat(o->momentum), rest = splat(1 - o->momentum);
    EACH(i, n,
         const v16 g = GET(gradient, i);
         const v16 v = fma16(momentum, GET(velocity, i), rest * g);
         PUT(velocity, i, v);
         PUT(gradient, i, o->nesterov ? fma16(momentum, v, rest * g) : v););
}

static void apply(const bw_step *o, float *g, float *w, float *const *states, ptrdiff_t n) {
    switch (o->kind) {
    case BW_SGD: sgd(o, g, w, states[0], n); break;
    case BW_DAMPENED_SGD: dampened_sgd(o, g, w, states[0], n); break;
    case BW_ADAM: adam(o, g, w, states[0], states[1], n); break;
    case BW_AMSGRAD: amsgrad(o, g, w, states[0], states[1], states[2], n); break;
    case BW_NADAM: nadam(o, g, w, states[0], states[1], n); break;
    case BW_RMSPROP: rmsprop(o, g, w, states, n); break;
    case BW_ADAGRAD: adagrad(o, g, w, states[0], n); break;
    case BW_LION: lion(o, g, w, states[0], n); break;
    case BW_LAMB: lamb(o, g, w, states[0], states[1], n); break;
    case BW_MUON: muon(o, g, states[0], n); break;
    }
}
