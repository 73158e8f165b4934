/* An incident is the fold of its events by (time, position): the order of arrival changes nothing.
 */
#include <criterion/criterion.h>

#include "domain/civil.h"
#include "domain/incident.h"
#include "support/random.h"

#define EVENTS_MAX 10

struct said {
    struct event event;
    char extra[64];
    uint32_t extra_length;
    uint64_t position;
};

static void say(struct random *random, struct said *said, uint32_t number)
{
    static const enum nature natures[] = {NATURE_NONE, NATURE_NONE, NATURE_ACTUAL,
                                          NATURE_POTENTIAL};
    said->event = (struct event){
        .kind = EVENT_INCIDENT,
        .subject = 7,
        .service = 1 + (uint32_t)random_below(random, 3),
        .customer = random_once_in(random, 3) ? 10 + (uint32_t)random_below(random, 2) : NAME_NONE,
        /* Few instants: ties are decided by the position. */
        .occurred_ns = 100 + (int64_t)random_below(random, 6),
        .state = (uint8_t)random_below(random, INCIDENT_STATE_COUNT),
        .nature = (uint8_t)natures[random_below(random, 4)],
        .severity = (uint8_t)random_below(random, SEVERITY_COUNT),
        .flags = random_once_in(random, 4) ? EVENT_COMPLAINT : 0,
    };
    said->position = number;
    said->extra_length = 0;
    if (random_once_in(random, 3)) {
        int64_t started_ns = 90 + (int64_t)random_below(random, 20);
        said->extra[0] = EXTRA_STARTED_AT;
        said->extra[1] = 8;
        memcpy(said->extra + 2, &started_ns, 8);
        said->extra_length = 10;
    }
}

static struct incident *tell(struct incident_ledger *ledger, const struct said *said,
                             const uint32_t *order, uint32_t count)
{
    struct incident *incident = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const struct said *one = &said[order[i]];
        cr_assert_eq(incident_ledger_apply(ledger, &one->event,
                                           (struct text){one->extra, one->extra_length},
                                           one->position, &incident),
                     STATUS_OK);
    }
    return incident;
}

static void expect_equal(const struct incident *a, const struct incident *b)
{
    cr_assert_eq(a->cancelled, b->cancelled);
    cr_assert_eq(a->complaint, b->complaint);
    cr_assert_eq(a->severity, b->severity);
    cr_assert_eq(a->nature, b->nature);
    cr_assert_eq(a->promoted, b->promoted);
    cr_assert_eq(a->customer, b->customer);
    cr_assert_eq(a->acknowledged_ns, b->acknowledged_ns);
    cr_assert_eq(a->interval_count, b->interval_count);
    for (uint32_t i = 0; i < a->interval_count; i++) {
        cr_assert_eq(a->intervals[i].span.start_ns, b->intervals[i].span.start_ns);
        cr_assert_eq(a->intervals[i].span.end_ns, b->intervals[i].span.end_ns);
        cr_assert_eq(a->intervals[i].actual_from_ns, b->intervals[i].actual_from_ns);
    }
    for (uint32_t service = 1; service <= 3; service++) {
        cr_assert_eq(incident_names_service(a, service), incident_names_service(b, service));
    }
}

static void expect_sane(const struct incident *incident)
{
    for (uint32_t i = 0; i < incident->interval_count; i++) {
        const struct incident_interval *interval = &incident->intervals[i];
        cr_assert_leq(interval->span.start_ns, interval->span.end_ns);
        cr_assert_eq(interval->actual_from_ns == INT64_MAX, incident->nature != NATURE_ACTUAL);
        cr_assert(i + 1 == incident->interval_count || interval->span.end_ns != INT64_MAX);
    }
    cr_assert(!incident->cancelled || incident->interval_count == 0);
    cr_assert_neq(incident->severity, SEVERITY_NONE);
}

Test(incident, the_order_of_arrival_changes_nothing)
{
    struct random random = random_seeded("incident");
    for (uint32_t round = 0; round < 20000; round++) {
        struct said said[EVENTS_MAX];
        uint32_t in_order[EVENTS_MAX];
        uint32_t order[EVENTS_MAX];
        uint32_t count = 1 + (uint32_t)random_below(&random, EVENTS_MAX);
        for (uint32_t i = 0; i < count; i++) {
            say(&random, &said[i], i);
            in_order[i] = i;
        }
        random_order(&random, order, count);
        struct incident_ledger one = {0};
        struct incident_ledger other = {0};
        const struct incident *a = tell(&one, said, in_order, count);
        const struct incident *b = tell(&other, said, order, count);
        expect_sane(a);
        expect_equal(a, b);
        incident_ledger_fini(&one);
        incident_ledger_fini(&other);
    }
}

Test(incident, what_was_before_a_cancellation_might_never_have_been)
{
    struct random random = random_seeded("incident cancelled");
    for (uint32_t round = 0; round < 5000; round++) {
        struct said said[EVENTS_MAX];
        uint32_t order[EVENTS_MAX];
        for (uint32_t i = 0; i < EVENTS_MAX; i++) {
            say(&random, &said[i], i);
            said[i].event.occurred_ns = 100 + i;
            order[i] = i;
        }
        said[4].event.state = INCIDENT_STATE_CANCELLED;
        said[5].event.state = INCIDENT_STATE_OPEN;
        struct incident_ledger whole = {0};
        struct incident_ledger rest = {0};
        const struct incident *a = tell(&whole, said, order, EVENTS_MAX);
        const struct incident *b = tell(&rest, said, order + 5, EVENTS_MAX - 5);
        expect_equal(a, b);
        incident_ledger_fini(&whole);
        incident_ledger_fini(&rest);
    }
}

Test(incident, the_table_of_ids_finds_every_one)
{
    struct random random = random_seeded("incident ids");
    struct incident_ledger ledger = {0};
    cr_assert_null(incident_find(&ledger, 5));
    for (uint32_t i = 0; i < 20000; i++) {
        uint32_t id = 1 + (uint32_t)random_below(&random, 5000);
        struct event event = {
            .kind = EVENT_INCIDENT, .subject = id, .occurred_ns = i, .state = INCIDENT_STATE_OPEN};
        struct incident *incident;
        bool known = incident_find(&ledger, id) != NULL;
        uint32_t count = ledger.count;
        cr_assert_eq(incident_ledger_apply(&ledger, &event, TEXT_NONE, i, &incident), STATUS_OK);
        cr_assert_eq(incident->id, id);
        cr_assert_eq(incident_find(&ledger, id), incident);
        cr_assert_eq(ledger.count, count + (known ? 0 : 1));
    }
    incident_ledger_fini(&ledger);
}
