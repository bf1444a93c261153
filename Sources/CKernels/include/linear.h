// Linear models at batches of one: SGD in its first sense, many updates in one call.
#ifndef CKERNELS_LINEAR_H
#define CKERNELS_LINEAR_H

// A narrow layer whose weights lie turned, and a loss.
typedef struct {
    bw_rows rows;
    const float *targets;      // `outputs` an example,
    const int32_t *classes;    // or the number of its class
    const float *weights;      // of examples, or null
    bw_operation loss;         // softmax or binary cross-entropy, or mean squared error
    float constant;            // its smoothing or factor
    ptrdiff_t outputs;
    float *w, *bias;           // bias may be null, and velocities too
    float *w_velocity, *bias_velocity;
    float w_decay, bias_decay;
    bw_step step;              // but for the rate
    float largest_slope;       // steeper losses are left to others, as is all that is not finite; at most 1e17
    float *row;                // room for the features of an example
} bw_linear;

// One update for each example in turn, as bw_run and bw_reduce_and_update make them, to the last bit. Stops before an update that is not
// plain: a weight of zero, a prediction or a slope that is not finite or too large; and after BW_LINEAR_UPDATES. Leaves (loss, right) of
// every update, and returns how many there were.
enum { BW_LINEAR_UPDATES = 64 };
ptrdiff_t bw_linear_updates(const bw_linear *model, const uint64_t *examples, const float *rates, ptrdiff_t count,
                            float *losses);
#endif
