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
void bw_thread_join(bw_thread *thread) {
    pthread_join(thread->thread, NULL);
    free(thread);
}
