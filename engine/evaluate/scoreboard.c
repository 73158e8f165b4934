#include "evaluate/scoreboard.h"

#include "base/arena.h"
#include "base/panic.h"

static size_t size_of(uint32_t count)
{
    return sizeof(struct scoreboard_entry) * ((size_t)count + 1);
}

enum status scoreboard_init(struct scoreboard *scoreboard, uint32_t count)
{
    struct scoreboard_entry *entries = pages_reserve(size_of(count));
    if (entries == NULL) {
        return STATUS_NO_MEMORY;
    }
    *scoreboard = (struct scoreboard){entries, count};
    return STATUS_OK;
}

void scoreboard_fini(struct scoreboard *scoreboard)
{
    pages_release(scoreboard->entries, size_of(scoreboard->count));
    *scoreboard = (struct scoreboard){0};
}

/* The window and what its budget is a share of, in 64 bits: of a mean in a window that has just
 * begun both lose digits that no gauge shows. The budgets of earlier versions are told as units of
 * the present target. */
static uint64_t fit_window(const struct objective *objective, const struct judgement *judgement,
                           struct measure *window_out)
{
    uint64_t budget_ppb = (uint64_t)(PPB - objective->target_ppb);
    uint128 ratio_valid = judgement->ratio_valid;
    ratio_valid += budget_ppb == 0 ? 0 : judgement->earlier_full / budget_ppb;
    *window_out = judgement->window;
    for (; ratio_valid > UINT64_MAX; ratio_valid >>= 1) {
        window_out->good >>= 1;
        window_out->bad >>= 1;
    }
    return (uint64_t)ratio_valid;
}

void scoreboard_publish(struct scoreboard *scoreboard, uint32_t series,
                        const struct objective_report *report, const uint64_t totals[3])
{
    assert(series < scoreboard->count);
    const struct judgement *judgement = &report->judgement;
    uint64_t firing = 0;
    struct measure window;
    uint64_t ratio_valid = fit_window(report->objective, judgement, &window);
    uint64_t words[SCOREBOARD_WORDS] = {
        [SCOREBOARD_POSITION] = report->position,
        [SCOREBOARD_AT_NS] = (uint64_t)report->at_ns,
        [SCOREBOARD_GOOD] = window.good,
        [SCOREBOARD_BAD] = window.bad,
        [SCOREBOARD_RATIO_VALID] = ratio_valid,
        [SCOREBOARD_COVERAGE_KNOWN] = judgement->coverage_known_ns,
        [SCOREBOARD_COVERAGE_ALL] = judgement->coverage_all_ns,
        [SCOREBOARD_TOTAL_GOOD] = totals[0],
        [SCOREBOARD_TOTAL_BAD] = totals[1],
        [SCOREBOARD_TOTAL_EXCLUDED] = totals[2],
    };
    for (uint32_t i = 0; i < report->objective->alert_count; i++) {
        const struct alert_state *alert = &judgement->alerts[i];
        uint64_t *pair = &words[SCOREBOARD_PAIRS + 4 * i];
        pair[0] = alert->long_measure.bad;
        pair[1] = measure_valid(alert->long_measure);
        pair[2] = alert->short_measure.bad;
        pair[3] = measure_valid(alert->short_measure);
        firing |= alert->firing ? 1u << i : 0;
    }
    words[SCOREBOARD_VERDICT] = (uint64_t)judgement->verdict | (uint64_t)judgement->alert << 8 |
                                (uint64_t)judgement->has_sli << 16 |
                                (uint64_t)report->silent << 17 |
                                (uint64_t)report->expects_signs << 18 | firing << 24;
    struct scoreboard_entry *entry = &scoreboard->entries[series];
    seqcount_write(&entry->seqcount, entry->words, words,
                   SCOREBOARD_PAIRS + 4 * report->objective->alert_count);
}

void scoreboard_read(const struct scoreboard *scoreboard, uint32_t series,
                     struct published *published_out)
{
    assert(series < scoreboard->count);
    uint64_t words[SCOREBOARD_WORDS];
    const struct scoreboard_entry *entry = &scoreboard->entries[series];
    seqcount_read(&entry->seqcount, entry->words, words, SCOREBOARD_WORDS);
    uint64_t state = words[SCOREBOARD_VERDICT];
    *published_out = (struct published){
        .position = words[SCOREBOARD_POSITION],
        .at_ns = (int64_t)words[SCOREBOARD_AT_NS],
        .verdict = (enum verdict)(state & 0xff),
        .alert = (enum alert_severity)(state >> 8 & 0xff),
        .has_sli = (state >> 16 & 1) != 0,
        .silent = (state >> 17 & 1) != 0,
        .expects_signs = (state >> 18 & 1) != 0,
        .firing_pairs = (uint32_t)(state >> 24),
        .window = {words[SCOREBOARD_GOOD], words[SCOREBOARD_BAD]},
        .ratio_valid = words[SCOREBOARD_RATIO_VALID],
        .coverage_known = words[SCOREBOARD_COVERAGE_KNOWN],
        .coverage_all = words[SCOREBOARD_COVERAGE_ALL],
        .totals = {words[SCOREBOARD_TOTAL_GOOD], words[SCOREBOARD_TOTAL_BAD],
                   words[SCOREBOARD_TOTAL_EXCLUDED]},
    };
    for (uint32_t i = 0; i < ALERT_PAIRS_MAX; i++) {
        const uint64_t *pair = &words[SCOREBOARD_PAIRS + 4 * i];
        published_out->lookback_long[i] = (struct measure){pair[1] - pair[0], pair[0]};
        published_out->lookback_short[i] = (struct measure){pair[3] - pair[2], pair[2]};
    }
}
