/* Incidents and states as SEMANTICS sections 3 and 4 tell them, with the cases I1 to I8. */
#include <criterion/criterion.h>

#include "domain/incident.h"

#define H(hour, minute) (((hour)*60 + (minute)) * NS_PER_MINUTE)

struct teller {
    struct incident_ledger ledger;
    uint64_t position;
};

static struct incident *tell_all(struct teller *teller, uint32_t id, int64_t ns,
                                 enum incident_state state, enum nature nature, int64_t started_ns)
{
    char extra[10] = {EXTRA_STARTED_AT, 8};
    memcpy(extra + 2, &started_ns, 8);
    struct event event = {
        .kind = EVENT_INCIDENT,
        .subject = id,
        .service = 1,
        .occurred_ns = ns,
        .state = (uint8_t)state,
        .nature = (uint8_t)nature,
    };
    struct incident *incident;
    cr_assert_eq(incident_ledger_apply(&teller->ledger, &event,
                                       (struct text){extra, started_ns == TIME_NONE ? 0 : 10},
                                       teller->position++, &incident),
                 STATUS_OK);
    return incident;
}

static struct incident *tell(struct teller *teller, uint32_t id, int64_t ns,
                             enum incident_state state)
{
    return tell_all(teller, id, ns, state, NATURE_NONE, TIME_NONE);
}

static void incident_of(struct teller *teller, uint32_t id, int64_t start_ns, int64_t end_ns)
{
    (void)tell(teller, id, start_ns, INCIDENT_STATE_OPEN);
    (void)tell(teller, id, end_ns, INCIDENT_STATE_RESOLVED);
}

/* Time that was bad within a window, overlaps counted once. */
static int64_t downtime(const struct teller *teller, int64_t start_ns, int64_t end_ns)
{
    struct span_set bad = {0};
    for (uint32_t i = 0; i < teller->ledger.count; i++) {
        const struct incident *incident = &teller->ledger.incidents[i];
        for (uint32_t j = 0; j < incident->interval_count; j++) {
            span_set_add(&bad, (struct span){incident->intervals[j].actual_from_ns,
                                             incident->intervals[j].span.end_ns});
        }
    }
    span_set_normalize(&bad);
    int64_t sum = span_set_measure(&bad, (struct span){start_ns, end_ns});
    span_set_fini(&bad);
    return sum;
}

Test(incident, i1_overlapping_ones_count_once)
{
    struct teller teller = {0};
    incident_of(&teller, 1, H(10, 0), H(11, 0));
    incident_of(&teller, 2, H(10, 30), H(12, 0));
    cr_expect_eq(downtime(&teller, 0, H(24, 0)), 7200 * NS_PER_SECOND);
    incident_ledger_fini(&teller.ledger);
}

Test(incident, i2_touching_ones_merge_in_time_and_stay_two)
{
    struct teller teller = {0};
    incident_of(&teller, 1, H(10, 0), H(11, 0));
    incident_of(&teller, 2, H(11, 0), H(12, 0));
    cr_expect_eq(downtime(&teller, 0, H(24, 0)), 7200 * NS_PER_SECOND);
    cr_expect_eq(teller.ledger.count, 2);
    incident_ledger_fini(&teller.ledger);
}

Test(incident, i3_i4_no_more_downtime_than_there_is_time)
{
    struct teller teller = {0};
    incident_of(&teller, 1, -H(24, 0), H(7 * 24, 0));
    incident_of(&teller, 2, 0, H(24, 0));
    incident_of(&teller, 3, 0, H(24, 0));
    incident_of(&teller, 4, 0, H(24, 0));
    cr_expect_eq(downtime(&teller, 0, H(7 * 24, 0)), 7 * NS_PER_DAY);
    cr_expect_eq(downtime(&teller, 0, H(24, 0)), NS_PER_DAY);
    incident_ledger_fini(&teller.ledger);
}

Test(incident, i7_an_open_one_counts_up_to_the_question)
{
    struct teller teller = {0};
    const struct incident *incident = tell(&teller, 1, H(10, 0), INCIDENT_STATE_OPEN);
    cr_expect_eq(downtime(&teller, 0, H(12, 0)), 2 * NS_PER_HOUR);
    cr_expect(incident_is_open(incident, H(12, 0)));
    cr_expect_not(incident_is_open(incident, H(9, 59)));
    incident_ledger_fini(&teller.ledger);
}

Test(incident, i8_a_potential_one_counts_when_it_is_promoted_with_its_true_start)
{
    struct teller teller = {0};
    const struct incident *incident =
        tell_all(&teller, 1, H(10, 0), INCIDENT_STATE_OPEN, NATURE_POTENTIAL, TIME_NONE);
    cr_expect_eq(downtime(&teller, 0, H(24, 0)), 0);
    incident = tell_all(&teller, 1, H(11, 0), INCIDENT_STATE_OPEN, NATURE_ACTUAL, H(9, 30));
    cr_expect(incident->promoted);
    cr_expect_eq(incident->interval_count, 1);
    cr_expect_eq(downtime(&teller, 0, H(12, 0)), 150 * NS_PER_MINUTE);
    /* The last word on its nature holds. */
    incident =
        tell_all(&teller, 1, H(11, 30), INCIDENT_STATE_ACKNOWLEDGED, NATURE_POTENTIAL, TIME_NONE);
    cr_expect_not(incident->promoted);
    cr_expect_eq(downtime(&teller, 0, H(12, 0)), 0);
    incident =
        tell_all(&teller, 1, H(11, 45), INCIDENT_STATE_ACKNOWLEDGED, NATURE_ACTUAL, TIME_NONE);
    cr_expect_eq(downtime(&teller, 0, H(12, 0)), 150 * NS_PER_MINUTE);
    incident_ledger_fini(&teller.ledger);
}

Test(incident, a_complaint_is_potential_until_somebody_says_otherwise)
{
    struct teller teller = {0};
    struct event event = {.kind = EVENT_INCIDENT,
                          .subject = 1,
                          .service = 1,
                          .occurred_ns = 5,
                          .state = INCIDENT_STATE_OPEN,
                          .flags = EVENT_COMPLAINT};
    struct incident *incident;
    cr_assert_eq(incident_ledger_apply(&teller.ledger, &event, TEXT_NONE, 0, &incident), STATUS_OK);
    cr_expect(incident->complaint);
    cr_expect_eq(incident->nature, NATURE_POTENTIAL);
    teller.position = 1;
    incident = tell_all(&teller, 1, 6, INCIDENT_STATE_ACKNOWLEDGED, NATURE_ACTUAL, TIME_NONE);
    cr_expect_eq(incident->nature, NATURE_ACTUAL);
    incident_ledger_fini(&teller.ledger);
}

Test(incident, open_after_resolved_is_another_interval_of_the_same)
{
    struct teller teller = {0};
    incident_of(&teller, 1, H(10, 0), H(11, 0));
    incident_of(&teller, 1, H(12, 0), H(13, 0));
    cr_expect_eq(teller.ledger.count, 1);
    cr_expect_eq(teller.ledger.incidents[0].interval_count, 2);
    cr_expect_eq(downtime(&teller, 0, H(24, 0)), 2 * NS_PER_HOUR);
    incident_ledger_fini(&teller.ledger);
}

Test(incident, repeats_change_nothing)
{
    struct teller teller = {0};
    for (uint32_t i = 0; i < 3; i++) {
        (void)tell(&teller, 1, H(10, 0), INCIDENT_STATE_OPEN);
        (void)tell(&teller, 1, H(10, 5), INCIDENT_STATE_OPEN);
        (void)tell(&teller, 1, H(10, 10), INCIDENT_STATE_ACKNOWLEDGED);
        (void)tell(&teller, 1, H(11, 0), INCIDENT_STATE_RESOLVED);
        (void)tell(&teller, 1, H(11, 30), INCIDENT_STATE_RESOLVED);
    }
    const struct incident *incident = &teller.ledger.incidents[0];
    cr_expect_eq(incident->interval_count, 1);
    cr_expect_eq(incident->intervals[0].span.start_ns, H(10, 0));
    cr_expect_eq(incident->intervals[0].span.end_ns, H(11, 0));
    cr_expect_eq(incident->acknowledged_ns, H(10, 10));
    cr_expect_eq(incident->severity, SEVERITY_MAJOR, "absent severity is major");
    incident_ledger_fini(&teller.ledger);
}

Test(incident, a_cancelled_one_never_was_and_may_open_again)
{
    struct teller teller = {0};
    incident_of(&teller, 1, H(10, 0), H(11, 0));
    const struct incident *incident = tell(&teller, 1, H(12, 0), INCIDENT_STATE_CANCELLED);
    cr_expect(incident->cancelled);
    cr_expect_eq(downtime(&teller, 0, H(24, 0)), 0);
    incident_of(&teller, 1, H(13, 0), H(14, 0));
    cr_expect_eq(downtime(&teller, 0, H(24, 0)), NS_PER_HOUR);
    incident_ledger_fini(&teller.ledger);
}

Test(incident, a_late_cancellation_removes_only_what_came_before_it)
{
    struct teller teller = {0};
    incident_of(&teller, 1, H(10, 0), H(11, 0));
    incident_of(&teller, 1, H(13, 0), H(14, 0));
    (void)tell(&teller, 1, H(12, 0), INCIDENT_STATE_CANCELLED);
    cr_expect_eq(downtime(&teller, 0, H(24, 0)), NS_PER_HOUR);
    incident_ledger_fini(&teller.ledger);
}

Test(incident, resolved_of_an_unknown_one_is_a_closed_incident)
{
    struct teller teller = {0};
    const struct incident *incident = tell(&teller, 1, H(10, 0), INCIDENT_STATE_RESOLVED);
    cr_assert_eq(incident->interval_count, 1);
    cr_expect_not(incident_is_open(incident, H(10, 0)));
    (void)tell_all(&teller, 2, H(10, 0), INCIDENT_STATE_RESOLVED, NATURE_NONE, H(9, 0));
    cr_expect_eq(downtime(&teller, 0, H(24, 0)), NS_PER_HOUR);
    incident_ledger_fini(&teller.ledger);
}

Test(incident, a_start_after_the_end_gives_no_negative_time)
{
    struct teller teller = {0};
    incident_of(&teller, 1, H(10, 0), H(11, 0));
    const struct incident *incident =
        tell_all(&teller, 1, H(11, 5), INCIDENT_STATE_RESOLVED, NATURE_NONE, H(12, 0));
    cr_expect_leq(incident->intervals[0].span.start_ns, incident->intervals[0].span.end_ns);
    incident_ledger_fini(&teller.ledger);
}

struct line_case {
    struct state_line line;
    struct span_set down;
    struct span_set unknown;
    struct span_set declared;
};

static void say(struct line_case *at, int64_t ns, enum service_state state,
                enum service_state previous)
{
    struct event event = {.kind = EVENT_STATE,
                          .service = 1,
                          .occurred_ns = ns,
                          .state = (uint8_t)state,
                          .previous = (uint8_t)previous};
    state_line_apply(&at->line, &event, at->line.count);
}

static void fold(struct line_case *at)
{
    state_line_spans(&at->line, TIME_NONE, &at->down, &at->unknown, &at->declared);
    span_set_normalize(&at->down);
    span_set_normalize(&at->unknown);
    span_set_normalize(&at->declared);
}

static void line_fini(struct line_case *at)
{
    state_line_fini(&at->line);
    span_set_fini(&at->down);
    span_set_fini(&at->unknown);
    span_set_fini(&at->declared);
}

/* Case I6: bad until the next good. */
Test(state_line, i6_a_state_holds_until_the_next)
{
    struct line_case at = {0};
    say(&at, H(12, 0), SERVICE_STATE_UP, SERVICE_STATE_NONE);
    say(&at, H(13, 0), SERVICE_STATE_UP, SERVICE_STATE_NONE);
    say(&at, H(12, 45), SERVICE_STATE_DOWN, SERVICE_STATE_NONE);
    say(&at, H(12, 15), SERVICE_STATE_DOWN, SERVICE_STATE_NONE);
    say(&at, H(12, 30), SERVICE_STATE_DOWN, SERVICE_STATE_NONE);
    fold(&at);
    cr_assert_eq(at.down.count, 1);
    cr_expect_eq(span_length(at.down.spans[0]), 2700 * NS_PER_SECOND);
    cr_expect_eq(at.declared.count, 0);
    line_fini(&at);
}

Test(state_line, before_the_first_event_only_its_previous_knows)
{
    struct line_case at = {0};
    say(&at, 100, SERVICE_STATE_UP, SERVICE_STATE_NONE);
    fold(&at);
    cr_expect_eq(span_set_measure(&at.unknown, (struct span){0, 200}), 100);
    line_fini(&at);
    at = (struct line_case){0};
    say(&at, 100, SERVICE_STATE_UP, SERVICE_STATE_DOWN);
    fold(&at);
    cr_expect_eq(span_set_measure(&at.unknown, (struct span){0, 200}), 0);
    cr_expect_eq(span_set_measure(&at.down, (struct span){0, 200}), 100);
    line_fini(&at);
}

Test(state_line, previous_unknown_makes_the_time_since_the_last_event_unknown)
{
    struct line_case at = {0};
    say(&at, 100, SERVICE_STATE_DOWN, SERVICE_STATE_UP);
    say(&at, 200, SERVICE_STATE_UP, SERVICE_STATE_UNKNOWN);
    say(&at, 300, SERVICE_STATE_UNKNOWN, SERVICE_STATE_DOWN);
    fold(&at);
    cr_expect_eq(span_set_measure(&at.down, (struct span){0, 400}), 0);
    cr_expect_eq(span_set_measure(&at.unknown, (struct span){0, 400}), 200);
    cr_expect_eq(span_set_measure(&at.declared, (struct span){0, 400}), 200);
    line_fini(&at);
}
