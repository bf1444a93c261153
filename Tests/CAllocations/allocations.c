// Counts the allocations of the process, by standing in for the C library's functions.
#include "CAllocations.h"
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#if defined(__linux__)
#include <malloc.h>
#endif

static _Atomic long count;
// Each thread is watched on its own, because tests run side by side.
static _Thread_local long live, peak;

long allocation_count(void) { return atomic_load(&count); }
void watch_memory(void) { live = peak = 0; }
long memory_peak(void) { return peak; }

#if defined(__GLIBC__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static void *taken(void *memory) {
    atomic_fetch_add(&count, 1);
    live += (long)malloc_usable_size(memory);
    if (live > peak) peak = live;
    return memory;
}

int allocations_are_counted(void) { return 1; }
void *malloc(size_t size) { return taken(__libc_malloc(size)); }
void *calloc(size_t items, size_t size) { return taken(__libc_calloc(items, size)); }
void *memalign(size_t alignment, size_t size) { return taken(__libc_memalign(alignment, size)); }
void *aligned_alloc(size_t alignment, size_t size) { return taken(__libc_memalign(alignment, size)); }
int posix_memalign(void **result, size_t alignment, size_t size) {
    *result = taken(__libc_memalign(alignment, size));
    return *result ? 0 : ENOMEM;
}
void *realloc(void *old, size_t size) {
    const long before = (long)malloc_usable_size(old);
    void *memory = __libc_realloc(old, size);
    // where there is no memory, the old piece stays
    if (memory || size == 0) live -= before;
    return taken(memory);
}
void free(void *memory) {
    live -= (long)malloc_usable_size(memory);
    __libc_free(memory);
}
#else
int allocations_are_counted(void) { return 0; }
#endif
