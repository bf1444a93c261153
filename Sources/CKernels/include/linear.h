// Linear models at batches of one, which is SGD in its original form: many updates in one call.
#ifndef CKERNELS_LINEAR_H
#define CKERNELS_LINEAR_H
#include "optimizers.h"
#include "program.h"

// A narrow layer whose weights lie turned, and a loss.
typedef struct {
    bw_rows rows;
    const float *targets;      // `outputs` numbers for each example,
    const int32_t *classes;    // or the number of its class
    const float *weights;      // the weights of examples, or null
    double mean_weight;        // their mean over the training set
    bw_operation loss;         // softmax or binary cross-entropy, or mean squared error
    float constant;            // the smoothing or factor of the loss
    ptrdiff_t outputs;
    float *w, *bias;           // bias may be null, and velocities too
    float *w_velocity, *bias_velocity;
    float w_decay, bias_decay;
    bw_step step;              // all settings of the step but the rate
    float largest_slope;       // updates with larger or non-finite slopes take the general path; at most 1e17
    float *row;                // room for the features of an example
} bw_linear;
enum { BW_LINEAR_UPDATES = 64 }; // the most updates of a call
#endif
