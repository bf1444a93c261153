// The part of MPI that training needs. Open MPI and MPICH define handles as macros, which Swift does not see.
//
// All calls come from the thread that started MPI; a thread of this library helps on what was begun. An error inside MPI ends
// all processes: its own message says why.
#ifndef CMPI_H
#define CMPI_H

// Joins the processes of the job; 0 where that fails. `per_machine` above 0 takes so many processes for those of one
// machine, in the order of their ranks, wherever they are.
int bw_mpi_start(int per_machine);
int bw_mpi_rank(void);
int bw_mpi_size(void);
int bw_mpi_local_rank(void); // among the processes of this machine
int bw_mpi_local_size(void);
// Takes every process for a machine of its own from now on.
void bw_mpi_separate(void);

// Copies bytes of the first process of the machine to its others.
void bw_mpi_local_broadcast(void *bytes, int count);
// The smallest of a number of each process of the machine, and of all processes.
int bw_mpi_local_least(int number);
int bw_mpi_least(int number);
// Begins to give every process the bytes of all: those of rank r are `counts[r]` and go to `starts[r]` of `all`. All memory
// stays until the gather is finished. Every process begins the same gathers in the same order.
void bw_mpi_begin_gather(const void *own, void *all, const int *counts, const int *starts);
void bw_mpi_finish_gathers(void); // returns when all that were begun are done
void bw_mpi_allow_progress(void); // lets a thread help gathers on, where MPI takes calls of two threads, one at a time

// ---- messages that are under way while a process works on ----
typedef struct bw_mpi_delivery bw_mpi_delivery;
// Room for so many messages; ends all processes where there is no memory.
bw_mpi_delivery *bw_mpi_delivery_create(long messages);
// Begins to send bytes to a process, or to receive them from it. `tag` tells deliveries apart, from 0 to 32767. At most
// the messages of `bw_mpi_delivery_create`, of at most 2^31 - 1 bytes each.
void bw_mpi_delivery_send(bw_mpi_delivery *delivery, int process, int tag, const void *bytes, int count);
void bw_mpi_delivery_receive(bw_mpi_delivery *delivery, int process, int tag, void *bytes, int count);
int bw_mpi_delivery_is_done(bw_mpi_delivery *delivery); // helps all messages of the process on
void bw_mpi_delivery_wait(bw_mpi_delivery *delivery);
void bw_mpi_delivery_free(bw_mpi_delivery *delivery); // after all are done

// ---- memory that other processes read and change by themselves ----
typedef struct bw_mpi_window bw_mpi_window;
// Every process gives so many bytes, zeroed, and calls it together with the others; null in all where one has no memory.
// It lives until all processes end: to free it, all must come together, and one that fails by itself cannot wait.
bw_mpi_window *bw_mpi_window_create(long bytes);
void bw_mpi_windows_free(void); // together; `bw_mpi_finish` calls it
// Copies bytes at an offset of a process's memory; each returns when the copy is done.
void bw_mpi_window_read(bw_mpi_window *window, int process, long offset, void *bytes, int count);
void bw_mpi_window_write(bw_mpi_window *window, int process, long offset, const void *bytes, int count);
// Reads floats, and adds to them, number by number: another process may add between two of them.
void bw_mpi_window_get(bw_mpi_window *window, int process, long first, float *numbers, long count);
void bw_mpi_window_add(bw_mpi_window *window, int process, long first, const float *numbers, long count);
// Locks and unlocks a lock that stands at offset 0 of a process's memory, among all processes. Who waits sleeps now and
// then, so that a process without a core can go on.
void bw_mpi_window_lock(bw_mpi_window *window, int process);
void bw_mpi_window_unlock(bw_mpi_window *window, int process);
void bw_mpi_meet(void); // returns when all processes have come here

const char *bw_mpi_library(void); // name and version
void bw_mpi_finish(void);         // waits for all processes
void bw_mpi_abort(int status);    // ends all processes
#endif
