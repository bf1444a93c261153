// Every kernel that exists once for each instruction set: its result, name, parameters, and the parameters' names
// again, which a call is forwarded by. CKernels.h declares bw_NAME from this list, table.h makes the table of an
// instruction set of it, and dispatch.c the functions that forward to the table in use. A file that includes it defines
// BW_KERNEL. See docs/kernels.md.

// ---- products ----
// start: null for zero; C itself to go on with its chains; else a row (start_m 0) such as a bias.
BW_KERNEL(void, product,
          (const bw_product_shape *shape, const float *a, const float *b, const float *start, ptrdiff_t start_m, float *c),
          (shape, a, b, start, start_m, c))
// Columns [first, last) of y = x w + bias, and of dx = dy w'; `first` is a multiple of 16.
BW_KERNEL(void, dense,
          (const bw_dense_shape *shape, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last, const float *x, const float *w,
           const float *bias, float *y),
          (shape, rows, first, last, x, w, bias, y))
BW_KERNEL(void, dense_input_gradient,
          (const bw_dense_shape *shape, ptrdiff_t rows, ptrdiff_t first, ptrdiff_t last, const float *dy, const float *w,
           float *dx),
          (shape, rows, first, last, dy, w, dx))
BW_KERNEL(void, convolution,
          (const bw_convolution_shape *shape, ptrdiff_t images, const float *x, const float *weights, const float *bias,
           float *y),
          (shape, images, x, weights, bias, y))
// Rows [first, first + count) of the weight gradient seen as a matrix of groups*kh*kw*(in/groups) rows.
BW_KERNEL(void, convolution_weight_gradient,
          (const bw_convolution_shape *shape, ptrdiff_t images, const float *x, const float *dy, ptrdiff_t first,
           ptrdiff_t count, int go_on, float *gradient),
          (shape, images, x, dy, first, count, go_on, gradient))

// ---- element by element ----
BW_KERNEL(void, unary, (bw_unary_kind kind, float constant, const float *x, float *y, ptrdiff_t n), (kind, constant, x, y, n))
// reference is y for RELU, LEAKY_RELU, TANH, SIGMOID, EXP, SQRT and RECIPROCAL, x for the others.
BW_KERNEL(void, unary_gradient,
          (bw_unary_kind kind, float constant, const float *reference, const float *dy, float *dx, ptrdiff_t n),
          (kind, constant, reference, dy, dx, n))
BW_KERNEL(void, binary, (bw_binary_kind kind, const float *a, const float *b, float *y, ptrdiff_t n), (kind, a, b, y, n))
// The largest magnitude of the numbers, or NaN where there is a NaN.
BW_KERNEL(float, largest_magnitude, (const float *x, ptrdiff_t n), (x, n))
// Inverted dropout: element e of the row of example i is kept, and scaled by 1/(1-rate), as a pure function of (key, i, e).
// The gradient is the same call on dy.
BW_KERNEL(void, dropout,
          (uint64_t key, float rate, const uint64_t *examples, const float *x, float *y, ptrdiff_t rows, ptrdiff_t width),
          (key, rate, examples, x, y, rows, width))

// ---- images ----
BW_KERNEL(void, pad, (const bw_pad_shape *shape, ptrdiff_t images, const float *x, float *y), (shape, images, x, y))
BW_KERNEL(void, max_pool, (const bw_pool_shape *shape, ptrdiff_t images, const float *x, float *y), (shape, images, x, y))
// The gradient goes to the first largest element of each window.
BW_KERNEL(void, max_pool_gradient,
          (const bw_pool_shape *shape, ptrdiff_t images, const float *x, const float *dy, float *dx),
          (shape, images, x, dy, dx))
BW_KERNEL(void, average_pool, (const bw_pool_shape *shape, ptrdiff_t images, const float *x, float *y), (shape, images, x, y))
BW_KERNEL(void, average_pool_gradient, (const bw_pool_shape *shape, ptrdiff_t images, const float *dy, float *dx),
          (shape, images, dy, dx))

// ---- normalisation ----
// moments holds (mean, 1/sqrt(variance + epsilon)) pairs; variance is the biased one.
// Within an example: each of `groups` groups of channels over all `positions`. moments: [rows][groups][2].
BW_KERNEL(void, group_moments,
          (const float *x, float *moments, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t groups,
           float epsilon),
          (x, moments, rows, positions, channels, groups, epsilon))
BW_KERNEL(void, group_normalise,
          (const float *x, const float *moments, float *y, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels,
           ptrdiff_t groups),
          (x, moments, y, rows, positions, channels, groups))
BW_KERNEL(void, group_normalise_gradient,
          (const float *normal, const float *moments, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t positions,
           ptrdiff_t channels, ptrdiff_t groups),
          (normal, moments, dy, dx, rows, positions, channels, groups))
// Across a ghost batch: each of the first `some` channels over `ghost` examples and all positions. moments: [rows][2][channels],
// of which the first row of each ghost batch is used.
BW_KERNEL(void, ghost_moments,
          (const float *x, float *moments, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels, ptrdiff_t some,
           ptrdiff_t ghost, float epsilon),
          (x, moments, rows, positions, channels, some, ghost, epsilon))
BW_KERNEL(void, ghost_normalise,
          (const float *x, const float *moments, float *y, ptrdiff_t rows, ptrdiff_t positions, ptrdiff_t channels,
           ptrdiff_t some, ptrdiff_t ghost),
          (x, moments, y, rows, positions, channels, some, ghost))
BW_KERNEL(void, ghost_normalise_gradient,
          (const float *normal, const float *moments, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t positions,
           ptrdiff_t channels, ptrdiff_t some, ptrdiff_t ghost),
          (normal, moments, dy, dx, rows, positions, channels, some, ghost))
// Across the whole batch: the moments of the channels [from, to), whole vectors, from the sums of all grains.
BW_KERNEL(void, finish_sums, (const bw_coupling *coupling, ptrdiff_t from, ptrdiff_t to), (coupling, from, to))

// ---- losses ----
// Each writes (loss, 1 if the prediction is right) for every row, and where dx is not null the gradient of weight * loss.
// Targets of softmax are class numbers held in floats, or where `target_width` is 3 mixtures of two classes: both numbers, and the
// part of the first.
BW_KERNEL(void, softmax_cross_entropy,
          (const float *logits, const float *targets, ptrdiff_t target_width, const float *weights, float smoothing,
           float *losses, float *dx, ptrdiff_t rows, ptrdiff_t classes),
          (logits, targets, target_width, weights, smoothing, losses, dx, rows, classes))
BW_KERNEL(void, binary_cross_entropy,
          (const float *logits, const float *targets, const float *weights, float *losses, float *dx, ptrdiff_t rows,
           ptrdiff_t width),
          (logits, targets, weights, losses, dx, rows, width))
// factor is 1, or 0.5 for the halved form.
BW_KERNEL(void, mean_squared_error,
          (const float *predictions, const float *targets, const float *weights, float factor, float *losses, float *dx,
           ptrdiff_t rows, ptrdiff_t width),
          (predictions, targets, weights, factor, losses, dx, rows, width))
BW_KERNEL(void, huber,
          (const float *predictions, const float *targets, const float *weights, float delta, float *losses, float *dx,
           ptrdiff_t rows, ptrdiff_t width),
          (predictions, targets, weights, delta, losses, dx, rows, width))
// Adds (loss, right) pairs, each times its example's weight where `weights` is not null, to eight sums of losses and eight of the
// other. The place of a pair in the batch, `first` for the first one, modulo eight says which.
BW_KERNEL(void, sum_losses,
          (const float *losses, const float *weights, const uint64_t *examples, ptrdiff_t first, ptrdiff_t rows,
           double sums[16]),
          (losses, weights, examples, first, rows, sums))

// ---- loading a batch ----
// The examples at positions [first, first + count) of an epoch's order: see EpochOrder.
BW_KERNEL(void, epoch_order, (const bw_epoch_order_shape *order, uint64_t first, ptrdiff_t count, uint64_t *examples),
          (order, first, count, examples))
BW_KERNEL(void, gather, (const bw_rows *rows, const uint64_t *examples, ptrdiff_t count, float *y), (rows, examples, count, y))
// Asks for rows that will be gathered soon.
BW_KERNEL(void, prefetch, (const bw_rows *rows, const uint64_t *examples, ptrdiff_t count), (rows, examples, count))

// ---- programs ----
// Runs the instructions of a program; called by every worker of a running task where they share an arena.
BW_KERNEL(void, execute, (const bw_execution *execution), (execution))

// ---- an update: reduce, join, step ----
// Goes on with the gradient of a slice over the examples of a round, and joins lanes that it ends. `sums` holds a partial sum for each
// level of the tree, `level_stride` floats apart; after the round that ends the batch, the first of them is the gradient.
//
// Rounds of lanes [a, b) alone, with a and b multiples of a power of two, leave the sum of a complete subtree there: see bw_join.
BW_KERNEL(void, reduce, (const bw_round *round, const bw_slice *slice, float *sums, ptrdiff_t level_stride),
          (round, slice, sums, level_stride))
// Adds the sum of a complete subtree to its left sibling's.
BW_KERNEL(void, join, (const float *right, float *left, ptrdiff_t n), (right, left, n))
// The optimizer's step on a slice, of whose vectors in the update it changes only its own part. The finished gradient is multiplied by
// `scale` first, and coupled decay by `decay_scale`. BW_LAMB and BW_MUON overwrite the gradient with a direction, and change no
// parameter: bw_step_along applies it.
BW_KERNEL(void, step_slice,
          (const bw_update *update, const bw_slice *slice, float *gradient, float scale, float decay_scale),
          (update, slice, gradient, scale, decay_scale))
// w <- w (1 - rate decay) - rate length direction, for a slice.
BW_KERNEL(void, step_along, (const bw_update *update, const bw_slice *slice, const float *direction, float length),
          (update, slice, direction, length))
// bw_reduce over the round that ends the batch, followed by bw_step_slice, to the same bits. Where it is faster, the
// gradient of the last lane is never written to memory: see fused_lane.
BW_KERNEL(void, reduce_and_step,
          (const bw_round *round, const bw_update *update, const bw_slice *slice, float *sums, ptrdiff_t level_stride),
          (round, update, slice, sums, level_stride))
// The gradient of a slice over the examples of a round as one chain, without lanes.
BW_KERNEL(void, reduce_chain, (const bw_round *round, const bw_slice *slice, float *gradient), (round, slice, gradient))
// Copies rows of a convolution's weights [groups, kH, kW, in, out] to [groups, kH flipped, kW flipped, out, in].
BW_KERNEL(void, flip, (const bw_slice *slice, const float *parameters, float *mirrors), (slice, parameters, mirrors))

// ---- optimizers ----
// w by its gradient g, which only BW_LAMB and BW_MUON change. `states` has BW_STATES places, null where there is no vector.
BW_KERNEL(void, apply, (const bw_step *step, float *g, float *w, float *const *states, ptrdiff_t n), (step, g, w, states, n))
// v <- momentum v + g; w <- w - rate v. Null velocity for plain SGD.
BW_KERNEL(void, sgd, (const bw_step *step, const float *gradient, float *w, float *velocity, ptrdiff_t n),
          (step, gradient, w, velocity, n))
// The step of bw_sgd, for a gradient [rows, columns] that is never written to memory.
BW_KERNEL(void, sgd_last_lane,
          (const bw_step *step, const bw_last_lane *lane, float *w, float *velocity, ptrdiff_t rows, ptrdiff_t columns),
          (step, lane, w, velocity, rows, columns))
// Many updates of a linear model: one for each example in turn, as bw_execute and bw_reduce_and_step make them, to the
// last bit. Stops before an update that is not plain: a weight of zero, a prediction or a slope that is not finite or
// too large; and after BW_LINEAR_UPDATES updates. Writes (loss, right) of every update, and returns how many there
// were.
BW_KERNEL(ptrdiff_t, linear_updates,
          (const bw_linear *model, const uint64_t *examples, const float *rates, ptrdiff_t count, float *losses),
          (model, examples, rates, count, losses))
// The same for sparse rows and plain SGD without decay, called by several threads at once on the same parameters. The numbers
// depend on timing; one thread alone comes to those of linear_updates but for the order of sums.
BW_KERNEL(ptrdiff_t, hogwild_updates,
          (const bw_linear *model, const uint64_t *examples, const float *rates, ptrdiff_t count, float *losses),
          (model, examples, rates, count, losses))
// Makes a direction nearly orthogonal: see muon.h. Called by every worker of a running task, or with no team.
BW_KERNEL(void, newton_schulz, (const bw_matrix *matrix, bw_team *team, int worker, int workers),
          (matrix, team, worker, workers))

// ---- vectors ----
// Goes on with `sum`, or begins with 0, over rows of n numbers, `stride` apart.
BW_KERNEL(void, sum_rows, (const float *x, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t n, int go_on, float *sum),
          (x, rows, stride, n, go_on, sum))
BW_KERNEL(void, transpose,
          (const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t x_stride, float *y, ptrdiff_t y_stride),
          (x, rows, columns, x_stride, y, y_stride))
// The sum is in the same order on every processor.
BW_KERNEL(double, sum_squares, (const float *x, ptrdiff_t n), (x, n))
// Limits every number to [-limit, limit].
BW_KERNEL(void, clamp, (float *x, float limit, ptrdiff_t n), (x, limit, n))
// average <- average + weight (w - average); a weight of 1 is a copy.
BW_KERNEL(void, average, (float *average, const float *w, float weight, ptrdiff_t n), (average, w, weight, n))
