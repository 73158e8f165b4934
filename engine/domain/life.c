#include "domain/life.h"

#include <stdlib.h>

#include "base/panic.h"

void life_fini(struct life *life)
{
    free(life->events);
    *life = (struct life){0};
}

static bool comes_before(const struct life_event *a, const struct life_event *b)
{
    return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a->position < b->position;
}

enum status life_add(struct life *life, const struct event *event, uint64_t position)
{
    assert(event->kind == EVENT_REQUEST && event->state != REQUEST_STATE_NONE);
    if (life->event_count == LIFE_EVENTS_MAX) {
        return STATUS_FULL;
    }
    if (life->event_count == life->event_size) {
        life->event_size = life->event_size == 0 ? 2 : life->event_size * 2; /* most have two */
        life->events = realloc(life->events, life->event_size * sizeof(*life->events));
        assert(life->events != NULL);
    }
    const struct life_event added = {
        .time_ns = event->occurred_ns,
        .position = position,
        .customer = event->customer,
        .weight = event->total,
        .state = event->state,
        .flags = event->flags & (EVENT_OUT_OF_SCOPE | EVENT_STANDING),
        .outcome = event->outcome,
        .aside = event->aside,
    };
    uint32_t i = life->event_count++;
    for (; i > 0 && comes_before(&added, &life->events[i - 1]); i--) {
        life->events[i] = life->events[i - 1];
    }
    life->events[i] = added;
    return STATUS_OK;
}

static bool is_told(const struct life_event *event, int64_t as_of_ns)
{
    return event->time_ns < as_of_ns ||
           (event->time_ns == as_of_ns && event->state == REQUEST_STATE_FULFILLED);
}

static bool clock_is_running(const struct life_story *story)
{
    return story->stretch_count != 0 &&
           story->stretches[story->stretch_count - 1].end_ns == INT64_MAX;
}

static void start_clock(struct life_story *story, int64_t ns)
{
    if (!clock_is_running(story)) {
        story->stretches[story->stretch_count++] = (struct span){ns, INT64_MAX};
    }
}

static void stop_clock(struct life_story *story, int64_t ns)
{
    if (clock_is_running(story)) {
        story->stretches[story->stretch_count - 1].end_ns = ns;
    }
}

static void end(struct life_story *story, enum life_end how, int64_t ns)
{
    stop_clock(story, ns);
    if (story->end == LIFE_OPEN) {
        story->end_ns = ns;
    }
    if (story->end == LIFE_OPEN || how == LIFE_WITHDRAWN) {
        story->end = how;
    }
}

static void take_state(struct life_story *story, const struct life_event *event)
{
    switch ((enum request_state)event->state) {
    case REQUEST_STATE_OPENED:
        story->end = LIFE_OPEN;
        start_clock(story, event->time_ns);
        return;
    case REQUEST_STATE_PENDING:
        stop_clock(story, event->time_ns);
        return;
    case REQUEST_STATE_FULFILLED:
        end(story, LIFE_FULFILLED, event->time_ns);
        return;
    case REQUEST_STATE_FAILED:
        end(story, LIFE_FAILED, event->time_ns);
        return;
    case REQUEST_STATE_WITHDRAWN:
        end(story, LIFE_WITHDRAWN, event->time_ns);
        return;
    case REQUEST_STATE_NONE:
    case REQUEST_STATE_COUNT:
        break;
    }
    unreachable("a request with a life has a state");
}

void life_tell(const struct life *life, int64_t as_of_ns, struct life_story *story_out)
{
    struct life_story *story = story_out;
    story->begun = false;
    story->stretch_count = 0;
    story->end = LIFE_OPEN;
    story->customer = NAME_NONE;
    story->flags = 0;
    story->excluded = false;
    for (uint32_t i = 0; i < life->event_count; i++) {
        const struct life_event *event = &life->events[i];
        if (!is_told(event, as_of_ns)) {
            continue; /* an answer at the instant may stand behind what happens at it */
        }
        if (!story->begun) {
            story->begun = true;
            story->start_ns = event->time_ns;
            story->weight = event->weight;
        }
        take_state(story, event);
        story->flags |= event->flags;
        if (event->customer != NAME_NONE) {
            story->customer = event->customer;
        }
        if (event->outcome == OUTCOME_EXCLUDED) {
            story->excluded = true;
            story->aside = (enum aside)event->aside;
        }
    }
}

int64_t life_goes_on(const struct life *life, int64_t as_of_ns)
{
    for (uint32_t i = 0; i < life->event_count; i++) {
        const struct life_event *event = &life->events[i];
        if (!is_told(event, as_of_ns)) {
            return event->time_ns > as_of_ns ? event->time_ns : as_of_ns + 1;
        }
    }
    return INT64_MAX;
}

struct life_outcome life_decide(const struct life_story *story, const struct promise *promise)
{
    if (!story->begun) {
        return (struct life_outcome){.at_ns = INT64_MAX};
    }
    if ((story->flags & EVENT_OUT_OF_SCOPE) != 0) {
        return (struct life_outcome){story->start_ns, LIFE_OUT_OF_SCOPE, ASIDE_SENDER};
    }
    if (story->excluded) {
        return (struct life_outcome){story->start_ns, LIFE_ASIDE, story->aside};
    }
    int64_t limit_ns = promise_limit(promise, story->stretches, story->stretch_count);
    int64_t end_ns = story->end == LIFE_OPEN ? INT64_MAX : story->end_ns;
    struct decision decision = promise_decide(limit_ns, end_ns);
    bool good = decision.kept && story->end == LIFE_FULFILLED;
    return (struct life_outcome){
        .at_ns = decision.at_ns,
        .result = story->end == LIFE_WITHDRAWN ? LIFE_ASIDE
                  : good                       ? LIFE_GOOD
                                               : LIFE_BAD,
        .aside = ASIDE_SENDER,
    };
}
