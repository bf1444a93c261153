// Memory that processes of one machine share, and their meetings.
#ifndef CKERNELS_PROCESSES_H
#define CKERNELS_PROCESSES_H
#include <stddef.h>

// Makes a file of so many zero bytes that lives in memory, and ends with the last process that uses it; returns its descriptor,
// or -1.
int bw_shared_create(size_t bytes);
// Opens the file that another process of the same user made, by its descriptor there; returns a descriptor here, or -1.
int bw_shared_open(int process, int descriptor);
// Maps such a file, and closes the descriptor; null where that is refused.
void *bw_shared_map(int descriptor, size_t bytes);
void bw_shared_unmap(void *memory, size_t bytes);

enum { BW_MEETING_BYTES = 128 };
// A barrier of so many processes, each of which calls it on one thread. `meeting` is shared memory that begins as zeros.
void bw_processes_meet(void *meeting, int processes);
#endif
