// Measures products and convolutions of training, by our kernels and by oneDNN 2.6 in turn: GFLOP/s, the best of
// several runs.
#include "CKernels.h"
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { FLOATS = 1 << 24, RUNS = 15 };
static float *a, *b, *c;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}
static void check(dnnl_status_t status) {
    if (status != dnnl_success) { fprintf(stderr, "oneDNN says %d\n", status); exit(1); }
}
// Runs the statement until 20 ms have passed, and keeps the best mean.
#define BEST(SECONDS, ...)                                                                                             \
    for (int run = 0; run < RUNS; run++) {                                                                             \
        int times = 0;                                                                                                 \
        const double start = now();                                                                                    \
        double took;                                                                                                   \
        do { __VA_ARGS__; times++; took = now() - start; } while (took < 0.02);                                        \
        if (took / times < SECONDS) SECONDS = took / times;                                                            \
    }

static void product(const char *name, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, int transposed) {
    bw_product_shape shape = {.m = m, .n = n, .k = k, .segments = 1, .am = transposed ? 1 : k,
                              .ak = transposed ? m : 1, .bk = n, .cm = n};
    double ours = 1e9, theirs = 1e9;
    BEST(ours, bw_product(&shape, a, b, NULL, 0, c))
    BEST(theirs, check(dnnl_sgemm(transposed ? 'T' : 'N', 'N', m, n, k, 1, a, transposed ? m : k, b, n, 0, c, n)))
    const double flops = 2e-9 * (double)(m * n * k);
    printf("%-16s %5td %5td %5td   ours %6.1f   oneDNN %6.1f   ratio %.2f\n", name, m, n, k, flops / ours,
           flops / theirs, theirs / ours);
}

static dnnl_engine_t engine;
static dnnl_stream_t stream;

static dnnl_memory_t memory(const dnnl_memory_desc_t *layout) {
    dnnl_memory_t result;
    check(dnnl_memory_create(&result, layout, engine, DNNL_MEMORY_ALLOCATE));
    return result;
}
static dnnl_memory_t operand(dnnl_primitive_desc_t of, dnnl_query_t which) {
    return memory(dnnl_primitive_desc_query_md(of, which, 0));
}
static double time_primitive(dnnl_primitive_desc_t of, dnnl_exec_arg_t *arguments, int count) {
    dnnl_primitive_t primitive;
    check(dnnl_primitive_create(&primitive, of));
    double seconds = 1e9;
    BEST(seconds, check(dnnl_primitive_execute(primitive, stream, count, arguments)))
    dnnl_primitive_destroy(primitive);
    return seconds;
}

// A 3x3 convolution of 16 square images with one pixel of padding; oneDNN may choose its layouts.
static void convolution(ptrdiff_t side, ptrdiff_t in, ptrdiff_t out) {
    const ptrdiff_t images = 16, padded = side + 2;
    const double flops = 2e-9 * (double)(images * side * side * in * out * 9);
    bw_convolution_shape shape = {.in_height = padded, .in_width = padded, .in_channels = in, .out_height = side,
                                  .out_width = side, .out_channels = out, .kernel_height = 3, .kernel_width = 3,
                                  .stride_height = 1, .stride_width = 1, .dilation_height = 1, .dilation_width = 1,
                                  .groups = 1};
    double forward = 1e9, weights = 1e9;
    BEST(forward, bw_convolution(&shape, images, a, b, b, c))
    BEST(weights, bw_convolution_weight_gradient(&shape, images, a, b, 0, 9 * in, 0, c))

    dnnl_memory_desc_t x, w, y, bias;
    check(dnnl_memory_desc_init_by_tag(&x, 4, (dnnl_dims_t){images, in, side, side}, dnnl_f32, dnnl_format_tag_any));
    check(dnnl_memory_desc_init_by_tag(&w, 4, (dnnl_dims_t){out, in, 3, 3}, dnnl_f32, dnnl_format_tag_any));
    check(dnnl_memory_desc_init_by_tag(&y, 4, (dnnl_dims_t){images, out, side, side}, dnnl_f32, dnnl_format_tag_any));
    check(dnnl_memory_desc_init_by_tag(&bias, 1, (dnnl_dims_t){out}, dnnl_f32, dnnl_a));
    const dnnl_dims_t one = {1, 1};
    dnnl_convolution_desc_t description;
    dnnl_primitive_desc_t plan, plan_weights;
    check(dnnl_convolution_forward_desc_init(&description, dnnl_forward_training, dnnl_convolution_direct, &x, &w,
                                             &bias, &y, one, one, one));
    check(dnnl_primitive_desc_create(&plan, &description, NULL, engine, NULL));
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, operand(plan, dnnl_query_src_md)},
                                   {DNNL_ARG_WEIGHTS, operand(plan, dnnl_query_weights_md)},
                                   {DNNL_ARG_BIAS, memory(&bias)},
                                   {DNNL_ARG_DST, operand(plan, dnnl_query_dst_md)}};
    const double forward_theirs = time_primitive(plan, arguments, 4);
    check(dnnl_convolution_backward_weights_desc_init(&description, dnnl_convolution_direct, &x, &w, &bias, &y, one,
                                                      one, one));
    check(dnnl_primitive_desc_create(&plan_weights, &description, NULL, engine, plan));
    dnnl_exec_arg_t slopes[] = {{DNNL_ARG_SRC, operand(plan_weights, dnnl_query_src_md)},
                                {DNNL_ARG_DIFF_WEIGHTS, operand(plan_weights, dnnl_query_diff_weights_md)},
                                {DNNL_ARG_DIFF_BIAS, memory(&bias)},
                                {DNNL_ARG_DIFF_DST, operand(plan_weights, dnnl_query_diff_dst_md)}};
    const double weights_theirs = time_primitive(plan_weights, slopes, 4);
    printf("convolution      %5td %5td %5td   ours %6.1f   oneDNN %6.1f   ratio %.2f\n", side, in, out,
           flops / forward, flops / forward_theirs, forward_theirs / forward);
    printf("  its weights                       ours %6.1f   oneDNN %6.1f   ratio %.2f\n", flops / weights,
           flops / weights_theirs, weights_theirs / weights);
}

int main(void) {
    a = aligned_alloc(64, sizeof(float) * FLOATS);
    b = aligned_alloc(64, sizeof(float) * FLOATS);
    c = aligned_alloc(64, sizeof(float) * FLOATS);
    if (!a || !b || !c) return 1;
    for (int i = 0; i < FLOATS; i++) { a[i] = (float)(i % 17) / 17 - 0.5f; b[i] = (float)(i % 13) / 13 - 0.5f; c[i] = 0; }
    check(dnnl_engine_create(&engine, dnnl_cpu, 0));
    check(dnnl_stream_create(&stream, engine, 0));
    printf("GFLOP/s                m     n     k\n");
    const ptrdiff_t dense[][2] = {{784, 10}, {784, 128}, {784, 512}, {512, 256}, {1024, 2048}, {2048, 2048}};
    for (int layer = 0; layer < 6; layer++) {
        const ptrdiff_t in = dense[layer][0], out = dense[layer][1];
        const ptrdiff_t rows[] = {1, 16, 64, 256};
        for (int i = 0; i < 4; i++) {
            product("forward", rows[i], out, in, 0);
            product("weight gradient", in, out, rows[i], 1);
        }
    }
    convolution(28, 1, 32);
    convolution(14, 32, 64);
    convolution(32, 16, 16);
    convolution(16, 32, 32);
    convolution(8, 64, 64);
    return 0;
}
