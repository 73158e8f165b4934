/* Objectives made of other objectives (SEMANTICS section 4): what a composite says, and the
 * arithmetic of those that combine their members' figures.
 *
 *   member's evidence ─► standing (what it lacks of 1) ─┐
 *   member's evidence ─► standing ──────────────────────┼─► standing of the composite ─► evidence
 *                                                       └─  (which may be a member itself)
 *
 * Every figure of a member, over the window as over each lookback, is a ratio in parts of RATIO_ONE,
 * rounded half-even; what they lack of 1 is weighted, summed in 128 bits and divided once. A member
 * without data is left out with its weight, or counts as wholly bad or good. `any_bad` has slices or
 * time of its own and is not combined here (evaluate/any_bad.h).
 */
#ifndef DOMAIN_COMPOSITE_H
#define DOMAIN_COMPOSITE_H

#include "domain/verdict.h"

enum combine { COMBINE_ANY_BAD, COMBINE_WEIGHTED_MEAN, COMBINE_WEIGHTED_ERROR_SUM };
#define COMBINE_COUNT 3
enum missing_policy { MISSING_IGNORE, MISSING_BAD, MISSING_GOOD };
#define MISSING_COUNT 3

/* Weights are decimals of up to nine digits behind the point. */
#define WEIGHT_DECIMALS 9
#define WEIGHT_ONE      UINT64_C(1000000000)
#define WEIGHT_MAX      (1000000 * WEIGHT_ONE)
/* Members of one composite; 64 x WEIGHT_MAX x RATIO_ONE, twice, fits into 128 bits. */
#define MEMBERS_MAX 64
/* Members at all depths of one composite. */
#define PARTS_MAX 1024

#define MEMBER_OF_OWN UINT32_MAX

struct composite_member {
    const char *name;      /* as it is written: `availability`, `acme-checkout/availability` */
    const char *objective; /* in that agreement, all versions of which have it */
    uint32_t agreement;    /* place in the set; MEMBER_OF_OWN: the composite's own agreement */
    uint64_t weight;       /* in parts of WEIGHT_ONE */
};

struct composite {
    enum combine combine;
    enum missing_policy missing;
    const struct composite_member *members;
    uint32_t member_count;
};

const char *combine_word(enum combine combine);
const char *missing_policy_word(enum missing_policy missing);

/* The objective that a member is, and whose it is. own: the composite's agreement. */
const struct objective *composite_member(const struct agreement_set *set,
                                         const struct agreement *own,
                                         const struct composite_member *member,
                                         const struct agreement **owner_out);
/* The member as the composite judges it: its own rules of what is good, over the composite's window
 * and for the composite's target and alerts. */
struct objective composite_recast(const struct objective *member,
                                  const struct objective *composite);

/* What a figure lacks of 1, in parts of RATIO_ONE. */
struct shortfall {
    bool known; /* false: there is no data */
    uint64_t parts;
};

struct standing {
    struct shortfall window;
    struct shortfall by_policy[3];
    struct shortfall whole; /* of all that the full window is known to hold */
    struct shortfall best;  /* of that, if only good comes from now on */
    struct shortfall longs[ALERT_PAIRS_MAX];
    struct shortfall shorts[ALERT_PAIRS_MAX];
    struct shortfall spent[ALERT_PAIRS_MAX]; /* in the long lookback, of the window's whole */
    uint64_t events[ALERT_PAIRS_MAX];        /* bad requests and slices in it */
    uint64_t known_ns;                       /* coverage */
    uint64_t unknown_ns;
};

/* Of an objective that is no weighted composite. judgement: that of the evidence. The composite's
 * target is that of all its versions. */
void standing_of(const struct evidence *evidence, const struct judgement *judgement,
                 const struct measure by_policy[3], struct standing *standing_out);
/* members: as many as the composite has, in its order. Coverage is that of the least covered member
 * of which anything is known. */
void standing_combine(const struct composite *composite, const struct standing *members,
                      struct standing *standing_out);
/* Fills what the standing tells: measures, coverage and the combined figures, which the evidence
 * then points to. */
void standing_evidence(const struct standing *standing, struct combined_figures *combined,
                       struct evidence *evidence);
/* {0, 0} where there is no data. */
struct measure shortfall_measure(struct shortfall shortfall);

#endif
