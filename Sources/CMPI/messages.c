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

// Messages to and from other processes that are on their way together.
struct bw_mpi_delivery {
    int count, most;
    MPI_Request requests[];
};

static _Noreturn void refuse(long messages) {
    fprintf(stderr, "no memory for %ld messages between processes\n", messages);
    MPI_Abort(MPI_COMM_WORLD, 74);
    abort();
}

bw_mpi_delivery *bw_mpi_delivery_create(long messages) {
    bw_mpi_delivery *delivery =
        messages >= 0 && messages <= 1 << 30 ? malloc(sizeof *delivery + (size_t)messages * sizeof(MPI_Request)) : NULL;
    if (!delivery) refuse(messages);
    delivery->count = 0;
    delivery->most = (int)messages;
    return delivery;
}
static MPI_Request *next(bw_mpi_delivery *delivery) {
    if (delivery->count == delivery->most) abort(); // more messages than there is room for would be lost
    return &delivery->requests[delivery->count++];
}
void bw_mpi_delivery_send(bw_mpi_delivery *delivery, int process, int tag, const void *bytes, int count) {
    pthread_mutex_lock(&calls);
    MPI_Isend(bytes, count, MPI_BYTE, process, tag, MPI_COMM_WORLD, next(delivery));
    pthread_mutex_unlock(&calls);
}
void bw_mpi_delivery_receive(bw_mpi_delivery *delivery, int process, int tag, void *bytes, int count) {
    pthread_mutex_lock(&calls);
    MPI_Irecv(bytes, count, MPI_BYTE, process, tag, MPI_COMM_WORLD, next(delivery));
    pthread_mutex_unlock(&calls);
}
int bw_mpi_delivery_is_done(bw_mpi_delivery *delivery) {
    int done = 0;
    pthread_mutex_lock(&calls);
    MPI_Testall(delivery->count, delivery->requests, &done, MPI_STATUSES_IGNORE);
    pthread_mutex_unlock(&calls);
    return done;
}
void bw_mpi_delivery_wait(bw_mpi_delivery *delivery) {
    pthread_mutex_lock(&calls);
    MPI_Waitall(delivery->count, delivery->requests, MPI_STATUSES_IGNORE);
    pthread_mutex_unlock(&calls);
}
void bw_mpi_delivery_free(bw_mpi_delivery *delivery) { free(delivery); }

// The gathers that are under way.
static MPI_Request *gathers = NULL;
static int under_way = 0, room = 0;

static MPI_Request *next_gather(void) {
    if (under_way == room) {
        room = room ? 2 * room : 64;
        gathers = realloc(gathers, (size_t)room * sizeof *gathers);
        if (!gathers) refuse(room);
    }
    return &gathers[under_way++];
}

static void *progress(void *nothing) {
    pthread_mutex_lock(&calls);
    for (;;) {
        int are_done = 1;
        if (under_way) MPI_Testall(under_way, gathers, &are_done, MPI_STATUSES_IGNORE);
        if (are_done) {
            under_way = 0;
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
    MPI_Iallgatherv(own, counts[bw_mpi_rank()], MPI_BYTE, all, counts, starts, MPI_BYTE, MPI_COMM_WORLD,
                    next_gather());
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
    MPI_Waitall(under_way, gathers, MPI_STATUSES_IGNORE);
    under_way = 0;
    pthread_mutex_unlock(&calls);
}
