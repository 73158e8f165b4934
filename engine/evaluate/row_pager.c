#include "evaluate/row_pager.h"

#include <stddef.h>

#include "base/panic.h"
#include "evaluate/cold_rows.h"

/* How much goes at once: a write of a fraction of a millisecond. */
#define STEP_BYTES (256u * 1024)
/* What must come in before it is tried again to get below a bound that was not reached. */
#define RETRY_BYTES 1024

void row_pager_open(struct row_pager *pager, const struct row_store_source *source)
{
    *pager = (struct row_pager){.memory_max = UINT64_MAX, .settle_above = UINT64_MAX};
    if (source->open != NULL && source->open(source->context, &pager->store) == STATUS_OK) {
        pager->has_store = true;
        pager->memory_max = source->memory_max;
        pager->settle_above = source->memory_max;
    }
}

void row_pager_close(struct row_pager *pager)
{
    for (uint32_t i = 0; i < ROW_LIFE_COUNT; i++) {
        assert(pager->hands[i] == NULL);
    }
    if (pager->has_store) {
        pager->store.close(pager->store.context);
    }
    *pager = (struct row_pager){0};
}

void row_pager_enter(struct row_pager *pager, struct cold_rows *cold)
{
    struct cold_rows *hand = pager->hands[cold->life];
    if (hand == NULL) {
        cold->next = cold->before = cold;
        pager->hands[cold->life] = cold;
        return;
    }
    /* Behind the hand: its turn comes last. */
    cold->next = hand;
    cold->before = hand->before;
    cold->before->next = cold;
    hand->before = cold;
}

void row_pager_leave(struct row_pager *pager, struct cold_rows *cold)
{
    struct cold_rows **hand = &pager->hands[cold->life];
    cold->before->next = cold->next;
    cold->next->before = cold->before;
    if (*hand == cold) {
        *hand = cold->next == cold ? NULL : cold->next;
    }
}

/* Round the ring, at most twice: what is spared once is not spared again. False: nothing more can be
 * written. */
static bool go_round(struct row_pager *pager, enum row_life life, uint64_t target)
{
    struct cold_rows *start = pager->hands[life];
    uint32_t rounds = 0;
    while (start != NULL && rounds < 2 && pager->memory > target) {
        struct cold_rows *cold = pager->hands[life];
        if (cold_rows_page_out(cold) != STATUS_OK) {
            return false;
        }
        pager->hands[life] = cold->next;
        rounds += cold->next == start ? 1 : 0;
    }
    return true;
}

enum status row_pager_settle(struct row_pager *pager)
{
    if (pager->memory > pager->settle_above) {
        uint64_t step = pager->memory_max / 8 < STEP_BYTES ? pager->memory_max / 8 : STEP_BYTES;
        bool writes = true;
        for (uint32_t life = ROW_LIFE_COUNT; writes && life-- > 0;) {
            writes = go_round(pager, (enum row_life)life, pager->memory_max - step);
        }
        pager->settle_above = pager->memory_max;
        if (pager->memory > pager->memory_max) {
            pager->settle_above = pager->memory + pager->memory / 8 + RETRY_BYTES;
        }
    }
    return pager->failed ? STATUS_IO : STATUS_OK;
}
