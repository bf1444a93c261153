// Runs every kind of kernel over many odd shapes, with buffers exactly as large as the contract says, on every instruction
// set of this machine. It asserts nothing: the sanitizers that it is built with do. See scripts/sanitize.
#include "CKernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static float *floats(ptrdiff_t count) {
    float *p = malloc(sizeof(float) * (size_t)(count + BW_SLACK));
    if (!p) exit(1);
    for (ptrdiff_t i = 0; i < count + BW_SLACK; i++) p[i] = (float)((i * 37) % 101) / 50 - 1;
    return p;
}

static void products(void) {
    const ptrdiff_t sizes[][3] = {{1, 1, 1}, {1, 300, 40}, {2, 130, 9}, {7, 17, 33}, {13, 65, 5}, {20, 1040, 300}, {50, 1040, 300}, {3, 5, 0}};
    for (int i = 0; i < 8; i++) {
        const ptrdiff_t m = sizes[i][0], n = sizes[i][1], k = sizes[i][2];
        float *a = floats(m * k + 1), *b = floats(k * n + 1), *c = floats(m * n), *bias = floats(n);
        bw_product_shape rows = {.m = m, .n = n, .k = k, .segments = 1, .am = k, .ak = 1, .bk = n, .cm = n};
        bw_product_shape columns = {.m = m, .n = n, .k = k, .segments = 1, .am = 1, .ak = m, .bk = n, .cm = n};
        bw_product(&rows, a, b, NULL, 0, c);
        bw_product(&rows, a, b, bias, 0, c);
        bw_product(&columns, a, b, c, n, c);
        free(a), free(b), free(c), free(bias);
    }
}
static void dense_layers(void) {
    const ptrdiff_t shapes[][3] = {{1, 5, 1},    {40, 33, 3},   {1, 70, 200},    {2, 31, 130}, {7, 65, 64},
                                   {50, 300, 300}, {33, 100, 10}, {5, 784, 15}, {1, 40, 7}};
    for (int i = 0; i < 9; i++)
        for (int form = 0; form < 3; form++) { // in panels, plain, turned
            const ptrdiff_t rows = shapes[i][0], in = shapes[i][1], out = shapes[i][2];
            if (form == 2 && out >= BW_NARROW) continue;
            const bw_dense_shape s = {in, out, form == 2 ? 0 : form == 1 || out < BW_PANEL ? out : BW_PANEL};
            float *x = floats(rows * in), *w = floats(in * out), *y = floats(rows * out), *bias = floats(out);
            for (int worker = 0; worker < 3; worker++) {
                bw_dense(&s, rows, bw_first_column(out, worker, 3), bw_first_column(out, worker + 1, 3), x, w, bias, y);
                bw_dense_input_gradient(&s, rows, bw_first_column(in, worker, 3), bw_first_column(in, worker + 1, 3), y, w, x);
            }
            free(x), free(w), free(y), free(bias);
        }
}
static void loading(void) {
    float *x = floats(37 * 19), *y = floats(37 * 19);
    for (uint64_t count = 1; count <= 37; count++) {
        uint32_t root = 1;
        while (root * root < count) root++;
        const bw_epoch_order_shape order = {count, 99, (uint32_t)((count + root - 1) / root), root, 5};
        uint64_t *examples = malloc(count * sizeof *examples), seen = 0;
        if (!examples) exit(1);
        bw_epoch_order(&order, 0, (ptrdiff_t)count, examples);
        for (uint64_t i = 0; i < count; i++) seen |= (uint64_t)1 << examples[i];
        if (seen != (count == 64 ? ~(uint64_t)0 : ((uint64_t)1 << count) - 1)) { fprintf(stderr, "no bijection\n"); exit(1); }
        for (ptrdiff_t width = 1; width <= 19; width += 6) {
            const bw_rows rows = {.kind = BW_FLOATS, .width = width, .floats = x};
            bw_gather(&rows, examples, (ptrdiff_t)count, y);
            bw_prefetch(&rows, examples, (ptrdiff_t)count);
        }
        double sums[16] = {0};
        float *losses = floats(2 * (ptrdiff_t)count);
        bw_sum_losses(losses, x, examples, 3, (ptrdiff_t)count, sums);
        free(losses), free(examples);
    }
    free(x), free(y);
}
static void convolutions(void) {
    for (int groups = 1; groups <= 2; groups++)
        for (int stride = 1; stride <= 2; stride++)
            for (int dilation = 1; dilation <= 2; dilation++) {
                bw_convolution_shape s = {.in_height = 9, .in_width = 8, .in_channels = 4, .out_channels = 6,
                                          .kernel_height = 3, .kernel_width = 2, .stride_height = stride,
                                          .stride_width = stride, .dilation_height = dilation,
                                          .dilation_width = dilation, .groups = groups};
                s.out_height = (9 - dilation * 2 - 1) / stride + 1;
                s.out_width = (8 - dilation - 1) / stride + 1;
                const ptrdiff_t rows = 6 * 4 / groups * groups, outs = s.out_height * s.out_width * 6;
                float *x = floats(3 * 9 * 8 * 4), *w = floats(6 * 4 * 6), *y = floats(3 * outs), *g = floats(rows * 6);
                bw_convolution(&s, 3, x, w, w, y);
                bw_convolution_weight_gradient(&s, 3, x, y, 1, rows - 2, 0, g);
                free(x), free(w), free(y), free(g);
            }
}
static void elements(void) {
    for (ptrdiff_t n = 0; n < 40; n++) {
        float *x = floats(n), *y = floats(n), *z = floats(n);
        for (int kind = BW_RELU; kind <= BW_OFFSET; kind++) {
            bw_unary((bw_unary_kind)kind, 0.5f, x, y, n);
            bw_unary_gradient((bw_unary_kind)kind, 0.5f, x, y, z, n);
        }
        for (int kind = BW_ADD; kind <= BW_DIVIDE; kind++) bw_binary((bw_binary_kind)kind, x, y, z, n);
        const uint64_t examples[] = {7};
        bw_dropout(1, 0.5f, examples, x, y, 1, n);
        bw_sum_rows(x, 1, n, n, 1, y);
        bw_transpose(x, n ? 1 : 0, n, n, y, 1);
        (void)bw_largest_magnitude(x, n);
        float *u = floats(n), *const all[] = {y, z, u}, *const one[] = {y, NULL, NULL};
        for (int kind = BW_SGD; kind <= BW_MUON; kind++)
            for (int form = 0; form < 2; form++) {
                const bw_step step = {.kind = (bw_optimizer_kind)kind, .rate = 0.1f, .momentum = 0.9f, .beta1 = 0.9f,
                                      .beta2 = 0.9f, .epsilon = 1, .correction1 = 1, .correction2 = 1, .nesterov = form,
                                      .is_centered = form};
                bw_apply(&step, x, u, kind == BW_SGD || (kind == BW_RMSPROP && !form) ? one : all, n);
            }
        (void)bw_sum_squares(x, n);
        bw_clamp(x, 0.5f, n);
        bw_average(y, x, 0.5f, n);
        bw_average(y, x, 1, n);
        free(u);
        if (n > 0) {
            const float targets[] = {0}, weights[] = {1};
            float losses[2];
            bw_softmax_cross_entropy(x, targets, 1, weights, 0.1f, losses, z, 1, n);
            bw_binary_cross_entropy(x, y, weights, losses, z, 1, n);
            bw_mean_squared_error(x, y, weights, 1, losses, z, 1, n);
            bw_huber(x, y, weights, 1, losses, z, 1, n);
            uint8_t *bytes = calloc((size_t)n, 1);
            const uint64_t first[] = {0};
            const bw_rows rows = {.kind = BW_BYTES, .width = n, .bytes = bytes, .scale = 1};
            if (bytes) bw_gather(&rows, first, 1, z);
            free(bytes);
        }
        free(x), free(y), free(z);
    }
}
static void images(void) {
    bw_pool_shape pool = {.height = 7, .width = 5, .channels = 19, .out_height = 3, .out_width = 2, .window_height = 3,
                          .window_width = 3, .stride_height = 2, .stride_width = 2};
    bw_pad_shape pad = {.height = 7, .width = 5, .channels = 19, .out_height = 15, .out_width = 12, .top = 1,
                        .left = 2, .between_rows = 1, .between_columns = 1};
    bw_pad_shape crop = {.height = 7, .width = 5, .channels = 19, .out_height = 5, .out_width = 4, .top = -1, .left = -1};
    const ptrdiff_t in = 2 * 7 * 5 * 19, out = 2 * 3 * 2 * 19;
    float *x = floats(in), *y = floats(out), *dx = floats(in), *padded = floats(2 * 15 * 12 * 19);
    bw_max_pool(&pool, 2, x, y);
    bw_max_pool_gradient(&pool, 2, x, y, dx);
    bw_average_pool(&pool, 2, x, y);
    bw_average_pool_gradient(&pool, 2, y, dx);
    bw_pad(&pad, 2, x, padded);
    bw_pad(&crop, 2, x, padded);
    float *moments = floats(7 * 2 * 19);
    bw_group_moments(x, moments, 2, 35, 19, 19, 1e-5f);
    bw_group_normalise(x, moments, dx, 2, 35, 19, 19);
    bw_group_normalise_gradient(x, moments, x, dx, 2, 35, 19, 19);
    bw_ghost_moments(x, moments, 2, 35, 19, 19, 3, 1e-5f);
    bw_ghost_normalise(x, moments, dx, 2, 35, 19, 19, 3);
    bw_ghost_normalise_gradient(x + 16, moments + 16, x + 16, dx + 16, 2, 35, 19, 3, 3);
    free(x), free(y), free(dx), free(padded), free(moments);
}

// Runs the tangents of gradients of pooling, normalisation and losses on two examples of an image with 19 channels; the
// predictions of the losses are its first 19 numbers.
static void tangents(void) {
    enum { POSITIONS = 35, CHANNELS = 19, SIZE = 2 * POSITIONS * CHANNELS, OUT = 2 * 6 * CHANNELS, MOMENTS = 2 * 2 * CHANNELS };
    enum { X, DX = SIZE, Y = 2 * SIZE, Z = Y + OUT, U = Z + MOMENTS, END = U + 2 };
    float *arena = floats(END);
    bw_pool_shape pool = {.height = 7, .width = 5, .channels = CHANNELS, .out_height = 3, .out_width = 2, .window_height = 3,
                          .window_width = 3, .stride_height = 2, .stride_width = 2};
    bw_instruction op = {.operation = BW_DO_MAX_POOL_TANGENT, .x = X, .z = DX, .y = Y, .shape.pool = pool};
    bw_execution execution = {.instructions = &op, .count = 1, .arena = arena, .rows = 2, .last = 2};
    bw_execute(&execution);
    op = (bw_instruction){.operation = BW_DO_GROUP_NORMALISE_GRADIENT_TANGENT, .x = X, .y = DX, .z = Z, .u = X, .v = X,
                          .example_rows = 1, .shape.normalisation = {POSITIONS, CHANNELS, CHANNELS}};
    bw_execute(&execution);
    op.operation = BW_DO_GHOST_NORMALISE_GRADIENT_TANGENT, op.shape.normalisation.parts = 3;
    bw_execute(&execution);
    for (int i = BW_DO_SOFTMAX_CROSS_ENTROPY_TANGENT; i <= BW_DO_HUBER_TANGENT; i++) {
        op = (bw_instruction){.operation = (bw_operation)i, .x = X, .y = Y, .z = X, .u = U, .v = DX, .constant = 1,
                              .example_rows = 1, .width = CHANNELS, .target_width = CHANNELS};
        bw_execute(&execution);
    }
    free(arena);
}

// Normalisation over a batch of 7 examples in grains of 3, of which this arena holds the last 4.
static void whole_batch(void) {
    enum { POSITIONS = 5, CHANNELS = 19, STRIDE = 32, SIZE = 4 * POSITIONS * CHANNELS };
    float *arena = floats(4 * SIZE), *moments = floats(4 * STRIDE);
    double *sums = calloc(3 * 2 * STRIDE, sizeof(double)), *statistics = calloc(2 * STRIDE, sizeof(double));
    bw_instruction program[4] = {
        {.operation = BW_DO_BATCH_SUMS, .x = 0, .z = 0, .coupling = 0},
        {.operation = BW_DO_BATCH_NORMALISE, .x = 0, .y = SIZE},
        {.operation = BW_DO_BATCH_SUMS, .x = 2 * SIZE, .z = SIZE, .coupling = 1},
        {.operation = BW_DO_BATCH_NORMALISE_GRADIENT, .x = 2 * SIZE, .v = SIZE, .y = 3 * SIZE},
    };
    for (int i = 0; i < 4; i++) program[i].shape.normalisation = (bw_normalisation_shape){POSITIONS, CHANNELS, 0};
    bw_execution execution = {.instructions = program, .count = 1, .arena = arena, .start = 3, .grain = 3, .sums = sums,
                    .moments = moments, .rows = 4, .last = 4};
    bw_coupling coupling = {.sums = sums, .grains = 3, .channels = CHANNELS, .count = 7 * POSITIONS, .epsilon = 1e-5f,
                            .moments = moments, .statistics = statistics};
    bw_execute(&execution);
    bw_finish_sums(&coupling, 0, STRIDE);
    execution.count = 3, execution.coupled = 1;
    bw_execute(&execution);
    coupling.is_gradient = 1;
    bw_finish_sums(&coupling, 0, 16);
    bw_finish_sums(&coupling, 16, STRIDE);
    execution.count = 4, execution.coupled = 2;
    bw_execute(&execution);
    free(arena), free(moments), free(sums), free(statistics);
}

static bw_team *team;
static int met;

// Two dense layers with a loss, shared by columns and by rows between the workers of a team, and an update after each execution.
enum { ROWS = 9, IN = 40, HIDDEN = 200, OUT = 70, LEVEL = 64 * IN };
typedef struct {
    float *arena, *parameters, *velocity, *sums;
    uint64_t examples[ROWS];
    bw_instruction program[5];
    bw_reduction reductions[2];
    const bw_rows *sparse; // rows that the first layer reads as they are, or null
} training;
enum { X = 0, H = X + 16 * IN, Y = H + 16 * HIDDEN, DY = Y + 16 * OUT, DH = DY + 16 * OUT, WEIGHTS = DH + 16 * HIDDEN,
       TARGET = WEIGHTS + 16, LOSSES = TARGET + 16, PAIRS = LOSSES + 32, ARENA = PAIRS + 16 * (IN + HIDDEN + OUT + HIDDEN) };

static void train_step(void *context, int worker) {
    training *t = context;
    float magnitude;
    bw_execution execution = {.instructions = t->program, .count = 5, .arena = t->arena, .parameters = t->parameters,
                    .examples = t->examples, .sparse = t->sparse, .magnitudes = &magnitude, .rows = ROWS, .first = worker * 3,
                    .last = worker * 3 + 3,
                    .team = team, .worker = worker, .workers = 3};
    bw_execute(&execution);
    bw_team_meet(team, worker);
    const bw_block block = {t->arena, t->examples, 0, ROWS};
    const ptrdiff_t starts[] = {0, 4, ROWS};
    const bw_round round = {.blocks = &block, .block_count = 1, .sparse = t->sparse, .to = ROWS, .lane_starts = starts, .lanes = 2};
    bw_update update = {.step = {.kind = BW_SGD, .rate = 0.01f, .momentum = 0.9f}, .parameters = t->parameters,
                        .states = {t->velocity}};
    float *sums = t->sums + worker * 2 * LEVEL;
    for (ptrdiff_t panel = worker; panel < 4; panel += 3) {
        bw_slice slice = {.reductions = &t->reductions[0], .reduction_count = 1, .rows = IN, .first_column = panel * 64,
                          .columns = panel < 3 ? 64 : HIDDEN - 192, .rate_factor = 1, .mirror = BW_NONE};
        slice.start = slice.offset = panel * 64 * IN;
        slice.count = slice.rows * slice.columns;
        bw_reduce_and_step(&round, &update, &slice, sums, LEVEL);
        // and in two rounds, along a direction
        bw_round part = round;
        part.to = 6;
        bw_reduce(&part, &slice, sums, LEVEL);
        part.from = 6, part.to = ROWS;
        bw_reduce(&part, &slice, sums, LEVEL);
        bw_update turn = update;
        turn.step.kind = BW_MUON;
        bw_step_slice(&turn, &slice, sums, 0.5f, 0.5f);
        bw_step_along(&turn, &slice, sums, 0.5f);
        // as two halves that are joined
        bw_reduce_chain(&part, &slice, sums + LEVEL);
        bw_join(sums + LEVEL, sums, slice.count);
    }
}
// Three numbers a row; the fourth row is empty.
typedef struct { ptrdiff_t starts[ROWS + 1]; int32_t columns[3 * ROWS]; float values[3 * ROWS]; } sparse_data;
static bw_rows sparse_rows(sparse_data *data, int32_t width) {
    ptrdiff_t count = 0;
    for (int row = 0; row < ROWS; row++) {
        data->starts[row] = count;
        for (int32_t i = 0; row != 3 && i < 3; i++, count++) {
            data->columns[count] = i == 2 ? width - 1 : (row + i * 5) % (width - 3) / 2 * (i + 1);
            data->values[count] = (float)row / 4 - 1;
        }
    }
    data->starts[ROWS] = count;
    return (bw_rows){.kind = BW_SPARSE, .width = width, .floats = data->values, .starts = data->starts, .columns = data->columns};
}

static void training_runs(int is_bfloat16, int is_sparse) {
    sparse_data data;
    const bw_rows sparse = sparse_rows(&data, IN);
    training t = {.arena = floats(ARENA), .parameters = floats(IN * HIDDEN + HIDDEN * OUT), .velocity = floats(IN * HIDDEN),
                  .sums = floats(3 * 2 * LEVEL)};
    for (uint64_t i = 0; i < ROWS; i++) t.examples[i] = ROWS - 1 - i;
    for (int i = 0; i < 16; i++) t.arena[TARGET + i] = 3;
    t.program[0] = (bw_instruction){.operation = BW_DO_DENSE, .by_columns = 1, .meets = 1, .is_fused = 1, .unary = BW_RELU,
                                    .x = X, .y = H, .weight = 0, .bias = BW_NONE, .example_rows = 1, .width = HIDDEN,
                                    .shape.dense = {IN, HIDDEN, BW_PANEL}};
    t.program[1] = (bw_instruction){.operation = BW_DO_DENSE, .by_columns = 1, .meets = 1, .x = H, .y = Y, .weight = IN * HIDDEN,
                                    .bias = BW_NONE, .example_rows = 1, .width = OUT, .shape.dense = {HIDDEN, OUT, BW_PANEL}};
    t.program[2] = (bw_instruction){.operation = BW_DO_SOFTMAX_CROSS_ENTROPY, .meets = 1, .x = Y, .y = DY, .z = TARGET,
                                    .u = WEIGHTS, .v = LOSSES, .example_rows = 1, .width = OUT,
                                    .target_width = 1};
    t.program[3] = (bw_instruction){.operation = BW_DO_DENSE_INPUT_GRADIENT, .by_columns = 1, .meets = 1, .is_fused = 1,
                                    .unary = BW_RELU, .x = DY, .y = DH, .z = H, .weight = IN * HIDDEN, .example_rows = 1, .width = HIDDEN,
                                    .shape.dense = {HIDDEN, OUT, BW_PANEL}};
    t.program[4] = (bw_instruction){.operation = BW_DO_GUARD, .by_columns = 1, .x = DH, .example_rows = 1, .width = HIDDEN};
    t.reductions[0] = (bw_reduction){.kind = BW_REDUCE_DENSE, .x = X, .dy = DH, .example_rows = 1, .inputs = IN, .outputs = HIDDEN};
    for (int i = 0; i < 4; i++) t.program[i].is_bfloat16 = is_bfloat16;
    if (is_sparse) {
        t.sparse = &sparse;
        t.program[0].x = BW_NONE;
        t.reductions[0].kind = BW_REDUCE_SPARSE;
    }
    team = bw_team_create(3);
    if (!team) exit(1);
    for (int i = 0; i < 20; i++) bw_team_run(team, 3, train_step, &t);
    bw_team_destroy(team);
    free(t.arena), free(t.parameters), free(t.velocity), free(t.sums);
}

static void linear_models(void) {
    enum { WIDTH = 35 };
    const bw_operation losses[] = {BW_DO_SOFTMAX_CROSS_ENTROPY, BW_DO_BINARY_CROSS_ENTROPY, BW_DO_MEAN_SQUARED_ERROR};
    sparse_data data;
    float *dense = floats(ROWS * WIDTH), *row = floats(WIDTH), *w = floats(3 * WIDTH), *velocity = floats(3 * WIDTH);
    float *bias = floats(3), *targets = floats(ROWS * 3), values[2 * BW_LINEAR_UPDATES], rates[ROWS];
    uint64_t examples[ROWS];
    int32_t classes[ROWS];
    for (int i = 0; i < ROWS; i++) examples[i] = (uint64_t)i, classes[i] = i % 3, rates[i] = 0.01f;
    for (int i = 0; i < 3; i++)
        for (int outputs = 1; outputs <= 3; outputs++)
            for (int is_sparse = 0; is_sparse < 2; is_sparse++) {
                bw_linear model = {.targets = targets, .loss = losses[i], .constant = i == 2, .outputs = outputs, .w = w,
                                   .bias = bias, .largest_slope = 1e17f, .row = row};
                if (i == 0) model.classes = classes, model.outputs = 3;
                model.rows = is_sparse ? sparse_rows(&data, WIDTH)
                                       : (bw_rows){.kind = BW_FLOATS, .width = WIDTH, .floats = dense};
                bw_linear_updates(&model, examples, rates, ROWS, values);
                model.w_velocity = velocity, model.step.momentum = 0.9f;
                bw_linear_updates(&model, examples, rates, ROWS, values);
            }
    free(dense), free(row), free(w), free(velocity), free(bias), free(targets);
}

// Matrices of Muon, wide and tall, of one panel and of several, shared by a team.
enum { LONG = 150, SHORT = 37 };
static void orthogonalise(void *context, int worker) { bw_newton_schulz(context, team, worker, 3); }
static void matrices(void) {
    team = bw_team_create(3);
    if (!team) exit(1);
    for (int form = 0; form < 4; form++) {
        double sums[SHORT];
        bw_matrix m = {.rows = form & 1 ? LONG : SHORT, .columns = form & 1 ? SHORT : LONG, .sums = sums};
        m.panel = form & 2 ? m.columns : form & 1 ? 16 : BW_PANEL;
        float **const parts[] = {&m.direction, &m.x, &m.turned, &m.next, &m.square, &m.polynomial};
        for (int i = 0; i < 6; i++) *parts[i] = floats(i < 4 ? LONG * SHORT : SHORT * SHORT);
        bw_team_run(team, 3, orthogonalise, &m);
        for (int i = 0; i < 6; i++) free(*parts[i]);
    }
    bw_team_destroy(team);
}

static void work(void *context, int worker) {
    int *slots = context;
    for (int round = 0; round < 200; round++) {
        slots[worker] = round;
        bw_team_meet(team, worker);
        if (worker == 0)
            for (int other = 0; other < 3; other++) met += slots[other] == round;
        bw_team_meet(team, worker);
    }
}
static void meetings(void) {
    int slots[3] = {0};
    team = bw_team_create(3);
    if (!team) exit(1);
    for (int i = 0; i < 20; i++) bw_team_run(team, 3, work, slots);
    bw_team_destroy(team);
    if (met != 20 * 200 * 3) { fprintf(stderr, "workers met %d times\n", met); exit(1); }
}

// Three processes that add to a number in turn, and meet after each turn.
static void processes(void) {
    enum { PROCESSES = 3, TURNS = 3000, BYTES = 4096 };
    const int own = bw_shared_create(BYTES);
    const int other = bw_shared_open(getpid(), own);
    char *memory = bw_shared_map(own, BYTES), *again = bw_shared_map(other, BYTES);
    if (!memory || !again) exit(1);
    int *number = (int *)(again + BW_MEETING_BYTES);
    int process = 0;
    while (process < PROCESSES - 1 && fork() == 0) process++;
    // each process is the parent of the next: the last one has none
    for (int turn = 0; turn < TURNS; turn++) {
        if (turn % PROCESSES == process) ++*number;
        bw_processes_meet(memory, PROCESSES);
        if (*number != turn + 1) { fprintf(stderr, "process %d sees %d in turn %d\n", process, *number, turn); _exit(1); }
        bw_processes_meet(memory, PROCESSES);
    }
    int status = 0;
    if (process < PROCESSES - 1 && (wait(&status) < 0 || status != 0)) exit(1);
    bw_shared_unmap(memory, BYTES), bw_shared_unmap(again, BYTES);
    if (process > 0) _exit(0);
}

int main(void) {
    for (int set = BW_BASELINE; set <= BW_AVX512; set++) {
        if (bw_use_instruction_set((bw_instruction_set)set) != 0) continue;
        products(), dense_layers(), loading(), convolutions(), elements(), images(), tangents(), whole_batch(), linear_models(), matrices();
        training_runs(0, 0), training_runs(0, 1);
        if (bw_has_bfloat16()) training_runs(1, 0);
    }
    meetings();
    processes();
    puts("every kernel ran");
    return 0;
}
