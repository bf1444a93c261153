// How threads wait for each other: they spin before they sleep, because an update is shorter than the time to wake a thread.
#ifndef CKERNELS_WAITING_H
#define CKERNELS_WAITING_H
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
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

// Whether those who wait are threads of one process, or of several that share the memory.
typedef enum { ONE_PROCESS, SEVERAL_PROCESSES } reach;

// A number that changes, the threads that wait for it to change being counted.
typedef struct {
    _Alignas(64) _Atomic uint32_t value;
    _Atomic uint32_t sleepers;
} signal_word;

static inline void rest(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
static inline uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
// Returns the nanoseconds waited after the spinning, 0 where that was enough.
static inline uint64_t await_change(signal_word *word, uint32_t old, reach reach) {
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load_explicit(&word->value, memory_order_acquire) != old) return 0;
        rest();
    }
    const uint64_t start = nanoseconds();
#if defined(__linux__)
    const int wait = reach == ONE_PROCESS ? FUTEX_WAIT_PRIVATE : FUTEX_WAIT;
    atomic_fetch_add(&word->sleepers, 1);
    while (atomic_load(&word->value) == old) syscall(SYS_futex, &word->value, wait, old, NULL, NULL, 0);
    atomic_fetch_sub(&word->sleepers, 1);
#else
    (void)reach;
    while (atomic_load(&word->value) == old) sched_yield();
#endif
    return nanoseconds() - start;
}
static inline void change(signal_word *word, reach reach) {
    atomic_fetch_add(&word->value, 1);
#if defined(__linux__)
    const int wake = reach == ONE_PROCESS ? FUTEX_WAKE_PRIVATE : FUTEX_WAKE;
    if (atomic_load(&word->sleepers) > 0) syscall(SYS_futex, &word->value, wake, INT32_MAX, NULL, NULL, 0);
#else
    (void)reach;
#endif
}
#endif
