// Linear models at batches of one: SGD in its first sense, many updates in one call.
#ifndef CKERNELS_LINEAR_H
#define CKERNELS_LINEAR_H
#include "optimizers.h"
#include "program.h"

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
    float largest_slope;       // larger slopes, and all that is not finite, fall back to the general update path; at most 1e17
    float *row;                // room for the features of an example
} bw_linear;
enum { BW_LINEAR_UPDATES = 64 }; // updates of a call, at most
#endif
