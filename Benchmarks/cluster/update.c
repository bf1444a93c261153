// The messages of an update of training, with the bytes that `batchwise plan --workers` says, for SimGrid's simulated
// processes (smpicc, smpirun) or real ones (mpicc, mpirun). `Sources/CMPI/messages.c` makes the same exchanges.
//
//     update WAY ROWS SUMS GRADIENT SECONDS SPREAD UPDATES
//
// WAY is gather: an all-gather of ROWS bytes, those of all processes together, SUMS bytes from each process to the next and
// from the last to all, and an all-gather of GRADIENT bytes; or reduce: an all-reduce of GRADIENT bytes. Before that each process computes for SECONDS times a lognormal number of mean 1 and
// standard deviation SPREAD. Prints the seconds of an update.
#include <math.h>
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef SMPI_SIMULATED
#include <smpi/smpi.h>
#define SHARED(bytes) SMPI_SHARED_MALLOC(bytes)
// the hosts of the platform make 1e9 operations a second
static void compute(double seconds) { smpi_execute_flops(1e9 * seconds); }
#else
#define SHARED(bytes) malloc(bytes)
static void compute(double seconds) {
    const double end = MPI_Wtime() + seconds;
    while (MPI_Wtime() < end) {}
}
#endif

// Number `n` of a stream of uniform numbers: SplitMix64.
static double uniform(uint64_t n) {
    uint64_t z = (n + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static double lognormal(uint64_t n, double spread) {
    const double variance = log1p(spread * spread);
    const double normal = sqrt(-2 * log(1 - uniform(2 * n))) * cos(2 * 3.14159265358979323846 * uniform(2 * n + 1));
    return exp(sqrt(variance) * normal - variance / 2);
}

static int *counts, *starts;
static char *own, *all;
static int rank, size;

// The parts of `bytes` are as equal as whole bytes allow.
static void gather(long bytes) {
    for (int r = 0; r < size; r++) {
        starts[r] = (int)(bytes * r / size);
        counts[r] = (int)(bytes * (r + 1) / size) - starts[r];
    }
    MPI_Allgatherv(own, counts[rank], MPI_BYTE, all, counts, starts, MPI_BYTE, MPI_COMM_WORLD);
}

// Sums go from each process to the next in pieces, of which many may be under way.
static void hand_over(long bytes) {
    enum { PIECE = 32768 };
    static MPI_Request sends[4096];
    int count = 0;
    for (long place = 0; place < bytes; place += PIECE) {
        const int piece = (int)(bytes - place < PIECE ? bytes - place : PIECE);
        if (rank > 0) MPI_Recv(all + place, piece, MPI_BYTE, rank - 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        if (count == 4096) {
            MPI_Waitall(count, sends, MPI_STATUSES_IGNORE);
            count = 0;
        }
        if (rank < size - 1)
            MPI_Isend(own + place, piece, MPI_BYTE, rank + 1, 0, MPI_COMM_WORLD, &sends[count++]);
    }
    MPI_Waitall(count, sends, MPI_STATUSES_IGNORE);
}

int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (argc != 8) MPI_Abort(MPI_COMM_WORLD, 64);
    const int is_gather = strcmp(argv[1], "gather") == 0;
    const long rows = atol(argv[2]), sums = atol(argv[3]), gradient = atol(argv[4]);
    const double seconds = atof(argv[5]), spread = atof(argv[6]);
    const int updates = atoi(argv[7]);
    const long most = rows > sums ? rows : sums, room = (most > gradient ? most : gradient) + 64;
    all = SHARED((size_t)room);
    own = SHARED((size_t)room);
    counts = malloc((size_t)size * sizeof *counts);
    starts = malloc((size_t)size * sizeof *starts);
    MPI_Barrier(MPI_COMM_WORLD);
    const double start = MPI_Wtime();
    for (int update = 0; update < updates; update++) {
        compute(seconds * (spread > 0 ? lognormal((uint64_t)update * (uint64_t)size + (uint64_t)rank, spread) : 1));
        if (is_gather) {
            gather(rows);
            hand_over(sums);
            if (sums)
                MPI_Scatter(own, (int)(sums / size), MPI_BYTE, all, (int)(sums / size), MPI_BYTE, size - 1, MPI_COMM_WORLD);
            gather(gradient);
        } else {
            MPI_Allreduce(own, all, (int)(gradient / 4), MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
        }
    }
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == 0) printf("%.9g\n", (MPI_Wtime() - start) / updates);
    MPI_Finalize();
    return 0;
}
