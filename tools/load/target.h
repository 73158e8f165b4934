/* The engine under test: where it listens, and how far it is. */
#ifndef LOAD_TARGET_H
#define LOAD_TARGET_H

#include "load/settings.h"

struct target {
    char host[256];
    char port[16];
    char http[300]; /* http://HOST:PORT; "" when not known */
};

/* From --url, --http and --data. False: told on stderr. */
bool target_find(const struct settings *settings, struct target *target_out);
/* Waits until /v1/status says that everything durable is judged. False: told on stderr, or too
 * late. */
bool target_wait_evaluated(const struct target *target, int64_t deadline_ns);

#endif
