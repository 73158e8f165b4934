/* The log judged anew: an evaluator of its own, fed with every batch of the store up to a position,
 * as of any instant or for any window. What is asked with `at`, `period`, `from` and `to`, and what
 * evidence is looked for with. Slow (the whole log is read), so one at a time, on the lane of
 * scans.
 */
#ifndef API_RETRIAL_H
#define API_RETRIAL_H

#include "api/api.h"
#include "api/selection.h"
#include "api/when.h"
#include "evaluate/seal.h"
#include "evaluate/set_at.h"
#include "store/store.h"

struct retrial {
    const struct api_engine *engine;
    struct agreement_set set; /* of what is asked about alone, as of the instant */
    struct set_at documents;
    bool has_asked;
    struct asked_window asked;
    int64_t latest_ns; /* no window is judged as of later */
    struct each *each; /* customers that the log names, as far as it was read */
    struct evaluator *evaluator;
    bool has_seals;        /* a calendar window is told as it was sealed */
    struct seals *seals;   /* of this evaluator; NULL: none */
    struct seals **closed; /* of those before it, because reports borrow from them */
    uint32_t closed_count;
    struct batch *batch; /* for reading */
    int64_t at_ns;
    uint64_t position_end;
    char message[STORE_MESSAGE_SIZE];
};

/* set: lives longer than the retrial. position_end: UINT64_MAX for all that is durable now.
 * with_seals: a calendar window is told as it was sealed. Retrial: caller's memory, not to be moved.
 * Its series are numbered in the order of retrial_agreements. A named period of several zones is judged
 * as of the first of its ends; those whose ends are later take a retrial more (retrial_reopen). */
must_check enum status retrial_open(struct retrial *retrial, const struct api_engine *engine,
                                    const struct agreement_set *set,
                                    const struct selection *selection, const struct when *when,
                                    uint64_t position_end, bool with_seals);
/* Judges anew as of the next end of a named period. False: there was none, and nothing has
 * changed; or the reports that were told may be wrong (STATUS_IO). On failure, too, the retrial is
 * to be closed. */
bool retrial_reopen(struct retrial *retrial, enum status *status_out);
/* Is the agreement of the set judged as of retrial->at_ns? */
bool retrial_judges(const struct retrial *retrial, const struct agreement *agreement);
/* Where the log ended when the calendar window that is asked about was sealed, for the agreement;
 * UINT64_MAX: it is not sealed. Reads the log. */
must_check enum status retrial_sealed_position(const struct api_engine *engine,
                                               const struct agreement *agreement,
                                               const struct when *when, uint64_t *position_out);
/* Like evaluator_report; of a window that is sealed the sealed report, which borrows from the
 * retrial until it is closed. */
bool retrial_report(struct retrial *retrial, uint32_t series, struct objective_report *report_out);
/* The agreements that it judges: those of the set, and what `customer: each` made of them. */
struct agreement_set retrial_agreements(const struct retrial *retrial);
void retrial_close(struct retrial *retrial);

#endif
