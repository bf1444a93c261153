// Measures the limits of this machine: GFLOP/s of one large float32 product with Batchwise's own kernel, and gigabytes
// a second from and to memory, on one and on two threads. One JSON line each.
#include "CKernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SIZE = 2048, SAMPLES = 15 };
static const ptrdiff_t FLOATS = 24 << 20; // 96 MiB an array: far more than a cache holds
static bw_team *team;
static int workers;
static float *a, *b, *c;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
static float *floats(ptrdiff_t count) {
    float *p = aligned_alloc(1 << 21, (4 * (size_t)(count + BW_SLACK) + (1 << 21)) >> 21 << 21);
    if (!p) exit(1);
    for (ptrdiff_t i = 0; i < count; i++) p[i] = (float)(i % 64) / 64;
    return p;
}
static void multiply(void *context, int worker) {
    (void)context;
    const bw_dense_shape shape = {SIZE, SIZE, BW_PANEL};
    bw_dense(&shape, SIZE, bw_first_column(SIZE, worker, workers), bw_first_column(SIZE, worker + 1, workers), a, b, NULL, c);
}
// a <- a + s b: the traffic of an optimizer, two arrays read and one written.
static void stream(void *context, int worker) {
    (void)context;
    const ptrdiff_t first = FLOATS * worker / workers, last = FLOATS * (worker + 1) / workers;
    const bw_step options = {.rate = 1e-9f};
    bw_sgd(&options, b + first, a + first, NULL, last - first);
}
static int ascending(const void *x, const void *y) { return (*(const double *)x > *(const double *)y) - (*(const double *)x < *(const double *)y); }
static double median_seconds(bw_task task) {
    double times[SAMPLES];
    bw_team_run(team, workers, task, NULL);
    for (int i = 0; i < SAMPLES; i++) {
        const double start = now();
        bw_team_run(team, workers, task, NULL);
        times[i] = now() - start;
    }
    qsort(times, SAMPLES, sizeof *times, ascending);
    return times[SAMPLES / 2];
}
int main(void) {
    a = floats(FLOATS), b = floats(FLOATS), c = floats((ptrdiff_t)SIZE * SIZE);
    for (workers = 1; workers <= 2; workers++) {
        team = bw_team_create(workers);
        if (!team) return 1;
        printf("{\"framework\": \"batchwise\", \"operation\": \"gemm-float32\", \"threads\": %d, \"gflops_median\": %.1f}\n", workers,
               2.0 * SIZE * SIZE * SIZE / median_seconds(multiply) / 1e9);
        printf("{\"framework\": \"batchwise\", \"operation\": \"memory\", \"threads\": %d, \"gigabytes_per_second\": %.1f}\n", workers,
               3 * 4.0 * (double)FLOATS / median_seconds(stream) / 1e9);
        bw_team_destroy(team);
    }
    return 0;
}
