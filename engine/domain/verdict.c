#include "domain/verdict.h"

#include "base/panic.h"
#include "domain/decimal.h"

const char *verdict_word(enum verdict verdict)
{
    static const char *const words[] = {"no_data", "unknown", "met",
                                        "at_risk", "behind",  "breached"};
    assert((unsigned)verdict < VERDICT_COUNT);
    return words[verdict];
}

const char *verdict_reason_word(enum verdict_reason reason)
{
    static const char *const words[] = {
#define X(name, word) word,
        VERDICT_REASON_TABLE(X)
#undef X
    };
    assert((unsigned)reason < sizeof(words) / sizeof(words[0]));
    return words[reason];
}

const char *budget_unit_word(enum budget_unit unit)
{
    static const char *const words[] = {"requests", "slices", "ns", "incidents", "ratio"};
    assert((unsigned)unit < BUDGET_UNIT_COUNT);
    return words[unit];
}

const char *budget_unit_noun(enum budget_unit unit)
{
    static const char *const nouns[] = {"request", "slice", "nanosecond", "incident", "ratio"};
    assert((unsigned)unit < BUDGET_UNIT_COUNT);
    return nouns[unit];
}

bool measure_below_target(struct measure measure, int64_t target_ppb)
{
    return (uint128)measure.bad * PPB >
           (uint128)measure_valid(measure) * (uint128)(PPB - target_ppb);
}

static uint64_t budget_ppb(const struct objective *objective)
{
    return (uint64_t)(PPB - objective->target_ppb);
}

static bool burn_exceeds(const struct objective *objective, const struct alert_pair *pair,
                         struct measure measure)
{
    if (measure.bad == 0) {
        return false; /* no burn: thresholds are above 0 */
    }
    /* bad / valid / B > n / d  <=>  bad * PPB * d > n * valid * B_ppb */
    struct wide_product left = {{measure.bad, PPB, pair->threshold_denominator}, 3};
    struct wide_product right = {
        {pair->threshold_numerator, measure_valid(measure), budget_ppb(objective)}, 3};
    int order = wide_compare(&left, &right);
    return objective->alert_or_equal ? order >= 0 : order > 0;
}

/* One unit in the scale of the measures. */
static uint64_t scale_of(const struct evidence *evidence)
{
    return evidence->is_mean ? RATIO_ONE : 1;
}

struct budgets judgement_budgets(const struct objective *objective,
                                 const struct judgement *judgement)
{
    uint64_t budget = budget_ppb(objective);
    return (struct budgets){
        .total = (uint128)judgement->total_valid * budget + judgement->earlier_total,
        .full = judgement->ratio_valid * budget + judgement->earlier_full,
        .elapsed = (uint128)judgement->elapsed_valid * budget + judgement->earlier_elapsed,
    };
}

/* Enough happened to wake somebody: ten bad events, or a hundredth of the window's budget. Of a
 * mean the events are slices, as far as they were bad. */
static bool passes_guard(const struct evidence *evidence, const struct judgement *judgement,
                         uint32_t pair)
{
    if (!evidence->objective->alert_guard) {
        return true;
    }
    if (evidence->combined != NULL) {
        return evidence->combined->events[pair] >= 10 ||
               (uint128)evidence->combined->spent[pair] * 100 * PPB >=
                   (uint128)RATIO_ONE * budget_ppb(evidence->objective);
    }
    uint128 bad = evidence->lookbacks_long[pair].bad;
    bad *= evidence->is_mean ? evidence->long_weights[pair] : 1;
    if (evidence->unit != BUDGET_NS && bad >= (uint128)10 * scale_of(evidence)) {
        return true;
    }
    return bad * 100 * PPB >=
           judgement_budgets(evidence->objective, judgement).total * scale_of(evidence);
}

static void judge_alerts(const struct evidence *evidence, struct judgement *judgement)
{
    const struct objective *objective = evidence->objective;
    judgement->alert = ALERT_NONE;
    for (uint32_t i = 0; i < objective->alert_count; i++) {
        const struct alert_pair *pair = &objective->alerts[i];
        struct alert_state *state = &judgement->alerts[i];
        state->long_measure = evidence->lookbacks_long[i];
        state->short_measure = evidence->lookbacks_short[i];
        if (objective->target_ppb == PPB) {
            /* No budget at all: the first bad unit is news. */
            state->firing = state->long_measure.bad > 0 && state->short_measure.bad > 0;
        } else {
            state->firing = burn_exceeds(objective, pair, state->long_measure) &&
                            burn_exceeds(objective, pair, state->short_measure) &&
                            passes_guard(evidence, judgement, i);
        }
        enum alert_severity severity = objective->target_ppb == PPB ? ALERT_PAGE : pair->severity;
        if (state->firing && severity > judgement->alert) {
            judgement->alert = severity;
        }
    }
}

/* Of a window in which nothing was measured nothing is spent: as if it held one good unit. */
static uint128 full_budget(const struct objective *objective, const struct judgement *judgement)
{
    uint128 full = judgement_budgets(objective, judgement).full;
    return full != 0 ? full : budget_ppb(objective);
}

/* The budget that is left of the full window times PPB, in units; 0 when it is used up. */
static uint128 budget_left(const struct objective *objective, const struct judgement *judgement)
{
    uint128 total = full_budget(objective, judgement);
    uint128 used = (uint128)judgement->window.bad * PPB;
    return total > used ? total - used : 0;
}

/* remaining fraction x W / burn = left / full x W x (B x burn.valid) / (PPB x burn.bad), in ns. */
static struct wide_product lasts_numerator(const struct objective *objective,
                                           const struct judgement *judgement)
{
    return (struct wide_product){{budget_left(objective, judgement), (uint128)judgement->nominal_ns,
                                  budget_ppb(objective), measure_valid(judgement->burn)},
                                 4};
}

static bool burns(const struct objective *objective, const struct judgement *judgement)
{
    return judgement->burn.bad != 0 && objective->target_ppb != PPB && judgement->nominal_ns > 0;
}

int64_t judgement_budget_lasts_s(const struct objective *objective,
                                 const struct judgement *judgement)
{
    if (!burns(objective, judgement) || judgement_budgets(objective, judgement).total == 0) {
        return -1;
    }
    struct wide_product numerator = lasts_numerator(objective, judgement);
    struct wide_product denominator = {
        {full_budget(objective, judgement), PPB, judgement->burn.bad, NS_PER_SECOND}, 4};
    return (int64_t)wide_divide(&numerator, &denominator, INT64_MAX);
}

int64_t judgement_whole_budget_lasts_s(const struct objective *objective,
                                       const struct judgement *judgement)
{
    if (!burns(objective, judgement) || judgement_budgets(objective, judgement).total == 0) {
        return -1;
    }
    struct wide_product whole = {
        {(uint128)judgement->nominal_ns, budget_ppb(objective), measure_valid(judgement->burn)}, 3};
    struct wide_product per_second = {{judgement->burn.bad, PPB, NS_PER_SECOND}, 3};
    return (int64_t)wide_divide(&whole, &per_second, INT64_MAX);
}

static bool runs_out_before_end(const struct evidence *evidence, const struct judgement *judgement)
{
    if (!evidence->is_calendar || evidence->is_over || evidence->remaining_ns == INT64_MAX ||
        !burns(evidence->objective, judgement)) {
        return false;
    }
    struct wide_product lasts = lasts_numerator(evidence->objective, judgement);
    struct wide_product rest = {{(uint128)evidence->remaining_ns,
                                 full_budget(evidence->objective, judgement), PPB,
                                 judgement->burn.bad},
                                4};
    return wide_compare(&lasts, &rest) < 0;
}

/* The full window as far as anybody can know it: what was measured and what may still come. */
static uint128 full_valid(const struct evidence *evidence)
{
    uint128 measured = evidence->is_mean ? (uint128)evidence->window_weight * RATIO_ONE
                                         : measure_valid(evidence->window);
    uint128 to_come = evidence->is_calendar ? evidence->remaining_valid : 0;
    return measured + to_come * scale_of(evidence);
}

/* Below target for good, whatever comes until the window's end. */
static bool cannot_recover(const struct evidence *evidence)
{
    const struct objective *objective = evidence->objective;
    if (objective->target_ppb == PPB) {
        return evidence->window.bad > 0;
    }
    if (budget_is_open(evidence->unit) || evidence->remaining_ns == INT64_MAX) {
        return false; /* any number of good ones may still come */
    }
    if (evidence->combined != NULL) {
        uint64_t best_bad = evidence->combined->best_bad;
        return measure_below_target((struct measure){RATIO_ONE - best_bad, best_bad},
                                    objective->target_ppb);
    }
    uint128 bad = evidence->window.bad;
    bad *= evidence->is_mean ? evidence->window_weight : 1;
    return bad * PPB > full_valid(evidence) * (uint128)(PPB - objective->target_ppb);
}

static enum verdict miss(const struct evidence *evidence, enum verdict_reason *reason_out)
{
    if (!evidence->is_calendar || evidence->is_over) {
        *reason_out = REASON_BELOW_TARGET;
        return VERDICT_BREACHED;
    }
    if (cannot_recover(evidence)) {
        *reason_out = REASON_CANNOT_RECOVER;
        return VERDICT_BREACHED;
    }
    *reason_out = REASON_BELOW_TARGET_SO_FAR;
    return VERDICT_BEHIND;
}

static enum verdict hold(const struct evidence *evidence, const struct judgement *judgement,
                         enum verdict_reason *reason_out)
{
    bool low = (uint128)evidence->window.bad * 10 * PPB >
               judgement_budgets(evidence->objective, judgement).full * 9;
    *reason_out = judgement->alert != ALERT_NONE             ? REASON_BURN_ALERT
                  : low                                      ? REASON_BUDGET_LOW
                  : runs_out_before_end(evidence, judgement) ? REASON_BUDGET_ENDS_EARLY
                                                             : REASON_NONE;
    return *reason_out == REASON_NONE ? VERDICT_MET : VERDICT_AT_RISK;
}

static bool coverage_below_floor(const struct evidence *evidence)
{
    uint64_t all_ns = evidence->known_ns + evidence->unknown_ns;
    return (uint128)evidence->known_ns * PPB <
           (uint128)all_ns * (uint128)evidence->objective->coverage_floor_ppb;
}

static enum verdict judge_verdict(const struct evidence *evidence,
                                  const struct judgement *judgement,
                                  enum verdict_reason *reason_out)
{
    const struct objective *objective = evidence->objective;
    uint64_t valid = measure_valid(evidence->window);
    if (coverage_below_floor(evidence)) {
        *reason_out = REASON_COVERAGE;
        return VERDICT_UNKNOWN;
    }
    if (valid == 0 && objective->no_data != NO_DATA_EMPTY_IS_GOOD) {
        *reason_out = REASON_NO_VALID_EVENTS;
        return VERDICT_NO_DATA;
    }
    if ((evidence->is_mean ? evidence->window_weight : valid) < objective->min_events) {
        *reason_out = REASON_TOO_FEW_EVENTS;
        return VERDICT_NO_DATA;
    }
    if (measure_below_target(evidence->window, objective->target_ppb)) {
        return miss(evidence, reason_out);
    }
    return hold(evidence, judgement, reason_out);
}

/* Beyond it nothing of a budget is used up, and its product with a percentage fits into 128 bits. */
#define RATIO_VALID_MAX ((uint128)RATIO_ONE * 1000000000)

/* What `consumed` of a combined figure is relative to; what the division loses is below all digits
 * shown. */
static uint128 combined_valid(const struct evidence *evidence)
{
    uint64_t bad = evidence->window.bad;
    uint64_t whole_bad = evidence->combined->whole_bad;
    if (bad == 0) {
        return measure_valid(evidence->window);
    }
    uint128 valid = whole_bad == 0 ? RATIO_VALID_MAX : (uint128)bad * RATIO_ONE / whole_bad;
    return valid < RATIO_VALID_MAX ? valid : RATIO_VALID_MAX;
}

/* Everything but alerts and verdict, of the version in force alone. weight: of how many slices the
 * mean is that the budgets are held against. */
static struct judgement own_judgement(const struct evidence *evidence, uint64_t weight)
{
    const struct objective *objective = evidence->objective;
    uint64_t valid = measure_valid(evidence->window);
    bool shares = evidence->is_mean && weight != 0;
    return (struct judgement){
        .unit = evidence->unit,
        .window = evidence->window,
        .total_valid = evidence->full_valid != 0      ? evidence->full_valid
                       : evidence->elapsed_valid != 0 ? evidence->elapsed_valid
                       : evidence->is_mean            ? evidence->window_weight
                                                      : valid,
        /* Of a mean in its own scale; what this division loses is below all digits shown. */
        .ratio_valid = evidence->combined != NULL ? combined_valid(evidence)
                       : shares                   ? full_valid(evidence) / weight
                                                  : full_valid(evidence),
        .elapsed_valid =
            shares ? (uint64_t)((uint128)evidence->window_weight * RATIO_ONE / weight) : valid,
        .nominal_ns = evidence->nominal_ns,
        .burn = objective->alert_count != 0 ? evidence->lookbacks_long[0] : evidence->window,
        .coverage_known_ns = evidence->known_ns,
        .coverage_all_ns = evidence->known_ns + evidence->unknown_ns,
    };
}

/* A term without an end: no budget of it ever runs out. */
static bool is_endless(const struct evidence *evidence)
{
    return evidence->is_calendar && evidence->remaining_ns == INT64_MAX;
}

static void add_earlier(const struct evidence *evidence, struct judgement *judgement)
{
    const struct earlier_parts *earlier = evidence->earlier;
    uint128 share = evidence->is_mean && earlier->whole_weight != 0 ? earlier->whole_weight : 1;
    judgement->window = earlier->whole;
    judgement->earlier_total = earlier->total_budget;
    judgement->earlier_full = earlier->full_budget / share;
    judgement->earlier_elapsed = earlier->elapsed_budget / share;
    if (!is_endless(evidence)) {
        judgement->nominal_ns += earlier->nominal_ns;
    }
    judgement->coverage_known_ns += earlier->known_ns;
    judgement->coverage_all_ns += earlier->known_ns + earlier->unknown_ns;
    if (evidence->objective->alert_count == 0) {
        judgement->burn = earlier->whole;
    }
}

static bool has_sli(const struct objective *objective, const struct judgement *judgement)
{
    return judgement->verdict != VERDICT_NO_DATA &&
           (measure_valid(judgement->window) != 0 || objective->no_data == NO_DATA_EMPTY_IS_GOOD);
}

bool verdict_is_worse(enum verdict verdict, enum verdict than)
{
    static const int rank[VERDICT_COUNT] = {
        [VERDICT_NO_DATA] = 0, [VERDICT_MET] = 1,    [VERDICT_AT_RISK] = 2,
        [VERDICT_UNKNOWN] = 3, [VERDICT_BEHIND] = 4, [VERDICT_BREACHED] = 5,
    };
    return rank[verdict] > rank[than];
}

/* Of the whole window: what is paid by it looks at all versions together. */
static bool has_too_few(const struct evidence *evidence, const struct judgement *whole)
{
    uint64_t weight =
        evidence->earlier == NULL ? evidence->window_weight : evidence->earlier->whole_weight;
    uint64_t events = evidence->is_mean ? weight : measure_valid(whole->window);
    return events < evidence->objective->min_events;
}

void judge(const struct evidence *evidence, struct judgement *judgement_out)
{
    const struct earlier_parts *earlier = evidence->earlier;
    struct judgement own = own_judgement(evidence, evidence->window_weight);
    struct judgement whole = earlier == NULL ? own : own_judgement(evidence, earlier->whole_weight);
    if (earlier != NULL) {
        add_earlier(evidence, &whole);
    }
    judge_alerts(evidence, &whole);
    own.alert = whole.alert;
    whole.verdict = judge_verdict(evidence, &own, &whole.reason);
    whole.own_verdict = whole.verdict;
    whole.own_reason = whole.reason;
    if (earlier != NULL && verdict_is_worse(earlier->worst, whole.verdict)) {
        whole.verdict = earlier->worst;
        whole.reason = earlier->reason;
    }
    whole.has_sli = has_sli(evidence->objective, &whole);
    whole.has_too_few = has_too_few(evidence, &whole);
    *judgement_out = whole;
}
