#include "domain/report.h"

#include "base/panic.h"

const char *report_alert_word(const struct objective_report *report)
{
    enum alert_severity burns = report->judgement.alert;
    return burns == ALERT_NONE && report->silent ? ALERT_SILENT_WORD : alert_severity_word(burns);
}

const char *restatement_cause_word(enum restatement_cause cause)
{
    static const char *const words[] = {
#define X(name, word) word,
        RESTATEMENT_CAUSE_TABLE(X)
#undef X
    };
    assert((unsigned)cause < CAUSE_COUNT);
    return words[cause];
}

static bool same_measure(struct measure a, struct measure b)
{
    return a.good == b.good && a.bad == b.bad;
}

static bool same_counts(const struct request_counts *a, const struct request_counts *b)
{
    bool same = a->good == b->good && a->bad == b->bad && a->out_of_scope == b->out_of_scope;
    for (uint32_t i = 0; i < ASIDE_COUNT; i++) {
        same = same && a->excluded_by[i] == b->excluded_by[i];
    }
    return same;
}

static bool same_states(const struct four_states *a, const struct four_states *b)
{
    return a->good == b->good && a->bad == b->bad && a->excluded == b->excluded &&
           a->unknown == b->unknown;
}

static bool same_parts(const struct objective_report *a, const struct objective_report *b)
{
    bool same = a->part_count == b->part_count;
    for (uint32_t i = 0; same && i < a->part_count; i++) {
        same = same_measure(a->parts[i].window, b->parts[i].window) &&
               a->parts[i].verdict == b->parts[i].verdict;
    }
    return same;
}

bool report_same_figure(const struct objective_report *a, const struct objective_report *b)
{
    const struct judgement *left = &a->judgement;
    const struct judgement *right = &b->judgement;
    bool same = same_counts(&a->counts, &b->counts) && same_states(&a->time, &b->time) &&
                same_states(&a->slices, &b->slices);
    for (uint32_t i = 0; i < 3; i++) {
        same = same && same_measure(a->by_policy[i], b->by_policy[i]);
    }
    return same && same_parts(a, b) && left->has_sli == right->has_sli &&
           same_measure(left->window, right->window) &&
           left->coverage_known_ns == right->coverage_known_ns &&
           left->coverage_all_ns == right->coverage_all_ns && left->verdict == right->verdict &&
           left->reason == right->reason;
}
