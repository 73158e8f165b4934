#include "catalog/standing.h"

#include "catalog/wording.h"

static const struct key_rule standing_keys[] = {
    {"schedule", KEY_READ, NULL},
    {"within", KEY_READ, NULL},
};

/* Does the rule need a first day to count from? */
static bool needs_a_start(const struct recurrence *schedule)
{
    return schedule->interval != 1 || schedule->count != RECURRENCE_OCCURRENCES_MAX ||
           (schedule->frequency != RECURRENCE_DAILY && !schedule->has_days);
}

static bool read_schedule(const struct reading *reading, const struct node *node, struct span term,
                          struct standing_request *request)
{
    struct text text;
    const char *reason;
    if (!read_scalar(reading, node, "schedule", &text)) {
        return false;
    }
    text = trimmed(text);
    struct recurrence *schedule = region_take(reading->kept, sizeof(*schedule));
    if (!recurrence_parse(text, schedule, &reason)) {
        problem_error(reading->problems, place_of(reading, node),
                      "`schedule`: %s; write it like FREQ=WEEKLY;BYDAY=MO", reason);
        return false;
    }
    if (term.start_ns == INT64_MIN && needs_a_start(schedule)) {
        problem_error(reading->problems, place_of(reading, node),
                      "`schedule`: %s does not say on which days without a first one; add e.g. "
                      "`term: {from: 2026-01-01}` to the agreement",
                      quoted(text).bytes);
        return false;
    }
    request->schedule = schedule;
    request->schedule_text = region_string(reading->kept, text);
    return true;
}

static bool read_one(const struct reading *reading, const struct node *node, struct span term,
                     struct standing_request *request)
{
    bool named = read_name(reading, node->key, "standing", &request->name);
    if (!check_mapping(reading, node, request->name == NULL ? "it" : request->name,
                       "`{schedule: \"FREQ=WEEKLY;BYDAY=MO\", within: 4h}`")) {
        return false;
    }
    check_keys(reading, node, "a standing request", standing_keys, COUNT_OF(standing_keys));
    const struct node *schedule =
        required_field(reading, node, "schedule", "schedule: \"FREQ=WEEKLY;BYDAY=MO\"");
    const struct node *within = required_field(reading, node, "within", "within: 4h");
    bool well = schedule != NULL && read_schedule(reading, schedule, term, request);
    return within != NULL && read_limit_length(reading, within, &request->within_ns) && well &&
           named;
}

bool read_standing(const struct reading *reading, const struct node *node,
                   struct agreement *agreement)
{
    if (node == NULL) {
        return true;
    }
    if (!check_mapping(reading, node, "standing",
                       "`standing: {reports: {schedule: \"FREQ=WEEKLY;BYDAY=MO\", within: 4h}}`")) {
        return false;
    }
    struct standing_request *requests =
        region_take(reading->kept, (node->count + 1) * sizeof(*requests));
    uint32_t count = 0;
    bool well = true;
    for (const struct node *one = node->first; one != NULL; one = one->next) {
        well &= read_one(reading, one, agreement->term, &requests[count++]);
    }
    agreement->standings = requests;
    agreement->standing_count = count;
    return well;
}

void explain_standing(struct text_buffer *out, const struct agreement *agreement)
{
    for (uint32_t i = 0; i < agreement->standing_count; i++) {
        const struct standing_request *request = &agreement->standings[i];
        text_buffer_format(out, "Standing request %s: to be delivered by the schedule %s (%s), ",
                           request->name, request->schedule_text,
                           agreement->zone == NULL ? "UTC" : agreement->zone->name);
        text_buffer_string(out, "within ");
        write_span(out, request->within_ns);
        text_buffer_format(out,
                           "%s; a delivery that has not come by then is an incident of severity "
                           "major until it comes or the next one is due. A delivery is a request "
                           "of class standing%s.\n",
                           agreement->hours == NULL ? "" : " of service hours",
                           agreement->standing_count == 1 ? "" : ", by its channel");
    }
}
