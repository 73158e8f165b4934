/* Threads with names, so that `top -H` and panics speak plainly. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

#include "base/status.h"

/* name: at most 15 bytes. All signals are blocked in the new thread; main takes them. */
must_check enum status thread_start(pthread_t *thread_out, const char *name, void *(*run)(void *),
                                    void *argument);
void thread_join(pthread_t thread);

#endif
