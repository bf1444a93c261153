#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H
/// Allocations of this process so far, by any thread.
long allocation_count(void);
int allocations_are_counted(void);
#endif
