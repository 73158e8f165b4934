#include <criterion/criterion.h>

#include "domain/life.h"

static void say(struct life *life, int64_t ns, enum request_state state)
{
    static uint64_t position;
    struct event event = {
        .kind = EVENT_REQUEST, .occurred_ns = ns, .state = (uint8_t)state, .total = 1};
    cr_assert_eq(life_add(life, &event, ++position), STATUS_OK);
}

static struct life_outcome outcome(const struct life *life, int64_t as_of_ns)
{
    const struct promise promise = {.within_ns = 100};
    struct life_story story;
    life_tell(life, as_of_ns, &story);
    return life_decide(&story, &promise);
}

Test(life, the_clock_stands_while_it_is_pending)
{
    struct life life = {0};
    say(&life, 1000, REQUEST_STATE_OPENED);
    say(&life, 1040, REQUEST_STATE_PENDING);
    say(&life, 1050, REQUEST_STATE_PENDING);
    say(&life, 2000, REQUEST_STATE_OPENED);
    say(&life, 2010, REQUEST_STATE_OPENED);
    cr_expect_eq(outcome(&life, 5000).at_ns, 2059);
    say(&life, 2060, REQUEST_STATE_FULFILLED);
    cr_expect_eq(outcome(&life, 5000).result, LIFE_GOOD);
    cr_expect_eq(outcome(&life, 5000).at_ns, 2060);
    life_fini(&life);
}

Test(life, what_happens_at_the_instant_is_not_told_but_an_answer_is)
{
    struct life life = {0};
    say(&life, 1000, REQUEST_STATE_OPENED);
    say(&life, 1100, REQUEST_STATE_WITHDRAWN);
    say(&life, 1100, REQUEST_STATE_FULFILLED);
    struct life_story story;
    life_tell(&life, 1000, &story);
    cr_expect(!story.begun);
    life_tell(&life, 1100, &story);
    cr_expect(story.begun);
    cr_expect_eq(story.end, LIFE_FULFILLED);
    cr_expect_eq(life_goes_on(&life, 1100), 1101);
    life_tell(&life, 1101, &story);
    cr_expect_eq(story.end, LIFE_WITHDRAWN);
    cr_expect_eq(life_goes_on(&life, 1101), INT64_MAX);
    cr_expect_eq(life_goes_on(&life, 500), 1000);
    life_fini(&life);
}

Test(life, a_withdrawn_one_is_set_aside_where_it_had_been_decided)
{
    struct life life = {0};
    say(&life, 1000, REQUEST_STATE_OPENED);
    say(&life, 1500, REQUEST_STATE_WITHDRAWN);
    cr_expect_eq(outcome(&life, 1200).result, LIFE_BAD);
    cr_expect_eq(outcome(&life, 1200).at_ns, 1099);
    cr_expect_eq(outcome(&life, 1600).result, LIFE_ASIDE);
    cr_expect_eq(outcome(&life, 1600).at_ns, 1099);
    say(&life, 1050, REQUEST_STATE_FAILED);
    cr_expect_eq(outcome(&life, 1600).result, LIFE_ASIDE);
    cr_expect_eq(outcome(&life, 1600).at_ns, 1050);
    life_fini(&life);
}

Test(life, its_events_are_bounded)
{
    struct life life = {0};
    for (int64_t i = 0; i < LIFE_EVENTS_MAX; i++) {
        say(&life, LIFE_EVENTS_MAX - i, i % 2 == 0 ? REQUEST_STATE_OPENED : REQUEST_STATE_PENDING);
    }
    const struct event event = {.kind = EVENT_REQUEST, .state = REQUEST_STATE_FULFILLED};
    cr_expect_eq(life_add(&life, &event, 1000), STATUS_FULL);
    struct life_story story;
    life_tell(&life, INT64_MAX, &story);
    cr_expect_eq(story.start_ns, 1);
    cr_expect_eq(story.stretch_count, LIFE_EVENTS_MAX / 2);
    life_fini(&life);
}
