/* Values of options that are more than words: times, spans, durations and numbers. A wrong one is
 * complained about, with an example of a right one. */
#ifndef NINES_VALUE_OPTION_H
#define NINES_VALUE_OPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/window.h"
#include "nines/options.h"

/* RFC 3339, a date (midnight UTC), epoch seconds or smaller units; `now`. option: without dashes.
 */
bool value_instant(const char *option, const char *string, int64_t *ns_out);
bool value_duration(const char *option, const char *string, int64_t *ns_out);
/* A plain decimal between least and most. */
bool value_count(const char *option, const char *string, uint64_t least, uint64_t most,
                 uint64_t *count_out);

/* --at, --period, --from and --to, of which at most one kind may be given. */
struct time_question {
    const char *at;
    const char *period;
    const char *from;
    const char *to;
};

#define TIME_QUESTION_ROWS(question)                                                               \
    {"at", OPTION_STRING, &(question)->at, "TIME", "as of then"},                                  \
        {"period", OPTION_STRING, &(question)->period, "NAME",                                     \
         "a calendar period: 2026, 2026-Q2, 2026-06, 2026-W23, 2026-06-15"},                       \
        {"from", OPTION_STRING, &(question)->from, "TIME", "any span, with --to"},                 \
    {                                                                                              \
        "to", OPTION_STRING, &(question)->to, "TIME", "its end (exclusive)"                        \
    }

/* What they ask for. */
struct time_answer {
    bool has_at;
    int64_t at_ns;
    bool has_span; /* --period or --from/--to: then `at` is its end */
    struct span span;
    bool is_period;
    enum calendar_unit unit; /* of the period */
};
bool value_question(const struct time_question *question, struct time_answer *answer_out);

#endif
