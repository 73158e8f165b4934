#include <criterion/criterion.h>
#include <stdio.h>

#include "domain/intake.h"
#include "evaluate/findings.h"
#include "support/story.h"

#define HOUR_NS       (3600 * NS_PER_SECOND)
#define AT(offset_ns) (STORY_START_NS + (offset_ns))

static const char two[] =
    "agreement: pooled\nprovider: p\nservices: [web, api]\nobjectives:\n"
    "  availability: {target: 99%, over: 1h}\n"
    "---\n"
    "agreement: acme\nprovider: p\ncustomer: acme\nservices: [web]\nobjectives:\n"
    "  availability: {target: 99%, over: 1h}\n"
    "  up: {method: uptime, target: 99%, over: 1h}\n";
enum { POOLED, ACME, ACME_UP };

static void hear_request(struct audience *audience, int64_t ns, const char *service,
                         const char *more)
{
    char line[STORY_LINE_SIZE];
    char time[32];
    snprintf(line, sizeof(line), "{\"service\":\"%s\",\"ts\":%s%s}", service, story_time(ns, time),
             more);
    audience_hear(audience, line);
}

static struct request_counts counts_of(struct audience *audience, uint32_t series)
{
    struct objective_report report;
    audience_report(audience, series, &report);
    return report.counts;
}

struct told {
    struct story story;
    struct audience audience;
};

static void begin_limited(struct told *told, const char *agreements, uint32_t shards,
                          int64_t max_future_ns, int64_t retention_ns)
{
    story_init(&told->story, agreements);
    audience_init(&told->audience, &told->story, shards, max_future_ns, retention_ns);
}

static void begin(struct told *told, const char *agreements)
{
    begin_limited(told, agreements, 1, INT64_MAX, INT64_MAX);
}

static void end(struct told *told)
{
    audience_fini(&told->audience);
    story_fini(&told->story);
}

Test(evaluator, what_occurs_later_is_held_back_and_counted_then)
{
    struct told told;
    begin(&told, two);
    hear_request(&told.audience, AT(10 * NS_PER_SECOND), "web", "");
    audience_judge(&told.audience, AT(5 * NS_PER_SECOND));
    cr_expect_eq(counts_of(&told.audience, POOLED).good, 0);
    cr_expect_eq(evaluator_next_due(told.audience.evaluators[0]), AT(10 * NS_PER_SECOND + 1));
    audience_advance(&told.audience, AT(10 * NS_PER_SECOND));
    cr_expect_eq(counts_of(&told.audience, POOLED).good, 0, "a window ends before `at`");
    audience_advance(&told.audience, AT(10 * NS_PER_SECOND + 1));
    cr_expect_eq(counts_of(&told.audience, POOLED).good, 1);
    end(&told);
}

Test(evaluator, too_far_ahead_or_too_old_is_counted_apart_and_never_judged)
{
    struct told told;
    begin_limited(&told, two, 1, 300 * NS_PER_SECOND, HOUR_NS);
    int64_t now_ns = AT(2 * HOUR_NS);
    hear_request(&told.audience, now_ns + 300 * NS_PER_SECOND, "web", "");
    hear_request(&told.audience, now_ns + 300 * NS_PER_SECOND + 1, "web", "");
    hear_request(&told.audience, now_ns - HOUR_NS, "web", "");
    hear_request(&told.audience, now_ns - HOUR_NS - 1, "web", "");
    audience_judge(&told.audience, now_ns);
    struct evaluator_counters counters;
    audience_counters(&told.audience, &counters);
    cr_expect_eq(counters.future, 1);
    cr_expect_eq(counters.ancient, 1);
    audience_advance(&told.audience, now_ns + 301 * NS_PER_SECOND);
    cr_expect_eq(counts_of(&told.audience, POOLED).good, 1);
    cr_expect_eq(evaluator_position(told.audience.evaluators[0]), 4, "stored all the same");
    end(&told);
}

Test(evaluator, requests_to_services_that_nobody_names_are_unmatched)
{
    struct told told;
    begin_limited(&told, two, 2, INT64_MAX, INT64_MAX);
    hear_request(&told.audience, AT(1), "stranger", "");
    hear_request(&told.audience, AT(1), "web", "");
    hear_request(&told.audience, AT(1), "web", ",\"customer\":\"nobody\"");
    audience_judge(&told.audience, AT(HOUR_NS));
    struct evaluator_counters counters;
    audience_counters(&told.audience, &counters);
    cr_expect_eq(counters.unmatched, 1, "once, however many shards there are");
    end(&told);
}

static const char limited[] = "agreement: a\nprovider: p\nservices: [web]\nobjectives:\n"
                              "  serve: {method: fulfilment, within: 10m, target: 90%, over: 1h}\n"
                              "  answer: {method: response, within: 5m, target: 90%, over: 1h}\n"
                              "  up: {method: uptime, target: 99%, over: 1h}\n";
enum { SERVE, ANSWER };

#define MINUTES(n) ((n)*60 * NS_PER_SECOND)

/* The figures move at the instant at which a limit passes, and nothing has to arrive for it. */
Test(evaluator, a_limit_that_passes_moves_the_figure_by_itself)
{
    struct told told;
    begin(&told, limited);
    hear_request(&told.audience, AT(0), "web", ",\"id\":\"r\",\"state\":\"opened\"");
    audience_hear(&told.audience, "{\"kind\":\"incident\",\"id\":\"i\",\"service\":\"web\","
                                  "\"state\":\"open\",\"ts\":\"2026-06-01T00:00:00Z\","
                                  "\"severity\":\"info\"}");
    audience_hear(&told.audience, "{\"kind\":\"incident\",\"id\":\"j\",\"service\":\"web\","
                                  "\"state\":\"open\",\"ts\":\"2026-06-01T00:00:00Z\"}");
    audience_judge(&told.audience, AT(1));
    struct evaluator *evaluator = told.audience.evaluators[0];
    int64_t now_ns = AT(1);
    int64_t seen_ns[2] = {0, 0};
    while (now_ns < AT(MINUTES(11))) {
        int64_t due_ns = evaluator_next_due(evaluator);
        cr_assert_gt(due_ns, now_ns);
        now_ns = due_ns;
        audience_advance(&told.audience, now_ns);
        for (uint32_t i = 0; i < 2; i++) {
            if (seen_ns[i] == 0 && counts_of(&told.audience, i).bad == 1) {
                seen_ns[i] = now_ns;
            }
        }
    }
    cr_expect_eq(seen_ns[SERVE], AT(MINUTES(10)));
    cr_expect_eq(seen_ns[ANSWER], AT(MINUTES(5)));
    end(&told);
}

Test(evaluator, a_request_with_a_life_is_no_plain_request)
{
    struct told told;
    begin(&told, two);
    hear_request(&told.audience, AT(1), "web", ",\"id\":\"r\",\"state\":\"failed\",\"status\":500");
    hear_request(&told.audience, AT(2), "web", "");
    audience_judge(&told.audience, AT(HOUR_NS));
    cr_expect_eq(counts_of(&told.audience, POOLED).good, 1);
    cr_expect_eq(counts_of(&told.audience, POOLED).bad, 0);
    end(&told);
}

static void open_and_fulfil(struct told *told, uint32_t request, bool fulfil)
{
    char more[64];
    snprintf(more, sizeof(more), ",\"id\":\"r%u\",\"state\":\"%s\"", request,
             fulfil ? "fulfilled" : "opened");
    hear_request(&told->audience, AT((int64_t)request * 2 + (fulfil ? 1 : 0)), "web", more);
}

Test(evaluator, requests_without_room_are_shed_in_the_open_and_ended_ones_make_room)
{
    struct told told;
    begin(&told, limited);
    audience_fini(&told.audience);
    audience_init_bounded(&told.audience, &told.story, 2, 16);
    for (uint32_t i = 0; i < 18; i++) {
        open_and_fulfil(&told, i, false);
    }
    audience_judge(&told.audience, AT(NS_PER_SECOND));
    struct evaluator_counters counters;
    audience_counters(&told.audience, &counters);
    cr_expect_eq(counters.requests_shed, 2, "once, however many shards there are");
    for (uint32_t i = 0; i < 4; i++) {
        open_and_fulfil(&told, i, true);
    }
    for (uint32_t i = 20; i < 24; i++) { /* each takes the room of one that has ended */
        open_and_fulfil(&told, i, false);
        open_and_fulfil(&told, i, true);
    }
    audience_judge(&told.audience, AT(2 * NS_PER_SECOND));
    audience_counters(&told.audience, &counters);
    cr_expect_eq(counters.requests_shed, 2);
    cr_expect_eq(counts_of(&told.audience, SERVE).good, 8, "what was let go stays counted");
    audience_advance(&told.audience, AT(MINUTES(11)));
    cr_expect_eq(counts_of(&told.audience, SERVE).bad, 12);
    end(&told);
}

static bool add_share(void *context, const struct finding *finding)
{
    uint64_t *shares = context;
    if (finding->unit == BUDGET_REQUESTS) {
        shares[finding->sum] += finding->share;
    }
    return true;
}

Test(evaluator, the_evidence_of_requests_with_a_life_adds_up)
{
    struct told told;
    begin(&told, limited);
    for (uint32_t i = 0; i < 6; i++) {
        open_and_fulfil(&told, i, false);
    }
    open_and_fulfil(&told, 0, true);
    hear_request(&told.audience, AT(20), "web", ",\"id\":\"r1\",\"state\":\"withdrawn\"");
    hear_request(&told.audience, AT(21), "web", ",\"id\":\"r2\",\"state\":\"failed\"");
    hear_request(&told.audience, AT(22), "web",
                 ",\"id\":\"x\",\"state\":\"opened\",\"scope\":\"out\"");
    audience_judge(&told.audience, AT(MINUTES(20)));
    uint64_t shares[4] = {0};
    cr_assert_eq(findings_walk(told.audience.evaluators[0], SERVE, add_share, shares), STATUS_OK);
    struct request_counts counts = counts_of(&told.audience, SERVE);
    cr_expect_eq(counts.bad, 4);
    cr_expect_eq(shares[FINDING_SUM_BAD], counts.bad);
    cr_expect_eq(shares[FINDING_SUM_EXCLUDED], 1);
    cr_expect_eq(counts.excluded_by[ASIDE_SENDER], 1);
    cr_expect_eq(shares[FINDING_SUM_OUT_OF_SCOPE], 1);
    end(&told);
}

/* CONTRACT section 4, matching. */
Test(evaluator, a_request_counts_where_its_customer_is_named_and_where_none_is)
{
    struct told told;
    begin(&told, two);
    hear_request(&told.audience, AT(1), "web", ",\"customer\":\"acme\"");
    hear_request(&told.audience, AT(2), "web", ",\"customer\":\"other\"");
    hear_request(&told.audience, AT(3), "web", "");
    hear_request(&told.audience, AT(4), "api", ",\"customer\":\"acme\"");
    audience_judge(&told.audience, AT(HOUR_NS));
    cr_expect_eq(counts_of(&told.audience, POOLED).good, 4);
    cr_expect_eq(counts_of(&told.audience, ACME).good, 1);
    end(&told);
}

static uint64_t bad_seconds(struct audience *audience, uint32_t series)
{
    struct objective_report report;
    audience_report(audience, series, &report);
    return report.time.bad / NS_PER_SECOND;
}

Test(evaluator, an_incident_without_a_customer_concerns_everybody)
{
    static const struct {
        const char *customer;
        uint64_t bad_s;
    } cases[] = {{"", 60}, {",\"customer\":\"acme\"", 60}, {",\"customer\":\"other\"", 0}};
    for (uint32_t i = 0; i < 3; i++) {
        struct told told;
        begin(&told, two);
        char line[STORY_LINE_SIZE];
        for (uint32_t minute = 1; minute <= 2; minute++) {
            char time[32];
            snprintf(line, sizeof(line),
                     "{\"kind\":\"incident\",\"id\":\"i\",\"service\":\"web\",\"ts\":%s,"
                     "\"state\":\"%s\"%s}",
                     story_time(AT(minute * NS_PER_MINUTE), time),
                     minute == 1 ? "open" : "resolved", cases[i].customer);
            audience_hear(&told.audience, line);
        }
        audience_judge(&told.audience, AT(HOUR_NS));
        cr_expect_eq(bad_seconds(&told.audience, ACME_UP), cases[i].bad_s, "%s", cases[i].customer);
        end(&told);
    }
}

static void hear_maintenance(struct audience *audience, const char *id, int64_t start_ns,
                             int64_t end_ns, int64_t said_ns, const char *more)
{
    char line[STORY_LINE_SIZE];
    char times[3][32];
    snprintf(line, sizeof(line),
             "{\"kind\":\"maintenance\",\"id\":\"%s\",\"service\":\"web\",\"start\":%s,\"end\":%s,"
             "\"ts\":%s%s}",
             id, story_time(start_ns, times[0]), story_time(end_ns, times[1]),
             story_time(said_ns, times[2]), more);
    audience_hear(audience, line);
}

static void hear_an_hour(struct audience *audience)
{
    for (uint32_t i = 0; i < 60; i++) {
        hear_request(audience, AT(i * NS_PER_MINUTE), i % 2 == 0 ? "web" : "api",
                     i % 3 == 0 ? ",\"status\":503,\"customer\":\"acme\""
                                : ",\"customer\":\"acme\"");
    }
}

Test(evaluator, maintenance_said_afterwards_equals_maintenance_known_before)
{
    struct text_buffer before;
    struct text_buffer after;
    text_buffer_init(&before);
    text_buffer_init(&after);
    struct told told;
    begin(&told, two);
    hear_maintenance(&told.audience, "m", AT(10 * NS_PER_MINUTE), AT(30 * NS_PER_MINUTE), AT(0),
                     "");
    hear_an_hour(&told.audience);
    audience_judge(&told.audience, AT(HOUR_NS));
    audience_reports(&told.audience, &before);
    cr_expect_eq(counts_of(&told.audience, POOLED).excluded_by[ASIDE_MAINTENANCE], 10);
    end(&told);
    begin(&told, two);
    hear_an_hour(&told.audience);
    audience_judge(&told.audience, AT(HOUR_NS));
    cr_expect_eq(counts_of(&told.audience, POOLED).excluded_by[ASIDE_MAINTENANCE], 0);
    hear_maintenance(&told.audience, "m", AT(10 * NS_PER_MINUTE), AT(30 * NS_PER_MINUTE), AT(0),
                     "");
    audience_judge(&told.audience, AT(HOUR_NS));
    audience_reports(&told.audience, &after);
    cr_expect_str_eq(before.bytes, after.bytes);
    end(&told);
    text_buffer_fini(&before);
    text_buffer_fini(&after);
}

Test(evaluator, maintenance_can_be_moved_and_cancelled)
{
    struct told told;
    begin(&told, two);
    hear_an_hour(&told.audience);
    audience_judge(&told.audience, AT(HOUR_NS));
    hear_maintenance(&told.audience, "m", AT(10 * NS_PER_MINUTE), AT(30 * NS_PER_MINUTE), AT(1),
                     "");
    audience_judge(&told.audience, AT(HOUR_NS));
    hear_maintenance(&told.audience, "m", AT(10 * NS_PER_MINUTE), AT(20 * NS_PER_MINUTE), AT(2),
                     "");
    audience_judge(&told.audience, AT(HOUR_NS));
    cr_expect_eq(counts_of(&told.audience, POOLED).excluded_by[ASIDE_MAINTENANCE], 5);
    /* A word that is older than the last one changes nothing, whenever it arrives. */
    hear_maintenance(&told.audience, "m", AT(0), AT(HOUR_NS), AT(0), "");
    audience_judge(&told.audience, AT(HOUR_NS));
    cr_expect_eq(counts_of(&told.audience, POOLED).excluded_by[ASIDE_MAINTENANCE], 5);
    hear_maintenance(&told.audience, "m", AT(0), AT(HOUR_NS), AT(3), ",\"state\":\"cancelled\"");
    audience_judge(&told.audience, AT(HOUR_NS));
    struct request_counts counts = counts_of(&told.audience, POOLED);
    cr_expect_eq(counts.excluded_by[ASIDE_MAINTENANCE], 0);
    cr_expect_eq(counts.good, 40);
    cr_expect_eq(counts.bad, 20);
    end(&told);
}

/* Case X3: an outage second is excluded once. */
Test(evaluator, x3_overlapping_maintenance_is_a_union)
{
    struct told told;
    begin(&told, two);
    hear_maintenance(&told.audience, "m", AT(10 * NS_PER_MINUTE), AT(30 * NS_PER_MINUTE), AT(0),
                     "");
    hear_maintenance(&told.audience, "n", AT(20 * NS_PER_MINUTE), AT(40 * NS_PER_MINUTE), AT(0),
                     "");
    audience_judge(&told.audience, AT(HOUR_NS));
    struct objective_report report;
    audience_report(&told.audience, ACME_UP, &report);
    cr_expect_eq(report.time.excluded, (uint64_t)(30 * NS_PER_MINUTE));
    end(&told);
}

struct watcher {
    uint32_t calls;
    uint32_t series;
    struct measure window;
    enum alert_severity alert;
    uint64_t totals[3];
    int64_t at_ns;
};

static void note(void *context, uint32_t series, const struct objective_report *report,
                 const uint64_t totals[3])
{
    struct watcher *watcher = context;
    watcher->calls++;
    watcher->series = series;
    watcher->window = report->judgement.window;
    watcher->alert = report->judgement.alert;
    watcher->at_ns = report->at_ns;
    memcpy(watcher->totals, totals, sizeof(watcher->totals));
}

/* An evaluator of its own, with somebody who watches. */
static struct evaluator *watched(struct told *told, struct watcher *watcher)
{
    struct evaluator_settings settings = {
        .set = catalog_set(told->story.catalog),
        .names = told->audience.names,
        .history = fake_log_history(&told->audience.log),
        .shard_count = 1,
        .now_ns = STORY_START_NS,
        .max_future_ns = INT64_MAX,
        .retention_ns = INT64_MAX,
        .publish = note,
        .publish_context = watcher,
    };
    struct evaluator *evaluator;
    cr_assert_eq(evaluator_open(&evaluator, &settings), STATUS_OK);
    return evaluator;
}

static const char one[] = "agreement: a\nprovider: p\nservices: [web]\nobjectives:\n"
                          "  availability: {target: 99.9%, over: 30d, "
                          "alerts: [{severity: page, long: 1h, short: 5m, burn: 14.4}]}\n";

static struct batch *batch_of(struct told *told, uint32_t count, int64_t first_ns, int64_t step_ns,
                              const char *more)
{
    for (uint32_t i = 0; i < count; i++) {
        hear_request(&told->audience, first_ns + i * step_ns, "web", more);
    }
    intake_resolve_names(told->audience.batch, told->audience.names);
    return told->audience.batch;
}

Test(evaluator, publishes_changes_and_what_becomes_due)
{
    struct told told;
    struct watcher watcher = {0};
    begin(&told, one);
    struct evaluator *evaluator = watched(&told, &watcher);
    struct batch *batch = batch_of(&told, 3, AT(NS_PER_SECOND), 1, "");
    cr_assert_eq(evaluator_apply(evaluator, batch, AT(2 * NS_PER_SECOND)), STATUS_OK);
    cr_expect_eq(watcher.calls, 0, "nothing is shown before it is asked for");
    evaluator_publish(evaluator);
    cr_expect_eq(watcher.calls, 1, "one call for one series, whatever the number of events");
    cr_expect_eq(watcher.series, 0);
    cr_expect_eq(watcher.window.good, 3);
    cr_expect_eq(watcher.totals[0], 3);
    /* The shortest lookback (5 min) loses them first. */
    int64_t due_ns = evaluator_next_due(evaluator);
    cr_expect_eq(due_ns, AT(302 * NS_PER_SECOND));
    evaluator_advance(evaluator, due_ns - 1);
    cr_expect_eq(watcher.calls, 1);
    evaluator_advance(evaluator, due_ns);
    cr_expect_eq(watcher.calls, 2);
    cr_expect_eq(watcher.at_ns, due_ns);
    evaluator_close(evaluator);
    end(&told);
}

/* Case B5: 99.9 %, total outage under steady traffic: the page at 14.4 fires between 51.84 s
 * and 52.84 s. */
Test(evaluator, b5_an_outage_pages_within_a_second_of_the_truth)
{
    struct told told;
    struct watcher watcher = {0};
    begin(&told, one);
    struct evaluator *evaluator = watched(&told, &watcher);
    struct batch *batch =
        batch_of(&told, 3600, AT(0), NS_PER_SECOND, ",\"good\":100,\"total\":100");
    int64_t start_ns = AT(HOUR_NS);
    cr_assert_eq(evaluator_apply(evaluator, batch, start_ns), STATUS_OK);
    evaluator_publish(evaluator);
    int64_t fired_ns = 0;
    /* The same 100 requests a second, four in each 40 ms, all bad. */
    for (int64_t since_ns = 0; since_ns < 60 * NS_PER_SECOND && fired_ns == 0;
         since_ns += 40 * NS_PER_MS) {
        uint64_t position = batch->position + batch->event_count;
        batch_reset(batch);
        batch = batch_of(&told, 1, start_ns + since_ns, 1, ",\"good\":0,\"total\":4");
        batch->position = position;
        int64_t now_ns = start_ns + since_ns + 1;
        cr_assert_eq(evaluator_apply(evaluator, batch, now_ns), STATUS_OK);
        evaluator_publish(evaluator);
        fired_ns = watcher.alert == ALERT_PAGE ? now_ns - start_ns : 0;
    }
    cr_expect_geq(fired_ns, 51840 * NS_PER_MS);
    cr_expect_leq(fired_ns, 52840 * NS_PER_MS);
    evaluator_close(evaluator);
    end(&told);
}

/* Case B4: 15 % errors for 600 s on a 1 s clock: the page is on for T = 346 ... 871. */
Test(evaluator, b4_a_page_ends_when_the_short_lookback_is_over)
{
    struct told told;
    struct watcher watcher = {0};
    begin(&told, one);
    struct evaluator *evaluator = watched(&told, &watcher);
    uint64_t position = 0;
    int64_t on_ns = 0;
    int64_t off_ns = 0;
    int64_t start_ns = AT(2 * HOUR_NS);
    for (int64_t second = -3600; second < 1000; second++) {
        batch_reset(told.audience.batch);
        bool failing = second >= 0 && second < 600;
        char counted[48];
        snprintf(counted, sizeof(counted), ",\"good\":%d,\"total\":100", failing ? 85 : 100);
        struct batch *batch = batch_of(&told, 1, start_ns + second * NS_PER_SECOND, 1, counted);
        batch->position = position++;
        int64_t now_ns = start_ns + (second + 1) * NS_PER_SECOND;
        cr_assert_eq(evaluator_apply(evaluator, batch, now_ns), STATUS_OK);
        evaluator_publish(evaluator);
        bool pages = watcher.alert == ALERT_PAGE;
        on_ns = pages && on_ns == 0 ? now_ns - start_ns : on_ns;
        off_ns = pages ? now_ns - start_ns : off_ns;
    }
    cr_expect_eq(on_ns, 346 * NS_PER_SECOND, "%lld", (long long)(on_ns / NS_PER_SECOND));
    cr_expect_eq(off_ns, 871 * NS_PER_SECOND, "%lld", (long long)(off_ns / NS_PER_SECOND));
    evaluator_close(evaluator);
    end(&told);
}

Test(evaluator, figures_of_services_are_kept_by_the_first_shard)
{
    struct told told;
    begin_limited(&told, two, 2, INT64_MAX, INT64_MAX);
    hear_request(&told.audience, AT(5), "web", "");
    hear_request(&told.audience, AT(3), "web", ",\"status\":503");
    hear_request(&told.audience, AT(4), "web", ",\"outcome\":\"excluded\"");
    audience_judge(&told.audience, AT(HOUR_NS));
    const struct evaluator *first = told.audience.evaluators[0];
    for (uint32_t i = 0; i < evaluator_service_count(first); i++) {
        struct service_figures figures;
        evaluator_service(first, i, &figures);
        bool web = strcmp(figures.name, "web") == 0;
        cr_expect_eq(figures.good, web ? 1 : 0, "%s", figures.name);
        cr_expect_eq(figures.bad, web ? 1 : 0);
        cr_expect_eq(figures.excluded, web ? 1 : 0);
        cr_expect_eq(figures.last_event_ns, web ? AT(5) : TIME_NONE);
    }
    cr_expect_eq(evaluator_service_count(first), 2, "acme is a customer");
    end(&told);
}

Test(evaluator, a_service_that_is_heard_of_late_still_finds_its_agreements)
{
    struct told told;
    begin(&told, two);
    hear_maintenance(&told.audience, "m", AT(0), AT(10), AT(0), "");
    audience_judge(&told.audience, AT(1));
    hear_request(&told.audience, AT(5), "web", ",\"customer\":\"acme\"");
    hear_request(&told.audience, AT(15), "web", ",\"customer\":\"acme\"");
    audience_judge(&told.audience, AT(HOUR_NS));
    cr_expect_eq(counts_of(&told.audience, ACME).good, 1);
    cr_expect_eq(counts_of(&told.audience, ACME).excluded_by[ASIDE_MAINTENANCE], 1);
    end(&told);
}
