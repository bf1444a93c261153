#include "include/CKernels.h"
#include <pthread.h>
#include <stdlib.h>

struct bw_thread {
    pthread_t thread;
    void (*body)(void *context);
    void *context;
};

static void *run(void *argument) {
    const bw_thread *own = argument;
    own->body(own->context);
    return NULL;
}
bw_thread *bw_thread_start(void (*body)(void *context), void *context) {
    bw_thread *thread = malloc(sizeof *thread);
    if (!thread) return NULL;
    *thread = (bw_thread){.body = body, .context = context};
    if (pthread_create(&thread->thread, NULL, run, thread) == 0) return thread;
    free(thread);
    return NULL;
}
static void *run_alone(void *argument) {
    const bw_thread own = *(bw_thread *)argument;
    free(argument);
    own.body(own.context);
    return NULL;
}
int bw_thread_start_alone(void (*body)(void *context), void *context) {
    bw_thread *thread = malloc(sizeof *thread);
    if (!thread) return 0;
    *thread = (bw_thread){.body = body, .context = context};
    pthread_t started;
    if (pthread_create(&started, NULL, run_alone, thread) != 0) {
        free(thread);
        return 0;
    }
    pthread_detach(started);
    return 1;
}
void bw_thread_join(bw_thread *thread) {
    pthread_join(thread->thread, NULL);
    free(thread);
}
