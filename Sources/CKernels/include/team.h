// A team of worker threads, the caller being worker 0. They wait by spinning, then by sleeping.
#ifndef CKERNELS_TEAM_H
#define CKERNELS_TEAM_H
#include <stdint.h>

typedef struct bw_team bw_team;
typedef void (*bw_task)(void *context, int worker);
bw_team *bw_team_create(int workers); // null where threads cannot be started
// Runs the task on the first `active` workers, and returns when all of them are done.
void bw_team_run(bw_team *team, int active, bw_task task, void *context);
void bw_team_meet(bw_team *team, int worker); // a barrier: called by every active worker of a running task
uint64_t bw_team_stalled(const bw_team *team); // nanoseconds that worker 0 has waited for others, beyond spinning
void bw_team_destroy(bw_team *team);
#endif
