#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H
/// The number of allocations of this process so far, by any thread.
long allocation_count(void);
int allocations_are_counted(void);
/// Begins to watch the memory of the calling thread.
void watch_memory(void);
/// The most bytes that this thread has held at once since it began to watch, beyond those that it held then.
long memory_peak(void);
#endif
