// Optimizers beside SGD, one kernel each, and what acts on whole gradients: see include/optimizers.h. Needs parameters.h.

// The numbers of every kernel here: the decayed gradient g of p = w[i], and w's share that decoupled decay leaves.
#define DECAYS const v16 decay = splat(o->coupled_decay), keep = splat(1 - o->rate * o->decoupled_decay)
#define BETAS                                                                                                          \
    const v16 b1 = splat(o->beta1), b2 = splat(o->beta2), r1 = splat(1 - o->beta1), r2 = splat(1 - o->beta2)

// v <- momentum v + gain g, where gain is 1 in the first update and 1 - dampening after.
static void dampened_sgd(const bw_step *o, const float *gradient, float *w, float *velocity, ptrdiff_t n) {
    DECAYS;
    const v16 momentum = splat(o->momentum), gain = splat(o->gain), rate = splat(-o->rate);
    EACH(n, const v16 p = GET(w); const v16 g = fma16(decay, p, GET(gradient));
         const v16 v = fma16(momentum, GET(velocity), gain * g); PUT(velocity, v); PUT(w, fma16(rate, v, p * keep)););
}
static void adam(const bw_step *o, const float *gradient, float *w, float *mean, float *square, ptrdiff_t n) {
    const v16 b1 = splat(o->beta1), b2 = splat(o->beta2), r1 = splat(1 - o->beta1), r2 = splat(1 - o->beta2);
    const v16 step = splat(-o->rate / o->correction1), root = splat(1 / sqrtf(o->correction2));
    const v16 decay = splat(o->coupled_decay), keep = splat(1 - o->rate * o->decoupled_decay);
    EACH(n, v16 p = GET(w); v16 g = fma16(decay, p, GET(gradient)); v16 m = fma16(b1, GET(mean), r1 * g);
         v16 v = fma16(b2, GET(square), r2 * g * g); PUT(mean, m); PUT(square, v);
         v16 size = fma16(sqrt16(v), root, splat(o->epsilon)); PUT(w, fma16(step, m / size, p * keep)););
}
// Adam by the largest square that there has been.
static void amsgrad(const bw_step *o, const float *gradient, float *w, float *mean, float *square, float *largest,
                    ptrdiff_t n) {
    BETAS;
    DECAYS;
    const v16 step = splat(-o->rate / o->correction1), root = splat(1 / sqrtf(o->correction2));
    EACH(n, const v16 p = GET(w); const v16 g = fma16(decay, p, GET(gradient)); const v16 m = fma16(b1, GET(mean), r1 * g);
         const v16 v = fma16(b2, GET(square), r2 * g * g); const v16 most = max16(v, GET(largest)); PUT(mean, m);
         PUT(square, v); PUT(largest, most); const v16 size = fma16(sqrt16(most), root, splat(o->epsilon));
         PUT(w, fma16(step, m / size, p * keep)););
}
// The step goes along gain g + lead m: the momentum of this update and of the next.
static void nadam(const bw_step *o, const float *gradient, float *w, float *mean, float *square, ptrdiff_t n) {
    BETAS;
    DECAYS;
    const v16 gain = splat(o->gain), lead = splat(o->lead), rate = splat(-o->rate), root = splat(1 / sqrtf(o->correction2));
    EACH(n, const v16 p = GET(w); const v16 g = fma16(decay, p, GET(gradient)); const v16 m = fma16(b1, GET(mean), r1 * g);
         const v16 v = fma16(b2, GET(square), r2 * g * g); PUT(mean, m); PUT(square, v);
         const v16 size = fma16(sqrt16(v), root, splat(o->epsilon));
         PUT(w, fma16(rate, fma16(gain, g, lead * m) / size, p * keep)););
}
// The size is that of g, or of its deviation from the running mean; the momentum is one of the sized gradients.
static void rmsprop(const bw_step *o, const float *gradient, float *w, float *const *states, ptrdiff_t n) {
    DECAYS;
    float *square = states[0], *mean = o->is_centered ? states[1] : NULL, *velocity = states[o->is_centered ? 2 : 1];
    const v16 b2 = splat(o->beta2), r2 = splat(1 - o->beta2), rate = splat(-o->rate), momentum = splat(o->momentum);
    EACH(n, const v16 p = GET(w); const v16 g = fma16(decay, p, GET(gradient)); v16 v = fma16(b2, GET(square), r2 * g * g);
         PUT(square, v);
         if (mean) {
             const v16 m = fma16(b2, GET(mean), r2 * g);
             PUT(mean, m);
             v = max16(fma16(-m, m, v), splat(0)); // rounding may take it below
         }
         v16 step = g / (sqrt16(v) + splat(o->epsilon));
         if (velocity) {
             step = fma16(momentum, GET(velocity), step);
             PUT(velocity, step);
         }
         PUT(w, fma16(rate, step, p * keep)););
}
// The sum of squares begins at `gain`, which is 0 after the first update.
static void adagrad(const bw_step *o, const float *gradient, float *w, float *sum, ptrdiff_t n) {
    DECAYS;
    const v16 start = splat(o->gain), rate = splat(-o->rate);
    EACH(n, const v16 p = GET(w); const v16 g = fma16(decay, p, GET(gradient)); const v16 v = fma16(g, g, GET(sum) + start);
         PUT(sum, v); PUT(w, fma16(rate, g / (sqrt16(v) + splat(o->epsilon)), p * keep)););
}
// The sign of a running mean, 0 where it is 0.
static void lion(const bw_step *o, const float *gradient, float *w, float *mean, ptrdiff_t n) {
    BETAS;
    DECAYS;
    const v16 rate = splat(-o->rate);
    EACH(n, const v16 p = GET(w); const v16 g = fma16(decay, p, GET(gradient)); const v16 m = GET(mean);
         const v16 c = fma16(b1, m, r1 * g); PUT(mean, fma16(b2, m, r2 * g));
         const v16 sign = c > splat(0) ? splat(1) : c < splat(0) ? splat(-1) : splat(0);
         PUT(w, fma16(rate, sign, p * keep)););
}
// Leaves Adam's direction, with decay, where the gradient was.
static void lamb(const bw_step *o, float *gradient, const float *w, float *mean, float *square, ptrdiff_t n) {
    BETAS;
    const v16 first = splat(1 / o->correction1), root = splat(1 / sqrtf(o->correction2)), decay = splat(o->coupled_decay);
    EACH(n, const v16 g = GET(gradient); const v16 m = fma16(b1, GET(mean), r1 * g);
         const v16 v = fma16(b2, GET(square), r2 * g * g); PUT(mean, m); PUT(square, v);
         const v16 size = fma16(sqrt16(v), root, splat(o->epsilon)); PUT(gradient, fma16(decay, GET(w), first * m / size)););
}
// Leaves the momentum, which is to be orthogonalised, where the gradient was.
static void muon(const bw_step *o, float *gradient, float *velocity, ptrdiff_t n) {
    const v16 momentum = splat(o->momentum), rest = splat(1 - o->momentum);
    EACH(n, const v16 g = GET(gradient); const v16 v = fma16(momentum, GET(velocity), rest * g); PUT(velocity, v);
         PUT(gradient, o->nesterov ? fma16(momentum, v, rest * g) : v););
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

static double sum_squares(const float *x, ptrdiff_t n) {
    typedef double d8 __attribute__((ext_vector_type(8)));
    d8 low = (d8)0.0, high = (d8)0.0;
    EACH(n, const v16 v = GET(x); const d8 a = __builtin_convertvector(v.lo, d8), b = __builtin_convertvector(v.hi, d8);
         low += a * a; high += b * b;);
    const d8 s = low + high;
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}
static void clamp(float *x, float limit, ptrdiff_t n) {
    EACH(n, PUT(x, min16(max16(GET(x), splat(-limit)), splat(limit))););
}
static void scale(float *x, float factor, ptrdiff_t n) { EACH(n, PUT(x, GET(x) * splat(factor));); }
static void average(float *average, const float *w, float share, ptrdiff_t n) {
    if (share == 1) { memcpy(average, w, 4 * (size_t)n); return; }
    EACH(n, const v16 a = GET(average); PUT(average, fma16(splat(share), GET(w) - a, a)););
}
