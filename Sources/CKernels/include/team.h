// A team of worker threads, the caller being worker 0.
#ifndef CKERNELS_TEAM_H
#define CKERNELS_TEAM_H

typedef struct bw_team bw_team;
typedef void (*bw_task)(void *context, int worker);
bw_team *bw_team_create(int workers); // null where threads cannot be started
void bw_team_run(bw_team *team, bw_task task, void *context); // the task on every worker; returns when all are done
void bw_team_meet(bw_team *team, int worker); // a barrier: called by every worker of a running task
void bw_team_destroy(bw_team *team);
#endif
