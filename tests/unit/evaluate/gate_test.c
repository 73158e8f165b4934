/* A request that a gate counts is counted as one that takes the long way: at each edge of what the
 * gate's stretch is made of, with what is read between two requests of one second. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "support/story.h"

#define SECONDS(n)    ((n)*NS_PER_SECOND)
#define MINUTES(n)    SECONDS(INT64_C(60) * (n))
#define AT(offset_ns) (STORY_START_NS + (offset_ns))

struct told {
    struct story story;
    struct audience audience;
};

static void begin(struct told *told, const char *agreements)
{
    story_init(&told->story, agreements);
    audience_init(&told->audience, &told->story, 1, INT64_MAX, INT64_MAX);
}

static void end(struct told *told)
{
    audience_fini(&told->audience);
    story_fini(&told->story);
}

static void hear(struct told *told, int64_t ns, const char *more)
{
    char line[STORY_LINE_SIZE];
    char time[32];
    snprintf(line, sizeof(line), "{\"service\":\"web\",\"ts\":%s%s}", story_time(ns, time), more);
    audience_hear(&told->audience, line);
}

static struct request_counts counts_of(struct told *told, uint32_t series)
{
    struct objective_report report;
    audience_report(&told->audience, series, &report);
    return report.counts;
}

/* Three requests on either side of the edge, which lies within a second: the gate is open when the
 * edge comes. */
static void hear_around(struct told *told, int64_t edge_ns, const char *more)
{
    for (int64_t i = -3; i < 3; i++) {
        hear(told, edge_ns + i, more);
    }
}

/* 00:10:00.25 and 00:20:00.75 of the story's day. */
static const char term[] =
    "agreement: a\nprovider: p\nservices: [web]\n"
    "term: {from: \"2026-06-01T00:10:00.25Z\", to: \"2026-06-01T00:20:00.75Z\"}\n"
    "objectives:\n  o: {target: 99%, over: 2h}\n"
    "  whole: {target: 99%, over: term}\n";

Test(gate, the_term_cuts_a_second)
{
    struct told told;
    begin(&told, term);
    hear_around(&told, AT(MINUTES(10) + NS_PER_SECOND / 4), ",\"status\":500");
    hear_around(&told, AT(MINUTES(20) + 3 * NS_PER_SECOND / 4), "");
    audience_judge(&told.audience, AT(MINUTES(30)));
    for (uint32_t i = 0; i < 2; i++) {
        struct request_counts counts = counts_of(&told, i);
        cr_expect_eq(counts.good, 3);
        cr_expect_eq(counts.bad, 3);
        cr_expect_eq(counts.late, i == 1 ? 6 : 0, "all of it came in after the term's end");
    }
    cr_expect_eq(counts_of(&told, 0).excluded_by[ASIDE_TERM], 6);
    end(&told);
}

/* The gate was opened by what came in time. */
Test(gate, what_is_received_after_the_term_is_late)
{
    struct told told;
    begin(&told, "agreement: a\nprovider: p\nservices: [web]\n"
                 "term: {from: \"2026-06-01T00:10:00Z\", to: \"2026-06-01T00:20:00Z\"}\n"
                 "objectives:\n  whole: {target: 99%, over: term}\n");
    int64_t ns = AT(MINUTES(15) + 100);
    hear_around(&told, ns, "");
    audience_judge(&told.audience, ns + 100);
    hear_around(&told, ns, "");
    audience_judge(&told.audience, AT(MINUTES(30)));
    cr_expect_eq(counts_of(&told, 0).good, 12);
    cr_expect_eq(counts_of(&told, 0).late, 6);
    end(&told);
}

Test(gate, hours_end_where_they_end)
{
    struct told told;
    begin(&told, "agreement: a\nprovider: p\nservices: [web]\n"
                 "hours: \"Mon-Sun 00:10-00:20\"\n"
                 "objectives:\n  o: {target: 99%, over: 2h}\n");
    hear_around(&told, AT(MINUTES(10)), "");
    hear_around(&told, AT(MINUTES(20)), "");
    audience_judge(&told.audience, AT(MINUTES(30)));
    cr_expect_eq(counts_of(&told, 0).good, 6);
    cr_expect_eq(counts_of(&told, 0).excluded_by[ASIDE_HOURS], 6);
    end(&told);
}

static const char plain[] = "agreement: a\nprovider: p\nservices: [web]\n"
                            "objectives:\n  o: {target: 99%, over: 2h}\n"
                            "  fast: {target: 99%, over: 2h, good: {latency: \"<100ms\"}}\n"
                            "  up: {method: uptime, target: 99%, over: 2h}\n";

Test(gate, a_mask_comes_while_the_second_is_under_way)
{
    struct told told;
    begin(&told, plain);
    int64_t edge_ns = AT(MINUTES(10) + NS_PER_SECOND / 2);
    hear_around(&told, edge_ns, ",\"latency_ms\":50");
    audience_judge(&told.audience, edge_ns + 10);
    audience_hear(&told.audience,
                  "{\"kind\":\"maintenance\",\"id\":\"m\",\"service\":\"web\","
                  "\"start\":\"2026-06-01T00:10:00.5Z\",\"end\":\"2026-06-01T00:11:00.5Z\","
                  "\"ts\":\"2026-06-01T00:00:00Z\",\"reason\":\"r\",\"author\":\"a\"}");
    audience_judge(&told.audience, edge_ns + 10);
    hear_around(&told, edge_ns, ",\"latency_ms\":50");
    hear_around(&told, edge_ns + MINUTES(1), ",\"latency_ms\":500");
    audience_judge(&told.audience, AT(MINUTES(30)));
    for (uint32_t i = 0; i < 2; i++) {
        struct request_counts counts = counts_of(&told, i);
        cr_expect_eq(counts.excluded_by[ASIDE_MAINTENANCE], 9);
        cr_expect_eq(counts.good + counts.bad, 9);
        cr_expect_eq(counts.bad, i == 1 ? 3 : 0);
    }
    end(&told);
}

Test(gate, what_the_sender_sets_aside_or_counts_passes_it_by)
{
    struct told told;
    begin(&told, plain);
    int64_t ns = AT(MINUTES(10));
    hear(&told, ns, "");
    hear(&told, ns, ",\"scope\":\"out\"");
    hear(&told, ns, ",\"outcome\":\"excluded\"");
    hear(&told, ns, ",\"outcome\":\"bad\",\"status\":200");
    hear(&told, ns, ",\"good\":5,\"total\":7,\"latency_ms\":99");
    audience_judge(&told.audience, AT(MINUTES(30)));
    struct request_counts counts = counts_of(&told, 0);
    cr_expect_eq(counts.good, 6);
    cr_expect_eq(counts.bad, 3);
    cr_expect_eq(counts.out_of_scope, 1);
    cr_expect_eq(counts.excluded_by[ASIDE_SENDER], 1);
    counts = counts_of(&told, 1);
    cr_expect_eq(counts.good, 5, "the others have no latency");
    cr_expect_eq(counts.bad, 4);
    end(&told);
}

Test(gate, only_the_agreement_s_customer_counts)
{
    struct told told;
    begin(&told, "agreement: acme\nprovider: p\ncustomer: acme\nservices: [web]\n"
                 "objectives:\n  o: {target: 99%, over: 2h}\n");
    for (int64_t i = 0; i < 4; i++) {
        hear(&told, AT(MINUTES(10) + i), ",\"customer\":\"acme\"");
        hear(&told, AT(MINUTES(10) + i), ",\"customer\":\"other\"");
        hear(&told, AT(MINUTES(10) + i), "");
    }
    audience_judge(&told.audience, AT(MINUTES(30)));
    cr_expect_eq(counts_of(&told, 0).good, 4);
    end(&told);
}

/* A calendar hour ends while its last second is still in the gate. */
Test(gate, a_window_that_ends_takes_its_last_second_along)
{
    struct told told;
    begin(&told, "agreement: a\nprovider: p\nservices: [web]\n"
                 "objectives:\n  o: {target: 99%, over: day}\n");
    int64_t midnight_ns = AT(24 * MINUTES(60));
    hear_around(&told, midnight_ns, "");
    audience_judge(&told.audience, midnight_ns + 10);
    cr_expect_eq(counts_of(&told, 0).good, 3, "those of the new day");
    end(&told);
}
