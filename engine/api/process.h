/* This process as the kernel sees it (/proc/self), for the process_* metrics. */
#ifndef API_PROCESS_H
#define API_PROCESS_H

#include <stdint.h>

struct process_figures {
    double cpu_s;
    double started_s; /* since the epoch */
    uint64_t resident_bytes;
    uint64_t virtual_bytes;
    uint64_t open_fds;
    uint64_t max_fds; /* UINT64_MAX: no limit */
    uint64_t threads;
};

/* What cannot be read stays 0. Any thread. */
void process_read(struct process_figures *figures_out);

#endif
