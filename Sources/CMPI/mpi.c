#include BW_MPI_HEADER
#include "include/CMPI.h"
#include <stddef.h>
#include <stdlib.h>

static MPI_Comm machine = MPI_COMM_NULL;
static int rank = 0, size = 1;

int bw_mpi_start(int per_machine) {
    int level;
    // Open MPI 4.1.4 crashes in one-sided atomics by this component, which it prefers. Shared memory, UCX and messages are left;
    // who names components by himself has his way.
    setenv("OMPI_MCA_osc", "^rdma", 0);
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level) != MPI_SUCCESS || level < MPI_THREAD_FUNNELED) return 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    const int status = per_machine > 0
        ? MPI_Comm_split(MPI_COMM_WORLD, rank / per_machine, rank, &machine)
        : MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &machine);
    return status == MPI_SUCCESS;
}
int bw_mpi_rank(void) { return rank; }
int bw_mpi_size(void) { return size; }
int bw_mpi_local_rank(void) {
    int local = 0;
    MPI_Comm_rank(machine, &local);
    return local;
}
int bw_mpi_local_size(void) {
    int local = 1;
    MPI_Comm_size(machine, &local);
    return local;
}
void bw_mpi_separate(void) {
    MPI_Comm_free(&machine);
    MPI_Comm_split(MPI_COMM_WORLD, rank, 0, &machine);
}
void bw_mpi_local_broadcast(void *bytes, int count) { MPI_Bcast(bytes, count, MPI_BYTE, 0, machine); }

static int least(int number, MPI_Comm processes) {
    int result = number;
    MPI_Allreduce(&number, &result, 1, MPI_INT, MPI_MIN, processes);
    return result;
}
int bw_mpi_local_least(int number) { return least(number, machine); }
int bw_mpi_least(int number) { return least(number, MPI_COMM_WORLD); }

const char *bw_mpi_library(void) {
    static char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int length = 0;
    MPI_Get_library_version(text, &length);
    // some libraries say a page about how they were built
    for (int i = 0; i < length; i++)
        if (text[i] == ',' || text[i] == '\n') text[i] = 0;
        else if (text[i] == '\t') text[i] = ' ';
    return text;
}
void bw_mpi_finish(void) {
    bw_mpi_windows_free();
    MPI_Finalize();
}
void bw_mpi_abort(int status) { MPI_Abort(MPI_COMM_WORLD, status); }
