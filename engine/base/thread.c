#include "base/thread.h"

#include <signal.h>

#include "base/panic.h"

enum status thread_start(pthread_t *thread_out, const char *name, void *(*run)(void *),
                         void *argument)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    int error = pthread_create(&thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        return STATUS_NO_MEMORY;
    }
    pthread_setname_np(thread, name);
    *thread_out = thread;
    return STATUS_OK;
}

void thread_join(pthread_t thread)
{
    int error = pthread_join(thread, NULL);
    assert(error == 0);
}
