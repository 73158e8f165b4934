#include "domain/agreement.h"

#include "base/panic.h"
#include "domain/decimal.h"

static const char *const method_words[] = {
    "occurrences", "timeslices", "uptime",     "ratio_timeslices",
    "response",    "resolution", "fulfilment", "composite",
};

const struct agreement *agreement_at(const struct agreement *agreement, int64_t ns)
{
    const struct agreement *found = agreement;
    for (uint32_t i = 0; i < agreement->version_count; i++) {
        const struct agreement *version = &agreement->versions[i];
        if (i == 0 || version->in_force.start_ns <= ns) {
            found = version;
        }
    }
    return found;
}

const struct objective *agreement_objective(const struct agreement *agreement, const char *name)
{
    for (uint32_t i = 0; i < agreement->objective_count; i++) {
        if (strcmp(agreement->objectives[i].name, name) == 0) {
            return &agreement->objectives[i];
        }
    }
    return NULL;
}

const char *method_word(enum method method)
{
    assert((unsigned)method < sizeof(method_words) / sizeof(method_words[0]));
    return method_words[method];
}

int method_from(struct text word)
{
    for (int i = 0; i < (int)(sizeof(method_words) / sizeof(method_words[0])); i++) {
        if (text_is(word, method_words[i])) {
            return i;
        }
    }
    return -1;
}

uint32_t agreement_count(const struct agreement_set *set)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        count += set->agreements[i].of_project == NULL ? 1 : 0;
    }
    return count;
}

const char *alert_severity_word(enum alert_severity severity)
{
    static const char *const words[] = {"none", "ticket", "page"};
    assert((unsigned)severity < sizeof(words) / sizeof(words[0]));
    return words[severity];
}

const char *maintenance_policy_word(enum maintenance_policy policy)
{
    static const char *const words[] = {"removed", "counts_as_good", "ignored"};
    assert((unsigned)policy < sizeof(words) / sizeof(words[0]));
    return words[policy];
}

const char *agreement_type_word(enum agreement_type type)
{
    static const char *const words[] = {"SLA", "OLA", "UC"};
    assert((unsigned)type < sizeof(words) / sizeof(words[0]));
    return words[type];
}

const char *profile_word(enum profile profile)
{
    static const char *const words[] = {"default", "icinga", "aws", "azure", "gcp"};
    assert((unsigned)profile < PROFILE_COUNT);
    return words[profile];
}

const char *request_class_word(enum request_class request_class)
{
    static const char *const words[] = {"", "adhoc", "standing"};
    return words[request_class];
}

const char *rounding_word(enum rounding rounding)
{
    static const char *const words[] = {"exact", "full_minutes_aligned", "full_minutes_elapsed",
                                        "minutes_touched"};
    assert((unsigned)rounding < ROUNDING_COUNT);
    return words[rounding];
}

static uint128 greatest_common_divisor(uint128 a, uint128 b)
{
    while (b != 0) {
        uint128 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

void alert_threshold_from_share(struct alert_pair *pair, int64_t share_ppb, int64_t window_ns)
{
    assert(share_ppb > 0);
    assert(pair->long_ns > 0);
    uint128 numerator = (uint128)share_ppb * (uint128)window_ns;
    uint128 denominator = (uint128)PPB * (uint128)pair->long_ns;
    uint128 divisor = greatest_common_divisor(numerator, denominator);
    numerator /= divisor;
    denominator /= divisor;
    /* Both lengths are multiples of a millisecond, so that the reduced terms are far below 64 bits.
     */
    assert(numerator <= UINT64_MAX);
    assert(denominator <= UINT64_MAX);
    pair->threshold_numerator = (uint64_t)numerator;
    pair->threshold_denominator = (uint64_t)denominator;
}

bool alert_threshold_unreachable(const struct alert_pair *pair, int64_t target_ppb)
{
    /* n / d > PPB / (PPB - target)  <=>  n * (PPB - target) > d * PPB */
    return (uint128)pair->threshold_numerator * (uint128)(PPB - target_ppb) >
           (uint128)pair->threshold_denominator * (uint128)PPB;
}

void objective_default_alerts(struct objective *objective)
{
    static const struct {
        enum alert_severity severity;
        int64_t long_ns;
        int64_t short_ns;
        int64_t share_ppb;
    } defaults[] = {
        {ALERT_PAGE, NS_PER_HOUR, 5 * NS_PER_MINUTE, PPB * 2 / 100},
        {ALERT_PAGE, 6 * NS_PER_HOUR, 30 * NS_PER_MINUTE, PPB * 5 / 100},
        {ALERT_TICKET, NS_PER_DAY, 2 * NS_PER_HOUR, PPB * 10 / 100},
        {ALERT_TICKET, 3 * NS_PER_DAY, 6 * NS_PER_HOUR, PPB * 10 / 100},
    };
    int64_t window_ns = window_alert_length_ns(&objective->window);
    objective->alert_count = 0;
    for (uint32_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        struct alert_pair pair = {
            .severity = defaults[i].severity,
            .long_ns = defaults[i].long_ns,
            .short_ns = defaults[i].short_ns,
        };
        alert_threshold_from_share(&pair, defaults[i].share_ppb, window_ns);
        if (pair.long_ns < window_ns &&
            !alert_threshold_unreachable(&pair, objective->target_ppb)) {
            objective->alerts[objective->alert_count++] = pair;
        }
    }
}
