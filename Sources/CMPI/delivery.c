#include BW_MPI_HEADER
#include "include/CMPI.h"
#include <stdlib.h>

struct bw_mpi_delivery {
    int count, most;
    MPI_Request requests[];
};

bw_mpi_delivery *bw_mpi_delivery_create(long messages) {
    if (messages < 0 || messages > 1 << 30) return NULL;
    bw_mpi_delivery *delivery = malloc(sizeof *delivery + (size_t)messages * sizeof(MPI_Request));
    if (delivery) {
        delivery->count = 0;
        delivery->most = (int)messages;
    }
    return delivery;
}
static MPI_Request *next(bw_mpi_delivery *delivery) {
    if (delivery->count == delivery->most) abort(); // more messages than there is room for would be lost
    return &delivery->requests[delivery->count++];
}
void bw_mpi_delivery_send(bw_mpi_delivery *delivery, int process, int tag, const void *bytes, int count) {
    MPI_Isend(bytes, count, MPI_BYTE, process, tag, MPI_COMM_WORLD, next(delivery));
}
void bw_mpi_delivery_receive(bw_mpi_delivery *delivery, int process, int tag, void *bytes, int count) {
    MPI_Irecv(bytes, count, MPI_BYTE, process, tag, MPI_COMM_WORLD, next(delivery));
}
int bw_mpi_delivery_is_done(bw_mpi_delivery *delivery) {
    int done = 0;
    MPI_Testall(delivery->count, delivery->requests, &done, MPI_STATUSES_IGNORE);
    return done;
}
void bw_mpi_delivery_wait(bw_mpi_delivery *delivery) {
    MPI_Waitall(delivery->count, delivery->requests, MPI_STATUSES_IGNORE);
}
void bw_mpi_delivery_free(bw_mpi_delivery *delivery) { free(delivery); }
