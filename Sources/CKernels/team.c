// Worker threads that meet often.
#define _GNU_SOURCE
#include "include/CKernels.h"
#include "waiting.h"
#include <pthread.h>
#include <stdlib.h>

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
        change(&team->meeting, ONE_PROCESS);
    } else {
        const uint64_t waited = await_change(&team->meeting, now, ONE_PROCESS);
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
        await_change(&own.team->starts[own.worker], seen, ONE_PROCESS);
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
    for (int worker = 1; worker <= started; worker++) change(&team->starts[worker], ONE_PROCESS);
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
    for (int worker = 1; worker < team->active; worker++) change(&team->starts[worker], ONE_PROCESS);
    task(context, 0);
    bw_team_meet(team, 0);
}
void bw_team_destroy(bw_team *team) { if (team) stop(team, team->workers - 1); }
