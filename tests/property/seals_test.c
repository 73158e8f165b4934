/* A seal is what an evaluator of its own says of the log up to there; so is every restatement; and
 * where there is none, the figure is as it was. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "evaluate/seal.h"
#include "report/report_json.h"
#include "support/story.h"

#define GRACE_NS  (24 * NS_PER_HOUR)
#define LINES     400
#define ROUNDS    4
#define DAY_START STORY_START_NS
#define DAY_END   (STORY_START_NS + NS_PER_DAY)

static const char agreements[] =
    "agreement: shop\nprovider: p\nservices: [web, api]\nover: day\nobjectives:\n"
    "  availability: 90%\n"
    "  slices: {method: timeslices, slice: 1h, slice_target: 80%, target: 90%}\n"
    "  ratios: {method: ratio_timeslices, slice: 1h, target: 90%}\n"
    "  up: {method: uptime, target: 99%}\n"
    "---\n"
    "agreement: acme\nprovider: p\ncustomer: acme\nservices: [web]\nover: day\n"
    "maintenance: {policy: counts_as_good, allowance: 1h per day}\nobjectives:\n"
    "  availability: 90%\n"
    "  up: {method: uptime, target: 99%, severity: major}\n"
    "---\n"
    "agreement: changed\nprovider: p\nservices: [web]\nover: day\nobjectives: {o: 90%}\n"
    "---\n"
    "agreement: changed\nprovider: p\nservices: [web]\nover: day\n"
    "effective: 2026-06-01T12:00:00Z\nobjectives: {o: 80%}\n";

static int64_t instant(struct random *random)
{
    /* Mostly of the day that is asked about, on round times too. */
    int64_t ns = DAY_START + random_between(random, -2 * NS_PER_HOUR, 26 * NS_PER_HOUR);
    return random_once_in(random, 3) ? floor_to(ns, NS_PER_HOUR) : ns;
}

static void add_line(struct story *story, struct random *random, uint32_t line)
{
    static const char *const services[] = {"web", "api"};
    static const char *const customers[] = {"", ",\"customer\":\"acme\""};
    static const char *const incident_states[] = {"open", "resolved", "cancelled"};
    static const char *const exclusion_states[] = {"approved", "withdrawn", "disputed"};
    const char *service = services[random_below(random, 2)];
    const char *customer = customers[random_below(random, 2)];
    unsigned id = (unsigned)random_below(random, 5);
    char times[3][32];
    int64_t ns = instant(random);
    story_time(ns, times[0]);
    story_time(ns + 1, times[1]);
    story_time(ns + 1 + random_between(random, 0, 3 * NS_PER_HOUR), times[2]);
    switch (random_below(random, 12)) {
    case 0:
        story_add(story,
                  "{\"kind\":\"incident\",\"id\":\"i%u\",\"service\":\"%s\",\"ts\":%s,"
                  "\"state\":\"%s\"}",
                  id, services[id % 2], times[0], incident_states[random_below(random, 3)]);
        return;
    case 1:
        story_add(story, "{\"kind\":\"state\",\"service\":\"%s\",\"ts\":%s,\"state\":\"%s\"}",
                  service, times[0], random_once_in(random, 2) ? "down" : "up");
        return;
    case 2:
        story_add(story,
                  "{\"kind\":\"maintenance\",\"id\":\"m%u\",\"service\":\"%s\"%s,\"ts\":%s,"
                  "\"start\":%s,\"end\":%s%s}",
                  id, service, customer, times[0], times[1], times[2],
                  random_once_in(random, 3) ? ",\"state\":\"cancelled\"" : "");
        return;
    case 3:
        story_add(story,
                  "{\"kind\":\"exclusion\",\"id\":\"x%u\",\"service\":\"%s\",\"ts\":%u,"
                  "\"start\":%s,\"end\":%s,\"reason\":\"other\",\"state\":\"%s\"}",
                  id, service, 1790000000 + line, times[1], times[2],
                  exclusion_states[random_below(random, 3)]);
        return;
    case 4:
        story_add(story, "{\"kind\":\"outcome\",\"of\":\"r%u\",\"outcome\":\"%s\",\"ts\":%u}",
                  (unsigned)random_below(random, line + 1),
                  random_once_in(random, 2) ? "good" : "excluded", 1790000000 + line);
        return;
    default:
        story_add(story, "{\"service\":\"%s\"%s,\"id\":\"r%u\",\"ts\":%s,\"status\":%d}", service,
                  customer, line, times[0], random_once_in(random, 4) ? 503 : 200);
    }
}

/* The log, with its times of receipt: from noon of the day on, over three days. */
static void fill_log(struct story *story, struct audience *audience, struct random *random)
{
    int64_t now_ns = DAY_START + NS_PER_DAY / 2;
    for (uint32_t i = 0; i < LINES; i++) {
        add_line(story, random, i);
        audience_hear(audience, story->lines[i]);
        if (random_once_in(random, 4) || i + 1 == LINES) {
            now_ns += random_between(random, 0, 90 * NS_PER_MINUTE);
            now_ns = random_once_in(random, 5) ? floor_to(now_ns, NS_PER_HOUR) : now_ns;
            audience_judge(audience, now_ns);
        }
    }
}

static struct asked_window day = {
    .window = {.kind = WINDOW_CALENDAR, .unit = CALENDAR_DAY},
    .span = {DAY_START, DAY_END},
};

static struct evaluator *open_evaluator(const struct story *story, struct audience *audience)
{
    struct evaluator_settings settings = {
        .set = catalog_set(story->catalog),
        .names = audience->names,
        .history = fake_log_history(&audience->log),
        .shard_count = 1,
        .now_ns = DAY_END,
        .max_future_ns = INT64_MAX,
        .retention_ns = INT64_MAX,
        .asked = &day,
        .stands_still = true,
    };
    struct evaluator *evaluator;
    cr_assert_eq(evaluator_open(&evaluator, &settings), STATUS_OK);
    return evaluator;
}

/* The report of a judge that never heard of what comes at `position` or after. */
static void judge_up_to(const struct story *story, struct audience *audience, uint64_t position,
                        uint32_t series, struct objective_report *report_out)
{
    struct evaluator *evaluator = open_evaluator(story, audience);
    for (uint32_t i = 0; i < audience->log.batch_count; i++) {
        const struct batch *batch = audience->log.batches[i];
        if (batch->position < position) {
            cr_assert_eq(evaluator_apply(evaluator, batch, DAY_END), STATUS_OK);
        }
    }
    cr_assert(evaluator_report(evaluator, series, report_out));
    evaluator_close(evaluator);
}

static void expect_same_text(const struct objective_report *expected,
                             const struct objective_report *told, const char *what)
{
    struct text_buffer texts[2];
    struct objective_report unsealed = *told;
    unsealed.seal = NULL;
    text_buffer_init(&texts[0]);
    text_buffer_init(&texts[1]);
    report_json(expected, &texts[0]);
    report_json(&unsealed, &texts[1]);
    cr_expect_str_eq(texts[0].bytes, texts[1].bytes, "%s\n%s\n%s", what, texts[0].bytes,
                     texts[1].bytes);
    text_buffer_fini(&texts[0]);
    text_buffer_fini(&texts[1]);
}

/* One past the last event that was received in each hour after the seal. */
static uint32_t hours_after(const struct fake_log *log, uint64_t position, uint64_t *ends)
{
    uint32_t count = 0;
    int64_t hour_ns = INT64_MIN;
    for (uint32_t i = 0; i < log->batch_count; i++) {
        const struct batch *batch = log->batches[i];
        if (batch->position < position) {
            continue;
        }
        int64_t own_ns = floor_to(batch->received_ns, NS_PER_HOUR);
        count += own_ns != hour_ns ? 1 : 0;
        hour_ns = own_ns;
        ends[count - 1] = batch->position + batch->event_count;
    }
    return count;
}

static uint32_t check_series(const struct story *story, struct audience *audience, uint32_t series,
                             const struct objective_report *report)
{
    const struct seal *seal = report->seal;
    struct objective_report stated;
    struct objective_report fresh;
    uint64_t ends[LINES];
    uint32_t number = 0;
    judge_up_to(story, audience, seal->position, series, &stated);
    expect_same_text(&stated, report, "the seal");
    uint32_t hours = hours_after(&audience->log, seal->position, ends);
    for (uint32_t i = 0; i < hours; i++) {
        judge_up_to(story, audience, ends[i], series, &fresh);
        if (report_same_figure(&fresh, &stated)) {
            continue;
        }
        stated = fresh;
        cr_assert_lt(number, seal->restatement_count);
        const struct restatement *restatement = &seal->restatements[number++];
        cr_expect_eq(restatement->number, number);
        cr_expect_eq(restatement->position, ends[i]);
        cr_expect_eq(restatement->judgement.window.good, fresh.judgement.window.good);
        cr_expect_eq(restatement->judgement.window.bad, fresh.judgement.window.bad);
        cr_expect_eq(restatement->judgement.verdict, fresh.judgement.verdict);
        cr_expect((restatement->causes >> restatement->cause & 1) != 0);
    }
    cr_expect_eq(number, seal->restatement_count);
    judge_up_to(story, audience, UINT64_MAX, series, &fresh);
    cr_expect_eq(number != 0, seal->restated != NULL);
    if (number != 0) {
        expect_same_text(&fresh, seal->restated, "today");
    }
    return number;
}

static uint32_t check_story(struct random *random)
{
    struct story story;
    struct audience audience;
    story_init(&story, agreements);
    audience_init(&audience, &story, 1, INT64_MAX, INT64_MAX);
    fill_log(&story, &audience, random);
    struct evaluator *evaluator = open_evaluator(&story, &audience);
    struct seal_settings settings = {.grace_ns = GRACE_NS, .first_start_ns = INT64_MIN};
    struct seals *seals;
    cr_assert_eq(seals_open(&seals, evaluator, &settings), STATUS_OK);
    for (uint32_t i = 0; i < audience.log.batch_count; i++) {
        cr_assert_eq(seals_apply(seals, audience.log.batches[i], DAY_END), STATUS_OK);
    }
    cr_assert_eq(seals_finish(seals, INT64_MAX), STATUS_OK);
    uint32_t restatements = 0;
    for (uint32_t i = 0; i < evaluator_series_count(evaluator); i++) {
        struct objective_report report;
        cr_assert(seals_report(seals, i, &report));
        cr_assert_not_null(report.seal);
        restatements += check_series(&story, &audience, i, &report);
    }
    seals_close(seals);
    evaluator_close(evaluator);
    audience_fini(&audience);
    story_fini(&story);
    return restatements;
}

Test(seals, are_what_judges_of_their_own_say, .timeout = 120)
{
    struct random random = random_seeded("seals");
    uint32_t restatements = 0;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        restatements += check_story(&random);
    }
    cr_expect_gt(restatements, 10 * ROUNDS, "the stories restate too little to show anything");
}
