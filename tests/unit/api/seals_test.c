/* Sealed periods and their restatements, as a daemon tells them while months pass. */
#include "support/fake_clock.h"
#include "unit/api/client.h"

#define AGREEMENTS                                                                                 \
    "agreement: shop\n"                                                                            \
    "provider: us\n"                                                                               \
    "services: [web]\n"                                                                            \
    "over: month\n"                                                                                \
    "objectives:\n"                                                                                \
    "  availability: 99.9%\n"                                                                      \
    "  uptime: {method: uptime, target: 99%}\n"                                                    \
    "---\n"                                                                                        \
    "agreement: tokyo\n"                                                                           \
    "provider: us\n"                                                                               \
    "zone: Asia/Tokyo\n"                                                                           \
    "services: [web]\n"                                                                            \
    "over: month\n"                                                                                \
    "objectives:\n"                                                                                \
    "  availability: 99.9%\n"

#define JUNE "/v1/reports?period=2026-06&agreement=shop&objective="
#define BASE                                                                                       \
    "{\"service\":\"web\",\"ts\":\"2026-06-15T00:00:00Z\",\"good\":999100,\"total\":1000000}\n"
#define LATE "{\"service\":\"web\",\"ts\":\"2026-06-16T00:00:00Z\",\"good\":0,\"total\":%d}\n"
#define BREACH                                                                                     \
    "\"sli\":{\"numerator\":\"999100\",\"denominator\":\"1000200\",\"percent\":\"99.890022\"}"

static struct fake_clock fake;
static struct mini_engine engine;

static int64_t instant(const char *text)
{
    int64_t ns;
    cr_assert(civil_parse_time(text_from(text), &ns), "%s", text);
    return ns;
}

static void set_clock(const char *text)
{
    fake_clock_advance(&fake, instant(text) - atomic_load(&fake.realtime_ns));
}

static void open_engine(void)
{
    fake_clock_init(&fake, instant("2026-06-25T12:00:00Z"));
    struct mini_settings settings = {.agreements = AGREEMENTS, .clock = &fake.clock};
    mini_engine_open(&engine, &settings);
}

static void close_engine(void)
{
    mini_engine_close(&engine);
}

TestSuite(seals, .init = open_engine, .fini = close_engine, .timeout = 60);

static void say(const char *records)
{
    struct post_result result = mini_engine_post(&engine, records);
    cr_assert_eq(result.accepted, 1, "%s", records);
}

static void say_late(int count)
{
    char record[128];
    snprintf(record, sizeof(record), LATE, count);
    say(record);
}

/* What the daemon answers, without what follows the only report; the caller frees. */
static char *report_of(const char *objective)
{
    char target[160];
    snprintf(target, sizeof(target), JUNE "%s", objective);
    struct reply reply = get(engine.port, target);
    assert_status(reply, 200);
    char *body = strdup(reply.body);
    reply_free(&reply);
    return body;
}

static void expect_in(const char *objective, const char *held)
{
    char *report = report_of(objective);
    cr_expect_not_null(strstr(report, held), "no %s in: %s", held, report);
    free(report);
}

static void expect_not_in(const char *objective, const char *held)
{
    char *report = report_of(objective);
    cr_expect_null(strstr(report, held), "%s in: %s", held, report);
    free(report);
}

/* June of case R1, closed and sealed. */
static void close_june(void)
{
    say(BASE);
    set_clock("2026-07-04T00:00:00Z");
}

Test(seals, a_window_is_sealed_when_its_grace_is_over)
{
    say(BASE);
    set_clock("2026-07-03T23:59:59Z");
    say_late(1);
    expect_in("availability", "\"sealed\":false,\"restatements\":[]");
    expect_in("availability",
              "\"good\":999100,\"bad\":901,\"excluded\":0,\"out_of_scope\":0,\"late\":1,");
    set_clock("2026-07-04T00:00:00Z");
    expect_in("availability", "\"sealed\":true,\"sealed_at\":\"2026-07-04T00:00:00Z\","
                              "\"sealed_position\":2,\"restatements\":[]}");
}

Test(seals, late_events_restate_and_the_sealed_report_stays)
{
    close_june();
    set_clock("2026-07-05T10:30:00Z");
    say_late(200);
    expect_in("availability", "\"percent\":\"99.910000\"},\"coverage");
    expect_in("availability", "\"verdict\":\"met\",\"reason\":\"\",\"parts\":[]");
    expect_in("availability", "\"bad\":900,\"excluded\":0,\"out_of_scope\":0,\"late\":0,");
    expect_in("availability",
              "\"sealed_position\":1,\"restatements\":[{\"number\":1,\"cause\":\"late\","
              "\"causes\":[\"late\"],\"reason\":null,\"author\":null,\"position\":2,"
              "\"at\":\"2026-07-05T10:30:00Z\"," BREACH
              ",\"verdict\":\"breached\"}],\"restated\":{");
    expect_in("availability", "\"bad\":1100,\"excluded\":0,\"out_of_scope\":0,\"late\":200,");
}

Test(seals, one_restatement_an_hour_of_receipt)
{
    close_june();
    set_clock("2026-07-05T10:05:00Z");
    say_late(50);
    set_clock("2026-07-05T10:59:59Z");
    say_late(150);
    expect_in("availability", "\"at\":\"2026-07-05T10:59:59Z\"," BREACH);
    expect_not_in("availability", "\"number\":2");
    set_clock("2026-07-05T11:00:00Z");
    say_late(1);
    set_clock("2026-07-05T13:00:00Z");
    say("{\"service\":\"web\",\"ts\":\"2026-07-05T13:00:00Z\"}\n"); /* of another month */
    expect_in("availability",
              "\"number\":1,\"cause\":\"late\",\"causes\":[\"late\"],\"reason\":null,"
              "\"author\":null,\"position\":3,");
    expect_in("availability",
              "\"number\":2,\"cause\":\"late\",\"causes\":[\"late\"],\"reason\":null,"
              "\"author\":null,\"position\":4,\"at\":\"2026-07-05T11:00:00Z\"");
    expect_not_in("availability", "\"number\":3");
}

Test(seals, a_restart_gives_the_same_numbers)
{
    close_june();
    set_clock("2026-07-05T10:05:00Z");
    say_late(50);
    set_clock("2026-07-05T12:05:00Z");
    say_late(150);
    char *before = report_of("availability");
    mini_engine_stop(&engine);
    mini_engine_start(&engine);
    char *after = report_of("availability");
    cr_expect_str_eq(before, after);
    free(before);
    free(after);
}

Test(seals, an_exclusion_tells_reason_and_author)
{
    say("{\"kind\":\"incident\",\"id\":\"I\",\"service\":\"web\",\"ts\":\"2026-06-20T00:00:00Z\"}"
        "\n");
    say("{\"kind\":\"incident\",\"id\":\"I\",\"service\":\"web\",\"state\":\"resolved\","
        "\"ts\":\"2026-06-20T10:00:00Z\"}\n");
    set_clock("2026-07-05T10:05:00Z");
    say("{\"kind\":\"exclusion\",\"id\":\"X\",\"incident\":\"I\",\"reason\":\"third_party\","
        "\"author\":\"ann\"}\n");
    expect_in("uptime", "\"sealed\":true,");
    expect_in("uptime", "\"restatements\":[]");
    set_clock("2026-07-05T12:05:00Z");
    say("{\"kind\":\"exclusion\",\"id\":\"X\",\"state\":\"approved\"}\n");
    expect_in("uptime", "\"number\":1,\"cause\":\"exclusion\",\"causes\":[\"exclusion\"],"
                        "\"reason\":\"third_party\",\"author\":\"ann\",\"position\":4,");
    expect_in("uptime", "\"percent\":\"100.000000\"},\"verdict\":\"met\"}],\"restated\":{");
    set_clock("2026-07-06T12:05:00Z");
    say("{\"kind\":\"exclusion\",\"id\":\"X\",\"state\":\"withdrawn\",\"author\":\"bob\"}\n");
    expect_in("uptime", "\"number\":2,\"cause\":\"exclusion\",\"causes\":[\"exclusion\"],"
                        "\"reason\":\"third_party\",\"author\":\"bob\",\"position\":5,");
}

Test(seals, every_change_is_laid_at_its_own_door)
{
    say("{\"service\":\"web\",\"id\":\"r\",\"status\":500,\"ts\":\"2026-06-15T00:00:00Z\"}\n");
    set_clock("2026-07-05T10:05:00Z");
    say("{\"kind\":\"outcome\",\"of\":\"r\",\"outcome\":\"good\",\"reason\":\"it was there\"}\n");
    say_late(3);
    expect_in("availability",
              "\"number\":1,\"cause\":\"outcome\",\"causes\":[\"late\",\"outcome\"],"
              "\"reason\":\"it was there\",\"author\":null,");
    set_clock("2026-07-05T11:05:00Z");
    say("{\"kind\":\"maintenance\",\"id\":\"m\",\"service\":\"web\",\"start\":\"2026-06-16T00:00:"
        "00Z\","
        "\"end\":\"2026-06-16T01:00:00Z\",\"reason\":\"forgotten\",\"author\":\"eve\"}\n");
    expect_in("availability", "\"number\":2,\"cause\":\"maintenance\",\"causes\":[\"maintenance\"],"
                              "\"reason\":\"forgotten\",\"author\":\"eve\",");
    expect_in("uptime", "\"number\":1,\"cause\":\"maintenance\"");
    set_clock("2026-07-05T12:05:00Z");
    say("{\"kind\":\"incident\",\"id\":\"I\",\"service\":\"web\",\"ts\":\"2026-06-20T00:00:00Z\"}"
        "\n");
    expect_in("uptime", "\"number\":2,\"cause\":\"incident\",\"causes\":[\"incident\"]");
    expect_not_in("availability", "\"number\":3");
}

Test(seals, what_cancels_out_within_an_hour_leaves_no_trace)
{
    close_june();
    set_clock("2026-07-05T10:05:00Z");
    say("{\"kind\":\"maintenance\",\"id\":\"m\",\"service\":\"web\",\"start\":\"2026-06-15T00:00:"
        "00Z\","
        "\"end\":\"2026-06-15T01:00:00Z\"}\n");
    expect_in("availability", "\"number\":1,\"cause\":\"maintenance\"");
    set_clock("2026-07-05T10:55:00Z");
    say("{\"kind\":\"maintenance\",\"id\":\"m\",\"state\":\"cancelled\"}\n");
    expect_in("availability", "\"sealed_position\":1,\"restatements\":[]}");
}

Test(seals, each_agreement_is_sealed_by_its_own_zone)
{
    say(BASE);
    set_clock("2026-07-03T15:00:00Z"); /* three days after June was over in Tokyo */
    struct reply reply = get(engine.port, "/v1/reports?period=2026-06&objective=availability");
    assert_status(reply, 200);
    const char *tokyo = strstr(reply.body, "\"agreement\":\"tokyo\"");
    cr_assert_not_null(tokyo);
    cr_expect_not_null(strstr(tokyo, "\"sealed\":true,\"sealed_at\":\"2026-07-03T15:00:00Z\""));
    const char *shop = strstr(reply.body, "\"agreement\":\"shop\"");
    cr_assert_not_null(shop);
    cr_expect_not_null(strstr(shop, "\"sealed\":false"));
    reply_free(&reply);
}

Test(seals, history_brought_in_has_its_grace_from_the_first_start)
{
    set_clock("2026-06-26T12:00:00Z");
    say("{\"service\":\"web\",\"ts\":\"2026-03-10T12:00:00Z\"}\n");
    static const char march[] = "/v1/reports?period=2026-03&agreement=shop&objective=availability";
    struct reply reply = get(engine.port, march);
    assert_holds(reply, "\"good\":1,\"bad\":0,\"excluded\":0,\"out_of_scope\":0,\"late\":1,");
    assert_holds(reply, "\"sealed\":false,\"restatements\":[]");
    reply_free(&reply);
    set_clock("2026-06-28T12:00:00Z");
    say("{\"service\":\"web\",\"status\":500,\"ts\":\"2026-03-10T12:00:01Z\"}\n");
    reply = get(engine.port, march);
    assert_holds(reply, "\"good\":1,\"bad\":0,\"excluded\":0,\"out_of_scope\":0,\"late\":1,");
    assert_holds(reply, "\"sealed_at\":\"2026-06-28T12:00:00Z\",\"sealed_position\":1,"
                        "\"restatements\":[{\"number\":1,\"cause\":\"late\"");
    reply_free(&reply);
}

Test(seals, evidence_is_of_the_sealed_figure)
{
    close_june();
    set_clock("2026-07-05T10:05:00Z");
    say_late(200);
    struct reply reply = get(engine.port, "/v1/reports/shop/availability/evidence?period=2026-06");
    assert_status(reply, 200);
    assert_holds(reply, "{\"position\":1,");
    assert_holds(reply, "\"figure\":{\"unit\":\"requests\",\"bad\":900,\"good\":999100,");
    reply_free(&reply);
}

Test(seals, a_clock_that_steps_back_changes_nothing)
{
    close_june();
    set_clock("2026-07-05T10:05:00Z");
    say_late(100);
    fake_clock_set_realtime(&fake, instant("2026-07-01T08:00:00Z"));
    say_late(100);
    fake_clock_set_realtime(&fake, instant("2026-07-05T10:50:00Z"));
    expect_in("availability", "\"sealed_position\":1,\"restatements\":[{\"number\":1,");
    expect_in("availability", "\"at\":\"2026-07-05T10:05:00Z\"," BREACH);
    expect_not_in("availability", "\"number\":2");
}
