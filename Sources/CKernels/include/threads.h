// Threads that the system may refuse to start.
#ifndef CKERNELS_THREADS_H
#define CKERNELS_THREADS_H

typedef struct bw_thread bw_thread;
// Runs `body` on a thread of its own; null where the system starts no more threads or has no memory for one.
bw_thread *bw_thread_start(void (*body)(void *context), void *context);
void bw_thread_join(bw_thread *thread); // waits for its end, and frees it
// The same for a thread that nobody waits for, and that frees itself; 0 where the system does not start it.
int bw_thread_start_alone(void (*body)(void *context), void *context);
#endif
