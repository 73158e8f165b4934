#include "domain/composite.h"

#include "base/panic.h"

const char *combine_word(enum combine combine)
{
    static const char *const words[COMBINE_COUNT] = {"any_bad", "weighted_mean",
                                                     "weighted_error_sum"};
    assert((unsigned)combine < COMBINE_COUNT);
    return words[combine];
}

const char *missing_policy_word(enum missing_policy missing)
{
    static const char *const words[MISSING_COUNT] = {"ignore", "bad", "good"};
    assert((unsigned)missing < MISSING_COUNT);
    return words[missing];
}

const struct objective *composite_member(const struct agreement_set *set,
                                         const struct agreement *own,
                                         const struct composite_member *member,
                                         const struct agreement **owner_out)
{
    *owner_out = member->agreement == MEMBER_OF_OWN ? own : &set->agreements[member->agreement];
    const struct objective *objective = agreement_objective(*owner_out, member->objective);
    assert(objective != NULL);
    return objective;
}

struct objective composite_recast(const struct objective *member, const struct objective *composite)
{
    struct objective recast = *member;
    recast.window = composite->window;
    recast.target_ppb = composite->target_ppb;
    recast.target_text = composite->target_text;
    memcpy(recast.alerts, composite->alerts, sizeof(recast.alerts));
    recast.alert_count = composite->alert_count;
    recast.alert_or_equal = composite->alert_or_equal;
    recast.alert_guard = composite->alert_guard;
    recast.coverage_floor_ppb = composite->coverage_floor_ppb;
    recast.pre_term = composite->pre_term;
    return recast;
}

/* From evidence to a standing */

static struct shortfall lacks(uint128 bad, uint128 valid)
{
    uint128 parts = divide_half_even(bad * RATIO_ONE, valid);
    return (struct shortfall){true, parts < RATIO_ONE ? (uint64_t)parts : RATIO_ONE};
}

static struct shortfall shortfall_of(struct measure measure, bool empty_is_good)
{
    uint64_t valid = measure_valid(measure);
    return valid != 0 ? lacks(measure.bad, valid) : (struct shortfall){empty_is_good, 0};
}

struct measure shortfall_measure(struct shortfall shortfall)
{
    return shortfall.known ? (struct measure){RATIO_ONE - shortfall.parts, shortfall.parts}
                           : (struct measure){0, 0};
}

/* A budget as the units that it is a part of. With a target of 100 % there is none; the units in
 * force stand for all. */
static uint128 units_of(const struct objective *objective, uint128 budget, uint128 in_force)
{
    uint64_t budget_ppb = (uint64_t)(PPB - objective->target_ppb);
    return budget_ppb == 0 ? in_force : budget / budget_ppb;
}

/* Bad units of the long lookback; those of a mean in parts of RATIO_ONE. */
static uint128 bad_of_lookback(const struct evidence *evidence, uint32_t pair)
{
    uint128 bad = evidence->lookbacks_long[pair].bad;
    return evidence->is_mean ? bad * evidence->long_weights[pair] : bad;
}

static struct shortfall spent_of(const struct evidence *evidence, const struct judgement *judgement,
                                 uint32_t pair)
{
    uint128 bad = bad_of_lookback(evidence, pair);
    uint128 total =
        units_of(evidence->objective, judgement_budgets(evidence->objective, judgement).total,
                 judgement->total_valid);
    if (evidence->is_mean) {
        bad /= RATIO_ONE; /* whole slices are exact enough for a hundredth of a budget */
    }
    return total == 0 ? (struct shortfall){false, 0} : lacks(bad < total ? bad : total, total);
}

void standing_of(const struct evidence *evidence, const struct judgement *judgement,
                 const struct measure by_policy[3], struct standing *standing_out)
{
    const struct objective *objective = evidence->objective;
    bool empty_is_good = objective->no_data == NO_DATA_EMPTY_IS_GOOD;
    *standing_out = (struct standing){
        .known_ns = judgement->coverage_known_ns,
        .unknown_ns = judgement->coverage_all_ns - judgement->coverage_known_ns,
    };
    if (judgement->has_sli) {
        standing_out->window = shortfall_of(judgement->window, true);
        standing_out->whole = standing_out->window;
    }
    uint128 full =
        units_of(objective, judgement_budgets(objective, judgement).full, judgement->ratio_valid);
    if (full != 0) {
        struct shortfall whole = lacks(judgement->window.bad, full);
        standing_out->whole = standing_out->window.known ? whole : standing_out->whole;
        standing_out->best = whole;
    }
    if (budget_is_open(evidence->unit) || evidence->remaining_ns == INT64_MAX) {
        standing_out->best = (struct shortfall){true, 0}; /* any number of good ones may come */
    }
    for (uint32_t i = 0; i < 3; i++) {
        standing_out->by_policy[i] = shortfall_of(by_policy[i], empty_is_good);
    }
    for (uint32_t i = 0; i < objective->alert_count; i++) {
        standing_out->longs[i] = shortfall_of(evidence->lookbacks_long[i], empty_is_good);
        standing_out->shorts[i] = shortfall_of(evidence->lookbacks_short[i], empty_is_good);
        standing_out->spent[i] = spent_of(evidence, judgement, i);
        if (evidence->unit != BUDGET_NS) {
            uint128 bad = bad_of_lookback(evidence, i);
            standing_out->events[i] = (uint64_t)(evidence->is_mean ? bad / RATIO_ONE : bad);
        }
    }
}

/* From members to the composite */

struct sum {
    uint128 lacking; /* weighted, in parts of WEIGHT_ONE x RATIO_ONE */
    uint128 weight;
};

static void sum_add(const struct composite *composite, struct sum *sum, uint64_t weight,
                    struct shortfall member)
{
    if (!member.known && composite->missing == MISSING_IGNORE) {
        return;
    }
    uint64_t parts = member.known                        ? member.parts
                     : composite->missing == MISSING_BAD ? RATIO_ONE
                                                         : 0;
    sum->lacking += (uint128)weight * parts;
    sum->weight += weight;
}

static struct shortfall sum_close(const struct composite *composite, const struct sum *sum)
{
    if (sum->weight == 0) {
        return (struct shortfall){false, 0};
    }
    uint128 divisor = composite->combine == COMBINE_WEIGHTED_MEAN ? sum->weight : WEIGHT_ONE;
    uint128 parts = divide_half_even(sum->lacking, divisor);
    /* Missing parts may add up to more than there is: less than 0 % is nothing. */
    return (struct shortfall){true, parts < RATIO_ONE ? (uint64_t)parts : RATIO_ONE};
}

/* The same figure of every member: `offset` says which. */
static struct shortfall combine_figure(const struct composite *composite,
                                       const struct standing *members, size_t offset)
{
    struct sum sum = {0, 0};
    for (uint32_t i = 0; i < composite->member_count; i++) {
        struct shortfall member;
        memcpy(&member, (const char *)&members[i] + offset, sizeof(member));
        sum_add(composite, &sum, composite->members[i].weight, member);
    }
    return sum_close(composite, &sum);
}

static bool covers_less(const struct standing *a, const struct standing *b)
{
    uint128 all_a = (uint128)a->known_ns + a->unknown_ns;
    uint128 all_b = (uint128)b->known_ns + b->unknown_ns;
    return a->known_ns * all_b < b->known_ns * all_a;
}

static void combine_coverage(const struct composite *composite, const struct standing *members,
                             struct standing *standing)
{
    const struct standing *least = NULL;
    for (uint32_t i = 0; i < composite->member_count; i++) {
        const struct standing *member = &members[i];
        if (member->known_ns == 0) {
            standing->unknown_ns =
                least == NULL ? standing->unknown_ns + member->unknown_ns : standing->unknown_ns;
        } else if (least == NULL || covers_less(member, least)) {
            least = member;
            standing->known_ns = least->known_ns;
            standing->unknown_ns = least->unknown_ns;
        }
    }
}

void standing_combine(const struct composite *composite, const struct standing *members,
                      struct standing *standing_out)
{
    assert(composite->combine != COMBINE_ANY_BAD);
    *standing_out = (struct standing){0};
    /* Every shortfall of a standing, in the order of the struct: they are all combined alike. */
    for (size_t offset = 0; offset < offsetof(struct standing, events);
         offset += sizeof(struct shortfall)) {
        struct shortfall figure = combine_figure(composite, members, offset);
        memcpy((char *)standing_out + offset, &figure, sizeof(figure));
    }
    for (uint32_t i = 0; i < ALERT_PAIRS_MAX; i++) {
        for (uint32_t j = 0; j < composite->member_count; j++) {
            standing_out->events[i] += members[j].events[i];
        }
    }
    combine_coverage(composite, members, standing_out);
}

void standing_evidence(const struct standing *standing, struct combined_figures *combined,
                       struct evidence *evidence)
{
    evidence->window = shortfall_measure(standing->window);
    evidence->is_mean = true;
    evidence->unit = BUDGET_RATIO;
    evidence->window_weight = standing->window.known ? 1 : 0;
    evidence->known_ns = standing->known_ns;
    evidence->unknown_ns = standing->unknown_ns;
    *combined = (struct combined_figures){
        .whole_bad = standing->whole.parts,
        .best_bad = standing->best.parts,
    };
    evidence->combined = combined;
    for (uint32_t i = 0; i < ALERT_PAIRS_MAX; i++) {
        evidence->lookbacks_long[i] = shortfall_measure(standing->longs[i]);
        evidence->lookbacks_short[i] = shortfall_measure(standing->shorts[i]);
        combined->spent[i] = standing->spent[i].parts;
        combined->events[i] = standing->events[i];
    }
}
