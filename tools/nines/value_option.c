#include "nines/value_option.h"

#include "base/clock.h"
#include "nines/terminal.h"

bool value_instant(const char *option, const char *string, int64_t *ns_out)
{
    struct text text = text_from(string);
    if (text_is(text, "now")) {
        *ns_out = clock_realtime_ns(clock_system());
        return true;
    }
    if (civil_parse_time(text, ns_out) || civil_parse_date(text, ns_out)) {
        return true;
    }
    terminal_complain("--%s %s: not a time; write 2026-06-01T00:00:00Z or epoch seconds", option,
                      string);
    return false;
}

bool value_duration(const char *option, const char *string, int64_t *ns_out)
{
    if (duration_parse(text_from(string), ns_out)) {
        return true;
    }
    terminal_complain("--%s %s: not a duration; write 30s, 5m or 300ms", option, string);
    return false;
}

bool value_count(const char *option, const char *string, uint64_t least, uint64_t most,
                 uint64_t *count_out)
{
    uint64_t count = 0;
    bool valid = string[0] != '\0';
    for (const char *at = string; *at != '\0' && valid; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        valid = *at >= '0' && *at <= '9' && count <= (most - digit) / 10;
        count = count * 10 + digit;
    }
    if (!valid || count < least || count > most) {
        terminal_complain("--%s %s: takes a number from %llu to %llu", option, string,
                          (unsigned long long)least, (unsigned long long)most);
        return false;
    }
    *count_out = count;
    return true;
}

static bool answer_period(const struct time_question *question, struct time_answer *answer)
{
    if (!calendar_parse_period(text_from(question->period), &answer->span, &answer->unit)) {
        terminal_complain("--period %s: not a period; write 2026, 2026-Q2, 2026-06, 2026-W23 or "
                          "2026-06-15",
                          question->period);
        return false;
    }
    answer->is_period = true;
    answer->has_span = true;
    return true;
}

static bool answer_span(const struct time_question *question, struct time_answer *answer)
{
    if (question->from == NULL || question->to == NULL) {
        terminal_complain("--from and --to go together");
        return false;
    }
    if (!value_instant("from", question->from, &answer->span.start_ns) ||
        !value_instant("to", question->to, &answer->span.end_ns)) {
        return false;
    }
    if (answer->span.end_ns <= answer->span.start_ns) {
        terminal_complain("end must be greater than start: --from %s --to %s", question->from,
                          question->to);
        return false;
    }
    answer->has_span = true;
    return true;
}

bool value_question(const struct time_question *question, struct time_answer *answer_out)
{
    struct time_answer answer = {0};
    bool asks_span = question->from != NULL || question->to != NULL;
    if (question->period != NULL && (question->at != NULL || asks_span)) {
        terminal_complain("--period goes without --at, --from and --to");
        return false;
    }
    if (question->at != NULL && !value_instant("at", question->at, &answer.at_ns)) {
        return false;
    }
    if (question->period != NULL && !answer_period(question, &answer)) {
        return false;
    }
    if (asks_span && !answer_span(question, &answer)) {
        return false;
    }
    answer.has_at = question->at != NULL || answer.has_span;
    if (answer.has_span && question->at == NULL) {
        answer.at_ns = answer.span.end_ns;
    }
    if (answer.has_span && answer.at_ns < answer.span.end_ns) {
        terminal_complain("--at %s lies before --to %s", question->at, question->to);
        return false;
    }
    *answer_out = answer;
    return true;
}
