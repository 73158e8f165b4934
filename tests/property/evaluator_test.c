/* A figure is a function of what happened and of the instant it is asked for: not of the number of
 * shards, of the size of batches, of the instants at which they were judged, nor of the order of
 * arrival. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/fake_rows.h"
#include "support/story.h"

#define HOUR_NS (3600 * NS_PER_SECOND)
/* A log of 20,000 events. */
#define COMMITS       100
#define COMMIT_EVENTS 200
/* Each is a replay of all that came before. */
#define RESTART_EVERY 10

static const char agreements[] =
    "agreement: pooled\nprovider: p\nservices: [web, api]\nobjectives:\n"
    "  availability: {target: 99%, over: 2h}\n"
    "  fast: {target: 90%, good: {latency: \"<300ms\"}, over: day}\n"
    "  minutes: {method: timeslices, slice: 1m, slice_target: 95%, target: 95%, over: 2h}\n"
    "  days: {method: timeslices, slice: 5m, slice_target: 90%, target: 95%, over: day}\n"
    "  up: {method: uptime, target: 99%, over: 3h}\n"
    "  month: {method: uptime, target: 99.5%, over: month, severity: major}\n"
    "  answer: {method: response, within: 10m, target: 90%, over: 3h}\n"
    "  fix: {method: resolution, within: 40m, target: 90%, over: day}\n"
    "  serve: {method: fulfilment, within: 30m, target: 90%, over: 3h}\n"
    "  mean: {method: composite, combine: weighted_mean, members: [availability, up, minutes], "
    "weights: [1, 0.5, 2], target: 95%, over: 2h}\n"
    "  worst: {method: composite, combine: any_bad, members: [up, month], target: 95%, over: day}\n"
    "---\n"
    "agreement: acme\nprovider: p\ncustomer: acme\nservices: [web]\n"
    "term: {from: \"2026-06-01T01:00:00Z\", to: \"2026-06-01T05:00:00.5Z\"}\n"
    "maintenance: {policy: counts_as_good}\nobjectives:\n"
    "  availability: {target: 99%, over: term}\n"
    "  up: {method: uptime, target: 99%, over: term}\n"
    "  rolling: {target: 95%, over: 1h}\n"
    "  answer: {method: response, within: 5m, target: 90%, over: term}\n"
    "  serve: {method: fulfilment, within: 10m, target: 90%, over: term}\n"
    "---\n"
    "agreement: acme\nprovider: p\ncustomer: acme\nservices: [web, api]\n"
    "effective: \"2026-06-01T02:30:00.25Z\"\n"
    "term: {from: \"2026-06-01T01:00:00Z\", to: \"2026-06-01T05:00:00.5Z\"}\nobjectives:\n"
    "  availability: {target: 95%, over: term, good: {latency: \"<500ms\"}}\n"
    "  up: {method: uptime, target: 90%, over: term, severity: major}\n"
    "  rolling: {target: 90%, over: 2h}\n"
    "  answer: {method: response, within: 10m, target: 80%, over: term}\n"
    "  serve: {method: fulfilment, within: 20m, target: 80%, over: term}\n"
    "---\n"
    "agreement: pooled\nprovider: p\nservices: [web, api]\neffective: 2026-06-01T03:00:00Z\n"
    "hours: [Mon-Sun 00:30-06:15]\nobjectives:\n"
    "  availability: {target: 98%, over: 3h}\n"
    "  minutes: {method: timeslices, slice: 1m, slice_target: 90%, target: 90%, over: 3h}\n"
    "  up: {method: uptime, target: 98%, over: 2h}\n"
    "  month: {method: uptime, target: 99%, over: month}\n"
    "  days: {method: timeslices, slice: 5m, slice_target: 95%, target: 90%, over: day}\n"
    "  ratios: {method: ratio_timeslices, slice: 5m, target: 90%, over: day}\n"
    "  mean: {method: composite, combine: weighted_mean, members: [availability, up, minutes], "
    "weights: [1, 0.5, 2], target: 95%, over: 2h}\n"
    "---\n"
    "agreement: api\nprovider: p\nservices: [api]\nmaintenance: {policy: ignored}\n"
    "hours: [Mon-Sun 01:00-02:20, Mon-Sun 03:00-06:00]\n"
    "standing: {a: {schedule: FREQ=DAILY, within: 10m}, b: {schedule: FREQ=DAILY, within: 2h}}\n"
    "objectives:\n"
    "  serve: {method: fulfilment, within: 20m, target: 90%, over: day}\n"
    "  fix: {method: resolution, within: 20m, target: 90%, over: day}\n"
    "  availability: {target: 99.9%, over: week}\n"
    "  up: {method: uptime, target: 99.9%, over: 6h}\n"
    "  empty: {method: timeslices, slice: 1m, slice_target: 99%, target: 99%, over: 1h, "
    "no_data: empty_is_good}\n"
    "---\n"
    "agreement: quiet\nprovider: p\ncustomer: nobody\nservices: [web, db]\nobjectives:\n"
    "  availability: 99.9%\n"
    "---\n"
    "project: all\nobjectives:\n"
    "  sum: {combine: weighted_error_sum, members: [pooled/mean, acme/availability, "
    "quiet/availability], "
    "target: 90%, over: 3h, missing: good}\n"
    "  slices: {combine: any_bad, members: [pooled/minutes, api/empty], target: 90%, over: 2h, "
    "missing: bad}\n"
    "  sliced: {combine: any_bad, members: [pooled/days], target: 90%, over: day}\n"
    "  time: {combine: any_bad, members: [pooled/up, acme/up, api/up], target: 90%, over: 1h}\n"
    "---\n"
    "maintenance: planned\nservices: [web]\n"
    "start: 2026-06-01T02:00:00Z\nend: 2026-06-01T02:10:00Z\n";

/* Credits by composites; the periods end within the story. */
static const char paid_agreements[] =
    "---\n"
    "agreement: paid\nprovider: p\nservices: [web, api]\nobjectives:\n"
    "  availability: {target: 99%, over: 2h}\n"
    "  up: {method: uptime, target: 99%, over: 3h}\n"
    "  serve: {method: fulfilment, within: 30m, target: 90%, over: 3h}\n"
    "  mean: {method: composite, combine: weighted_mean, members: [availability, up, serve], "
    "target: 95%, over: 2h}\n"
    "credits: {objective: mean, period: {every: day, anchor: \"2026-01-01T03:30:00\"}, "
    "below: {100: 1%, 99: 2%, 98: 3%, 96: 4%, 94: 5%, 90: 6%, 85: 7%, 80: 8%, 70: 9%, 60: 10%}}\n"
    "---\n"
    "agreement: sliced\nprovider: p\nservices: [web]\nhours: [Mon-Sun 00:30-06:15]\nobjectives:\n"
    "  a: {method: timeslices, slice: 5m, slice_target: 90%, target: 95%, over: 2h}\n"
    "  b: {method: timeslices, slice: 5m, slice_target: 90%, target: 95%, over: 3h, "
    "good: {latency: \"<400ms\"}}\n"
    "  worst: {method: composite, combine: any_bad, members: [a, b], target: 95%, over: 1h}\n"
    "credits: {objective: worst, period: {every: day, anchor: \"2026-01-01T03:30:00\"}, "
    "below: {100: 1%, 90: 2%, 80: 3%, 70: 4%, 60: 5%, 50: 6%, 40: 7%, 30: 8%, 20: 9%, 10: 10%}}\n";

static void init_story(struct story *story)
{
    char documents[8192];
    int length = snprintf(documents, sizeof(documents), "%s%s", agreements, paid_agreements);
    cr_assert_lt(length, (int)sizeof(documents));
    story_init(story, documents);
}

static const char *const services[] = {"web", "api", "db", "stranger"};
static const char *const customers[] = {"", ",\"customer\":\"acme\"", ",\"customer\":\"other\""};

static void add_request(struct story *story, struct random *random, int64_t ns)
{
    static const char *const words[] = {
        "\"status\":200",         "\"status\":503",
        "\"outcome\":\"bad\"",    "\"outcome\":\"excluded\"",
        "\"scope\":\"out\"",      "\"good\":7,\"total\":9",
        "\"class\":\"standing\"", "\"class\":\"standing\",\"channel\":\"b\""};
    uint32_t word = random_once_in(random, 3) ? (uint32_t)random_below(random, 8) : 0;
    char time[32];
    story_add(story, "{\"service\":\"%s\"%s,\"ts\":%s,%s,\"latency_ms\":%d}",
              services[random_below(random, 4)], customers[random_below(random, 3)],
              story_time(ns, time), words[word], (int)random_below(random, 600));
}

static void add_life(struct story *story, struct random *random, int64_t ns)
{
    static const char *const states[] = {"opened",    "opened", "opened",    "pending",
                                         "fulfilled", "failed", "fulfilled", "withdrawn"};
    uint32_t id = (uint32_t)random_below(random, 24);
    char time[32];
    story_add(story, "{\"service\":\"%s\",\"id\":\"r%u\"%s,\"ts\":%s,\"state\":\"%s\"%s}",
              services[id % 4], id, customers[random_below(random, 3)], story_time(ns, time),
              states[random_below(random, 8)],
              random_once_in(random, 40) ? ",\"scope\":\"out\"" : "");
}

static void add_incident(struct story *story, struct random *random, int64_t ns)
{
    static const char *const states[] = {"open",     "open",     "acknowledged",
                                         "resolved", "resolved", "cancelled"};
    static const char *const more[] = {"",
                                       "",
                                       ",\"nature\":\"potential\"",
                                       ",\"nature\":\"actual\"",
                                       ",\"severity\":\"minor\"",
                                       ",\"complaint\":true"};
    uint32_t id = (uint32_t)random_below(random, 6);
    char time[32];
    char started[64] = "";
    if (random_once_in(random, 5)) {
        char began[32];
        snprintf(started, sizeof(started), ",\"started_at\":%s",
                 story_time(ns - random_between(random, 0, HOUR_NS), began));
    }
    /* One incident has one customer and one service for life. */
    story_add(story,
              "{\"kind\":\"incident\",\"id\":\"i%u\",\"service\":\"%s\"%s,\"ts\":%s,"
              "\"state\":\"%s\"%s%s}",
              id, services[id % 3], customers[id % 2], story_time(ns, time),
              states[random_below(random, 6)], more[random_below(random, 6)], started);
}

static void add_state(struct story *story, struct random *random, int64_t ns)
{
    static const char *const states[] = {"up", "up", "down", "unknown"};
    static const char *const previous[] = {"", "", ",\"previous\":\"up\"",
                                           ",\"previous\":\"unknown\""};
    char time[32];
    story_add(story, "{\"kind\":\"state\",\"service\":\"%s\",\"ts\":%s,\"state\":\"%s\"%s}",
              services[random_below(random, 2)], story_time(ns, time),
              states[random_below(random, 4)], previous[random_below(random, 4)]);
}

static void add_maintenance(struct story *story, struct random *random, int64_t ns,
                            int64_t length_ns)
{
    int64_t start_ns = STORY_START_NS + random_between(random, 0, length_ns);
    char times[3][32];
    story_add(story,
              "{\"kind\":\"maintenance\",\"id\":\"m%u\",\"service\":\"%s\"%s,\"ts\":%s,"
              "\"start\":%s,\"end\":%s%s}",
              (unsigned)random_below(random, 4), services[random_below(random, 2)],
              customers[random_below(random, 2)], story_time(ns, times[0]),
              story_time(start_ns, times[1]),
              story_time(start_ns + 1 + random_between(random, 0, HOUR_NS), times[2]),
              random_once_in(random, 4) ? ",\"state\":\"cancelled\"" : "");
}

/* masks: how many maintenances at most; each reads again what was told before it. */
static void make_up(struct story *story, struct random *random, uint32_t lines, int64_t length_ns,
                    uint32_t masks)
{
    for (uint32_t i = 0; i < lines; i++) {
        /* Every line its own instant: what is the last word must not depend on the order of
         * arrival. */
        int64_t ns = STORY_START_NS + random_between(random, 0, length_ns / lines) +
                     (int64_t)i * (length_ns / lines);
        uint64_t kind = random_below(random, 100);
        if (kind < 85) {
            add_request(story, random, ns);
        } else if (kind < 90) {
            add_life(story, random, ns);
        } else if (kind < 94) {
            add_incident(story, random, ns);
        } else if (kind < 98 || masks == 0) {
            add_state(story, random, ns);
        } else {
            add_maintenance(story, random, ns, length_ns);
            masks--;
        }
    }
}

static void expect_same(const struct text_buffer *expected, const struct text_buffer *told,
                        const char *how)
{
    if (strcmp(expected->bytes, told->bytes) == 0) {
        return;
    }
    size_t at = 0;
    while (expected->bytes[at] == told->bytes[at]) {
        at++;
    }
    size_t from = at < 120 ? 0 : at - 120;
    size_t line = from;
    while (line > 0 && expected->bytes[line - 1] != '\n') {
        line--;
    }
    cr_expect_fail("%s: in %.70s\nexpected ...%.300s\n     got ...%.300s", how,
                   expected->bytes + line, expected->bytes + from, told->bytes + from);
}

struct two_ways {
    struct story story;
    struct random random;
    struct text_buffer expected;
    struct text_buffer told;
    int64_t at_ns;
    uint32_t *order;
};

static void begin(struct two_ways *ways, struct random *random, uint32_t lines)
{
    init_story(&ways->story);
    ways->random = (struct random){random_next(random)};
    int64_t length_ns = 8 * HOUR_NS;
    make_up(&ways->story, &ways->random, lines, length_ns, lines);
    /* Mostly after everything, sometimes while events are still to come. */
    int64_t before_ns = random_once_in(random, 3) ? random_between(random, 0, length_ns / 2) : 0;
    ways->at_ns = STORY_START_NS + length_ns + 1 - before_ns;
    ways->order = calloc(lines, sizeof(*ways->order));
    text_buffer_init(&ways->expected);
    text_buffer_init(&ways->told);
    story_tell(&ways->story, NULL, NULL, 1, ways->at_ns, &ways->expected);
}

static void end(struct two_ways *ways)
{
    story_fini(&ways->story);
    text_buffer_fini(&ways->expected);
    text_buffer_fini(&ways->told);
    free(ways->order);
}

Test(evaluator, the_number_of_shards_changes_nothing)
{
    struct random random = random_seeded("evaluator shards");
    for (uint32_t round = 0; round < 4; round++) {
        struct two_ways ways;
        begin(&ways, &random, 1500);
        for (uint32_t shards = 2; shards <= 4; shards += 2) {
            text_buffer_clear(&ways.told);
            story_tell(&ways.story, NULL, NULL, shards, ways.at_ns, &ways.told);
            expect_same(&ways.expected, &ways.told, "more shards");
        }
        end(&ways);
    }
}

Test(evaluator, neither_batches_nor_instants_of_judging_change_a_figure)
{
    struct random random = random_seeded("evaluator batches");
    for (uint32_t round = 0; round < 4; round++) {
        struct two_ways ways;
        begin(&ways, &random, 1500);
        story_tell(&ways.story, NULL, &ways.random, 2, ways.at_ns, &ways.told);
        expect_same(&ways.expected, &ways.told, "other batches");
        end(&ways);
    }
}

Test(evaluator, the_order_of_arrival_changes_no_figure)
{
    struct random random = random_seeded("evaluator order");
    for (uint32_t round = 0; round < 4; round++) {
        struct two_ways ways;
        begin(&ways, &random, 1200);
        random_order(&ways.random, ways.order, ways.story.line_count);
        story_tell(&ways.story, ways.order, &ways.random, 1, ways.at_ns, &ways.told);
        expect_same(&ways.expected, &ways.told, "another order");
        end(&ways);
    }
}

Test(evaluator, small_stories_in_many_orders)
{
    struct random random = random_seeded("evaluator small");
    for (uint32_t round = 0; round < 60; round++) {
        struct two_ways ways;
        begin(&ways, &random, 1 + (uint32_t)random_below(&random, 40));
        random_order(&ways.random, ways.order, ways.story.line_count);
        story_tell(&ways.story, ways.order, &ways.random, 3, ways.at_ns, &ways.told);
        expect_same(&ways.expected, &ways.told, "another order");
        end(&ways);
    }
}

/* What a daemon that was restarted after the commit would say. */
static void tell_again(const struct story *story, const int64_t *instants, uint32_t commits,
                       uint32_t shards, struct fake_rows *rows, struct text_buffer *out)
{
    struct audience audience;
    struct row_store_source source = fake_rows_source(rows, 0);
    audience_init_paged(&audience, story, shards, &source);
    audience.is_replay = true;
    for (uint32_t i = 0; i < commits; i++) {
        for (uint32_t j = 0; j < COMMIT_EVENTS; j++) {
            audience_hear(&audience, story->lines[i * COMMIT_EVENTS + j]);
        }
        audience_judge(&audience, instants[i]);
    }
    audience_reports(&audience, out);
    audience_fini(&audience);
}

/* The first keeps all rows in memory, the others as few as they can. */
Test(evaluator, neither_shards_restarts_nor_paging_change_a_long_history)
{
    struct random random = random_seeded("evaluator restart");
    struct story story;
    init_story(&story);
    make_up(&story, &random, COMMITS * COMMIT_EVENTS, 8 * HOUR_NS, 20);
    static const uint32_t shard_counts[] = {1, 2, 4};
    struct audience audiences[3];
    struct text_buffer live;
    struct text_buffer again;
    int64_t instants[COMMITS];
    text_buffer_init(&live);
    text_buffer_init(&again);
    struct fake_rows rows = {0};
    struct row_store_source source = fake_rows_source(&rows, 0);
    audience_init(&audiences[0], &story, shard_counts[0], INT64_MAX, INT64_MAX);
    for (uint32_t i = 1; i < 3; i++) {
        audience_init_paged(&audiences[i], &story, shard_counts[i], &source);
    }
    for (uint32_t commit = 0; commit < COMMITS; commit++) {
        /* Some events are in the future when they are received, some late. */
        instants[commit] = STORY_START_NS + (int64_t)(commit + 1) * (8 * HOUR_NS / COMMITS) +
                           random_between(&random, 0, 60 * NS_PER_SECOND);
        bool is_asked = commit % RESTART_EVERY == RESTART_EVERY - 1;
        for (uint32_t i = 0; i < 3; i++) {
            for (uint32_t j = 0; j < COMMIT_EVENTS; j++) {
                audience_hear(&audiences[i], story.lines[commit * COMMIT_EVENTS + j]);
            }
            audience_judge(&audiences[i], instants[commit]);
            text_buffer_clear(i == 0 ? &live : &again);
            if (is_asked) {
                audience_reports(&audiences[i], i == 0 ? &live : &again);
            }
            if (is_asked && i != 0) {
                expect_same(&live, &again, "more shards");
            }
        }
        if (is_asked) {
            text_buffer_clear(&again);
            tell_again(&story, instants, commit + 1, shard_counts[commit % 3], &rows, &again);
            expect_same(&live, &again, "a restart");
        }
    }
    cr_assert_gt(rows.run_count, 1000, "%u pages were written", rows.run_count);
    cr_assert_gt(rows.reads, 1000, "%u pages were read", rows.reads);
    for (uint32_t i = 0; i < 3; i++) {
        audience_fini(&audiences[i]);
    }
    fake_rows_fini(&rows);
    text_buffer_fini(&live);
    text_buffer_fini(&again);
    story_fini(&story);
}
