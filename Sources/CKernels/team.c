// Worker threads that meet often. They spin before they sleep, because an update is shorter than the time to wake a thread.
#define _GNU_SOURCE
#include "include/CKernels.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

// Spin 2,000 times, some 25 microseconds, then wait on a futex. Where every worker has a core of its own, the others arrive
// while this one spins. Where another program has the core of one, they sleep at once: a worker that yielded its core
// instead would lose it to that program for a time slice, and a sleeping worker is woken without delay.
enum { SPINS = 2000 };

// A number that changes, the threads that wait for it to change being counted.
typedef struct {
    _Alignas(64) _Atomic uint32_t value;
    _Atomic uint32_t sleepers;
} signal_word;

static void rest(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
static uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
// Returns the nanoseconds waited after the spinning, 0 where that was enough.
static uint64_t await_change(signal_word *word, uint32_t old) {
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load_explicit(&word->value, memory_order_acquire) != old) return 0;
        rest();
    }
    const uint64_t start = nanoseconds();
#if defined(__linux__)
    atomic_fetch_add(&word->sleepers, 1);
    while (atomic_load(&word->value) == old)
        syscall(SYS_futex, &word->value, FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
    atomic_fetch_sub(&word->sleepers, 1);
#else
    while (atomic_load(&word->value) == old) sched_yield();
#endif
    return nanoseconds() - start;
}
static void change(signal_word *word) {
    atomic_fetch_add(&word->value, 1);
#if defined(__linux__)
    if (atomic_load(&word->sleepers) > 0) syscall(SYS_futex, &word->value, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
#endif
}

struct bw_team {
    signal_word meeting;
    _Alignas(64) _Atomic int arrived;
    int workers, active, stopping; // `active` of the workers take part in the running task
    bw_task task;
    void *context;
    pthread_t *threads;
    signal_word *starts; // one a worker, so that those who do not take part go on sleeping
    int caller_cpu;
    uint64_t stalled; // nanoseconds that worker 0 has waited for others
};
typedef struct { bw_team *team; int worker; } seat;

void bw_team_meet(bw_team *team, int worker) {
    // read before arriving: the caller may change it for the next task as soon as the last worker has arrived
    const int active = team->active;
    if (active == 1) return;
    const uint32_t now = atomic_load_explicit(&team->meeting.value, memory_order_acquire);
    if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 == active) {
        atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
        change(&team->meeting);
    } else {
        const uint64_t waited = await_change(&team->meeting, now);
        if (worker == 0) team->stalled += waited;
    }
}
uint64_t bw_team_stalled(const bw_team *team) { return team->stalled; }
// Linux tends to wake a thread on the core of the thread that woke it, and two threads that wait for each other can share a core
// for a long time. A worker that finds itself on the caller's core forbids itself that core, which moves it at once, and then
// allows itself every core again. Where other programs occupy the other cores this does not help, so the worker tries less often
// while it keeps finding itself there.
typedef struct { int met, patience, apart; } encounters;

static void step_aside(const bw_team *team, encounters *caller) {
#if defined(__linux__)
    if (sched_getcpu() != team->caller_cpu) {
        if (++caller->apart > 256) *caller = (encounters){.patience = 1};
        return;
    }
    if (++caller->met < caller->patience) return;
    *caller = (encounters){.patience = caller->patience < 64 ? 2 * caller->patience : 64};
    cpu_set_t allowed, others;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    others = allowed;
    CPU_CLR(team->caller_cpu, &others);
    if (CPU_COUNT(&others) == 0) return;
    if (sched_setaffinity(0, sizeof others, &others) == 0) sched_setaffinity(0, sizeof allowed, &allowed);
#else
    (void)team, (void)caller;
#endif
}
static void *serve(void *argument) {
    seat own = *(seat *)argument;
    free(argument);
    encounters caller = {.patience = 1};
    for (uint32_t seen = 0;; seen++) {
        await_change(&own.team->starts[own.worker], seen);
        if (own.team->stopping) return NULL;
        step_aside(own.team, &caller);
        own.team->task(own.team->context, own.worker);
        bw_team_meet(own.team, own.worker);
    }
}
static void release(bw_team *team) {
    free(team->threads);
    free(team->starts);
    free(team);
}
static void stop(bw_team *team, int started) {
    team->stopping = 1;
    for (int worker = 1; worker <= started; worker++) change(&team->starts[worker]);
    for (int i = 0; i < started; i++) pthread_join(team->threads[i], NULL);
    release(team);
}
bw_team *bw_team_create(int workers) {
    if (workers < 1) return NULL;
    bw_team *team = aligned_alloc(64, (sizeof(bw_team) + 63) / 64 * 64);
    if (!team) return NULL;
    *team = (bw_team){.workers = workers, .active = workers};
    team->threads = calloc((size_t)workers, sizeof(pthread_t));
    team->starts = aligned_alloc(64, (size_t)workers * sizeof(signal_word));
    if (!team->threads || !team->starts) {
        release(team);
        return NULL;
    }
    for (int worker = 0; worker < workers; worker++) team->starts[worker] = (signal_word){0};
    for (int worker = 1; worker < workers; worker++) {
        seat *own = malloc(sizeof *own);
        if (own) *own = (seat){team, worker};
        if (!own || pthread_create(&team->threads[worker - 1], NULL, serve, own) != 0) {
            free(own);
            stop(team, worker - 1);
            return NULL;
        }
    }
    return team;
}
void bw_team_run(bw_team *team, int active, bw_task task, void *context) {
    team->active = active < 1 ? 1 : active > team->workers ? team->workers : active;
    team->task = task;
#if defined(__linux__)
    if (team->active > 1) team->caller_cpu = sched_getcpu();
#endif
    team->context = context;
    for (int worker = 1; worker < team->active; worker++) change(&team->starts[worker]);
    task(context, 0);
    bw_team_meet(team, 0);
}
void bw_team_destroy(bw_team *team) { if (team) stop(team, team->workers - 1); }
