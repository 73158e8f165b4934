/* What a run came to, for people and for programs. */
#ifndef LOAD_SUMMARY_H
#define LOAD_SUMMARY_H

#include "load/histogram.h"
#include "load/settings.h"
#include "load/verdict.h"

struct summary {
    const struct settings *settings;
    uint64_t planned; /* 0: as many as the time allowed */
    uint64_t sent;    /* lines */
    uint64_t acknowledged;
    uint64_t durable;
    uint64_t bytes;
    double send_seconds;      /* until the last byte was handed to the kernel */
    double seconds;           /* until the last acknowledgement */
    double evaluated_seconds; /* until all was judged; 0: not asked */
    double cpu_seconds;       /* of this process */
    bool complete;            /* nothing failed, was late or is missing */
    const struct histogram *latency;
    const struct verdict *verdict; /* NULL: not measured */
};

void summary_print(const struct summary *summary);
void summary_print_json(const struct summary *summary);

#endif
