// The time of messages between two processes that send to each other at once, as an all-gather of two does.
//
//     messages        prints a line for each size: bytes, and the median of the seconds
//
// Exchanges follow each other, each after the message of the one before, and several are timed together: a process that
// comes late to one alone would find the other's message there, and time nothing of its way.
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static int by_size(const void *one, const void *other) {
    const double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

int main(int argc, char **argv) {
    enum { TIMES = 9, EXCHANGES = 8, MOST = 1 << 22 };
    int rank;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    char *own = calloc(MOST, 1), *other = calloc(MOST, 1);
    if (!own || !other) MPI_Abort(MPI_COMM_WORLD, 74);
    for (int bytes = 1 << 10; bytes <= MOST; bytes *= 4) {
        double seconds[TIMES];
        MPI_Barrier(MPI_COMM_WORLD);
        for (int i = 0; i < TIMES; i++) {
            const double start = MPI_Wtime();
            for (int exchange = 0; exchange < EXCHANGES; exchange++)
                MPI_Sendrecv(own, bytes, MPI_BYTE, 1 - rank, 0, other, bytes, MPI_BYTE, 1 - rank, 0, MPI_COMM_WORLD,
                             MPI_STATUS_IGNORE);
            seconds[i] = (MPI_Wtime() - start) / EXCHANGES;
        }
        qsort(seconds, TIMES, sizeof *seconds, by_size);
        if (rank == 0) printf("%d %.9g\n", bytes, seconds[TIMES / 2]);
    }
    MPI_Finalize();
    return 0;
}
