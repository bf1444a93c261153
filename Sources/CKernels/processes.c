#define _GNU_SOURCE
#include "include/CKernels.h"
#include "waiting.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int bw_shared_create(size_t bytes) {
#if defined(__linux__)
    const int descriptor = memfd_create("batchwise", MFD_CLOEXEC);
    if (descriptor < 0) return -1;
    // the pages are taken now: memory that is missing later would end the process
    if (ftruncate(descriptor, (off_t)bytes) == 0 && fallocate(descriptor, 0, 0, (off_t)bytes) == 0) return descriptor;
    close(descriptor);
#else
    (void)bytes;
#endif
    return -1;
}
int bw_shared_open(int process, int descriptor) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", process, descriptor);
    return open(path, O_RDWR | O_CLOEXEC);
}
void *bw_shared_map(int descriptor, size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (memory == MAP_FAILED) return NULL;
#if defined(__linux__)
    madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    return memory;
}
void bw_shared_unmap(void *memory, size_t bytes) { munmap(memory, bytes); }

typedef struct {
    signal_word meeting;
    _Alignas(64) _Atomic int arrived;
} meeting;
_Static_assert(sizeof(meeting) <= BW_MEETING_BYTES, "a meeting has its bytes");

void bw_processes_meet(void *memory, int processes) {
    meeting *own = memory;
    const uint32_t now = atomic_load_explicit(&own->meeting.value, memory_order_acquire);
    if (atomic_fetch_add_explicit(&own->arrived, 1, memory_order_acq_rel) + 1 == processes) {
        atomic_store_explicit(&own->arrived, 0, memory_order_relaxed);
        change(&own->meeting, SEVERAL_PROCESSES);
    } else {
        await_change(&own->meeting, now, SEVERAL_PROCESSES);
    }
}
