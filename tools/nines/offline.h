/* Events from files, held in memory as batches: what `nines evaluate` and `nines match` judge.
 *
 * The same decoder, intake and deduplication as in the daemon; no network, no store. */
#ifndef NINES_OFFLINE_H
#define NINES_OFFLINE_H

#include "decode/decode.h"
#include "domain/agreement.h"
#include "domain/batch.h"
#include "domain/dedupe.h"
#include "domain/history.h"
#include "domain/name.h"

struct offline {
    struct name_table *names;
    struct dedupe dedupe;
    struct batch **batches;
    uint32_t batch_count;
    uint64_t received;
    uint64_t duplicates;
    uint64_t rejected[REJECT_COUNT];
    int64_t last_ns;   /* of the last event that gives a time; TIME_NONE */
    const char *error; /* of the last failure, or NULL */
};

/* Tells of each record as it is read; NULL for none. detail: for rejected ones. */
typedef void offline_seen(void *context, const struct record *record, enum decode_result result,
                          enum reject reject, const char *detail);

must_check enum status offline_open(struct offline *offline);
void offline_close(struct offline *offline);
/* path: a file or "-". Several calls add up. now_ns: for syslog times without a year. */
must_check enum status offline_read(struct offline *offline, const char *path, enum field_map map,
                                    const struct match_rules *rules, int64_t now_ns,
                                    offline_seen *seen, void *context);
/* Gives events without a time the instant `at` (requests the last nanosecond before it, so that
 * they are inside the window that ends there) and every batch its time of receipt. */
void offline_place(struct offline *offline, int64_t at_ns);
/* The history that an evaluator may read again. */
struct history offline_history(struct offline *offline);

#endif
