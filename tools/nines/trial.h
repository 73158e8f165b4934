/* Files judged: an evaluator for each shard and, of a named period, for each of its ends, because
 * every agreement sees it in its own zone. */
#ifndef NINES_TRIAL_H
#define NINES_TRIAL_H

#include "evaluate/seal.h"
#include "nines/offline.h"

/* Told of each report, with an evaluator that holds what the report is made of. */
typedef enum status trial_judged(const void *context, struct evaluator *evaluator, uint32_t series,
                                 const struct objective_report *report);

struct trial_settings {
    const struct agreement_set *set;
    struct offline *offline;          /* it has heard of the customers (offline_hear) */
    const struct asked_window *asked; /* NULL: the objectives' own windows, as of at_ns */
    int64_t at_ns;
    uint32_t shard_count;
    struct row_store_source rows; /* zero: all rows stay in memory */
    bool has_seals;               /* periods are told as they were sealed */
    int64_t grace_ns;
    trial_judged *judged; /* NULL: nobody */
    const void *context;
};

struct trial {
    struct trial_settings settings;
    struct seals **seals; /* reports borrow from them */
    uint32_t seal_count;
};

/* Writes the reports to their places in the whole set. Close the trial afterwards, also when it
 * failed; the reports of sealed periods borrow from it. */
must_check enum status trial_judge(struct trial *trial, const struct trial_settings *settings,
                                   struct objective_report *reports, bool *has_report);
void trial_close(struct trial *trial);

#endif
