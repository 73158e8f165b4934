/* Events from files, held in memory as batches: what `nines evaluate` and `nines match` judge.
 *
 * The same decoder, intake and deduplication as in the daemon; no network, no store.
 *
 * When a record was received nobody knows, unless it says so itself (`received`); the own time of an
 * exclusion, an outcome or a maintenance is when it was said, which is as good. Where that matters
 * the events are walked in the order of receipt: what is not known to be late comes first, in the
 * order of the files.
 */
#ifndef NINES_OFFLINE_H
#define NINES_OFFLINE_H

#include "decode/decode.h"
#include "domain/agreement.h"
#include "domain/batch.h"
#include "domain/dedupe.h"
#include "domain/history.h"
#include "domain/name.h"
#include "evaluate/each.h"

struct receipt;

struct offline {
    struct name_table *names;
    struct dedupe dedupe;
    struct each *each; /* NULL, or see offline_hear */
    struct batch **batches;
    int64_t **received_at; /* per batch: of each event; TIME_NONE: not known */
    uint32_t batch_count;
    uint64_t received;
    uint64_t duplicates;
    uint64_t rejected[REJECT_COUNT];
    int64_t last_ns;          /* of the last event that gives a time; TIME_NONE */
    struct receipt *receipts; /* NULL: the order of the files is as good as any */
    uint64_t receipt_count;
    bool says_received;       /* some record told when it was received */
    int64_t last_received_ns; /* as far as it is known; TIME_NONE */
    struct span_set absences; /* of the engine that wrote the files: no events */
    const char *error;        /* of the last failure, or NULL */
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
 * they are inside the window that ends there). */
void offline_place(struct offline *offline, int64_t at_ns);
/* From now on the events are walked in the order of receipt. */
must_check enum status offline_order(struct offline *offline);
/* All events as batches, each with one time of receipt: INT64_MIN where it is not known. */
typedef enum status offline_visit(void *context, const struct batch *batch);
must_check enum status offline_walk(const struct offline *offline, offline_visit *visit,
                                    void *context);
/* Makes `each` of the documents, which it borrows until offline_unhear, and lets it hear all batches.
 */
must_check enum status offline_hear(struct offline *offline, const struct agreement_set *documents);
void offline_unhear(struct offline *offline);
/* The history that an evaluator may read again: in the order of the walk. */
struct history offline_history(struct offline *offline);

#endif
