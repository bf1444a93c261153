// Processes that end with the one that started them.
#ifndef CKERNELS_CHILDREN_H
#define CKERNELS_CHILDREN_H

// Starts a program in a session of its own. It reads nothing, writes its output to the file `output`, and its errors to the
// file `errors`, which may be the caller's own. It gets SIGTERM when the calling thread ends, however that happens. Returns
// its process, or -1 with `errno`.
int bw_child_start(const char *program, char *const words[], char *const environment[], int output, int errors);

// Kills the calling process when its parent ends, from now on. 0 where the parent has just ended.
int bw_end_with_parent(void);

// Whether a child has ended. It is still to be waited for then, so that nothing else gets its number yet.
int bw_child_has_ended(int process);
#endif
