/* The requests with a life that one evaluator knows, found by a key of their service and id.
 *
 * Bounded: it holds `count_max` of them. When it is full, the one that ended the longest ago is let
 * go: what it counted as stays counted, but nothing that is heard of it later can correct that.
 * While all of them are open, a new one finds no room. Which one is let go depends on the order of
 * the log alone, so that every worker and every replay does the same.
 *
 * One owner thread. About 200 bytes a request; grows by doubling.
 */
#ifndef EVALUATE_LIFE_LEDGER_H
#define EVALUATE_LIFE_LEDGER_H

#include "domain/life.h"

#define LIFE_NONE UINT32_MAX

struct life_entry {
    struct life life;
    uint64_t key;
    int64_t counted_ns; /* it is counted as of this instant */
    uint32_t service;   /* name */
    bool used;
    bool ended;
    uint32_t next;         /* in its chain, or of the unused ones; LIFE_NONE: the last */
    uint32_t ended_before; /* those that have ended, in the order in which that was heard */
    uint32_t ended_behind;
};

struct life_ledger {
    struct life_entry *entries; /* some unused */
    uint32_t entry_count;
    uint32_t entry_size;
    uint32_t used_count;
    uint32_t count_max;
    uint32_t unused_first;
    uint32_t *chains; /* by key */
    uint32_t chain_count;
    uint32_t ended_first;
    uint32_t ended_last;
};

void life_ledger_init(struct life_ledger *ledger, uint32_t count_max);
void life_ledger_fini(struct life_ledger *ledger);
/* The index of the request with this key, which is new (no events) when it is not known;
 * LIFE_NONE: there is no room. */
uint32_t life_ledger_take(struct life_ledger *ledger, uint64_t key);
/* After each event: has it ended, as far as is known? */
void life_ledger_note_end(struct life_ledger *ledger, uint32_t index, bool ended);

#endif
