#include BW_MPI_HEADER
#include "include/CMPI.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bw_mpi_window {
    MPI_Win window;
    bw_mpi_window *next;
};
// The windows of this process, the newest first.
static bw_mpi_window *windows;

bw_mpi_window *bw_mpi_window_create(long bytes) {
    bw_mpi_window *window = malloc(sizeof *window);
    void *memory = NULL;
    if (!bw_mpi_least(window != NULL)) { free(window); return NULL; }
    // where it has no memory, MPI ends all processes with a message of its own
    MPI_Win_allocate(bytes, 1, MPI_INFO_NULL, MPI_COMM_WORLD, &memory, &window->window);
    if (bytes > 0) memset(memory, 0, (size_t)bytes);
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Win_lock_all(MPI_MODE_NOCHECK, window->window);
    MPI_Win_sync(window->window);
    MPI_Barrier(MPI_COMM_WORLD);
    window->next = windows;
    windows = window;
    return window;
}
void bw_mpi_windows_free(void) {
    while (windows) {
        bw_mpi_window *window = windows;
        windows = window->next;
        MPI_Win_unlock_all(window->window);
        MPI_Win_free(&window->window);
        free(window);
    }
}
void bw_mpi_window_read(bw_mpi_window *window, int process, long offset, void *bytes, int count) {
    MPI_Get(bytes, count, MPI_BYTE, process, offset, count, MPI_BYTE, window->window);
    MPI_Win_flush(process, window->window);
}
void bw_mpi_window_write(bw_mpi_window *window, int process, long offset, const void *bytes, int count) {
    MPI_Put(bytes, count, MPI_BYTE, process, offset, count, MPI_BYTE, window->window);
    MPI_Win_flush(process, window->window);
}

enum { PIECE = 1 << 24 };
void bw_mpi_window_get(bw_mpi_window *window, int process, long first, float *numbers, long count) {
    for (long done = 0; done < count; done += PIECE) {
        const int some = count - done < PIECE ? (int)(count - done) : PIECE;
        MPI_Get_accumulate(NULL, 0, MPI_FLOAT, numbers + done, some, MPI_FLOAT, process, 4 * (first + done), some, MPI_FLOAT,
                           MPI_NO_OP, window->window);
    }
    MPI_Win_flush(process, window->window);
}
void bw_mpi_window_add(bw_mpi_window *window, int process, long first, const float *numbers, long count) {
    for (long done = 0; done < count; done += PIECE) {
        const int some = count - done < PIECE ? (int)(count - done) : PIECE;
        MPI_Accumulate(numbers + done, some, MPI_FLOAT, process, 4 * (first + done), some, MPI_FLOAT, MPI_SUM,
                       window->window);
    }
    MPI_Win_flush(process, window->window);
}

static int64_t exchange_lock(bw_mpi_window *window, int process, int64_t from, int64_t to) {
    int64_t found = -1;
    MPI_Compare_and_swap(&to, &from, &found, MPI_INT64_T, process, 0, window->window);
    MPI_Win_flush(process, window->window);
    return found;
}
void bw_mpi_window_lock(bw_mpi_window *window, int process) {
    for (int tries = 1; exchange_lock(window, process, 0, 1) != 0; tries++)
        if (tries % 16 == 0) usleep(20);
}
void bw_mpi_window_unlock(bw_mpi_window *window, int process) { exchange_lock(window, process, 1, 0); }
void bw_mpi_meet(void) { MPI_Barrier(MPI_COMM_WORLD); }
