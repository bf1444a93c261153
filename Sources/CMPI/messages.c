#include BW_MPI_HEADER
#include "include/CMPI.h"
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// MPI goes on with what was begun only while somebody is in a call of it. So a thread of its own asks for gathers that are
// under way every 50 microseconds, and sleeps where there are none. Whoever calls MPI holds the lock.
static pthread_mutex_t calls = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static int may_progress = 0, has_thread = 0;

// Requests in the order in which they were made; those before `done` have been waited for.
typedef struct {
    MPI_Request *list;
    int count, done, room;
} requests;
static requests received, sent, gathers;

static MPI_Request *next(requests *r) {
    if (r->done == r->count) r->done = r->count = 0;
    if (r->count == r->room) {
        const int room = r->room ? 2 * r->room : 64;
        MPI_Request *list = realloc(r->list, (size_t)room * sizeof *list);
        if (!list) {
            fprintf(stderr, "no memory for %d messages between processes\n", room);
            MPI_Abort(MPI_COMM_WORLD, 74);
        }
        r->list = list;
        r->room = room;
    }
    return &r->list[r->count++];
}
static void await_all(requests *r) {
    MPI_Waitall(r->count - r->done, r->list + r->done, MPI_STATUSES_IGNORE);
    r->done = r->count;
}

void bw_mpi_receive(void *bytes, int count, int process) {
    pthread_mutex_lock(&calls);
    MPI_Irecv(bytes, count, MPI_BYTE, process, 0, MPI_COMM_WORLD, next(&received));
    pthread_mutex_unlock(&calls);
}
void bw_mpi_await_received(void) {
    pthread_mutex_lock(&calls);
    if (received.done < received.count) MPI_Wait(&received.list[received.done++], MPI_STATUS_IGNORE);
    pthread_mutex_unlock(&calls);
}
void bw_mpi_send(const void *bytes, int count, int process) {
    pthread_mutex_lock(&calls);
    MPI_Isend(bytes, count, MPI_BYTE, process, 0, MPI_COMM_WORLD, next(&sent));
    pthread_mutex_unlock(&calls);
}
void bw_mpi_await_sent(void) {
    pthread_mutex_lock(&calls);
    await_all(&sent);
    pthread_mutex_unlock(&calls);
}

static void *progress(void *nothing) {
    pthread_mutex_lock(&calls);
    for (;;) {
        int are_done = 1;
        if (gathers.done < gathers.count)
            MPI_Testall(gathers.count - gathers.done, gathers.list + gathers.done, &are_done, MPI_STATUSES_IGNORE);
        if (are_done) {
            gathers.done = gathers.count;
            pthread_cond_wait(&work, &calls);
            continue;
        }
        pthread_mutex_unlock(&calls);
        usleep(50);
        pthread_mutex_lock(&calls);
    }
    return nothing;
}
void bw_mpi_allow_progress(void) {
    int level;
    MPI_Query_thread(&level);
    may_progress = level >= MPI_THREAD_SERIALIZED;
}

void bw_mpi_begin_gather(const void *own, void *all, const int *counts, const int *starts) {
    pthread_mutex_lock(&calls);
    MPI_Iallgatherv(own, counts[bw_mpi_rank()], MPI_BYTE, all, counts, starts, MPI_BYTE, MPI_COMM_WORLD, next(&gathers));
    if (may_progress && !has_thread) {
        pthread_t thread;
        has_thread = pthread_create(&thread, NULL, progress, NULL) == 0 && pthread_detach(thread) == 0;
        may_progress = has_thread; // without it, gathers go on in calls of the first thread
    }
    pthread_cond_signal(&work);
    pthread_mutex_unlock(&calls);
}
void bw_mpi_finish_gathers(void) {
    pthread_mutex_lock(&calls);
    await_all(&gathers);
    pthread_mutex_unlock(&calls);
}
