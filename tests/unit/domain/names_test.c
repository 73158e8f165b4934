/* The name table, match rules, and the way from records to events. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "domain/intake.h"
#include "support/fake_log.h"

#define HASH_KEY 3

static const struct match_rules no_rules = {0};

static struct name_table *open_names(uint32_t names_max)
{
    struct name_table *names;
    cr_assert_eq(name_table_open(&names, names_max, HASH_KEY), STATUS_OK);
    return names;
}

Test(name_table, a_name_has_one_number)
{
    struct name_table *names = open_names(100);
    uint32_t web;
    uint32_t api;
    uint32_t again;
    cr_expect_eq(name_find(names, TEXT("web")), NAME_NONE);
    cr_assert_eq(name_add(names, TEXT("web"), &web), STATUS_OK);
    cr_assert_eq(name_add(names, TEXT("api"), &api), STATUS_OK);
    cr_assert_eq(name_add(names, TEXT("web"), &again), STATUS_OK);
    cr_expect_eq(web, again);
    cr_expect_neq(web, api);
    cr_expect_eq(name_count(names), 2);
    cr_expect_eq(name_find(names, TEXT("api")), api);
    cr_expect(text_is(name_text(names, web), "web"));
    cr_expect_eq(name_text(names, NAME_NONE).length, 0);
    cr_expect_eq(name_text(names, 3).length, 0);
    name_table_close(names);
}

Test(name_table, full_of_the_longest_names_it_still_finds_them)
{
    enum { NAMES = 500 };
    struct name_table *names = open_names(NAMES);
    char text[NAME_BYTES_MAX + 1];
    uint32_t name;
    for (uint32_t i = 0; i < NAMES; i++) {
        snprintf(text, sizeof(text), "%0128u", i);
        cr_assert_eq(name_add(names, text_from(text), &name), STATUS_OK);
    }
    cr_expect_eq(name_add(names, TEXT("more"), &name), STATUS_FULL);
    cr_expect_eq(name_add(names, text_from(text), &name), STATUS_OK, "known ones are no more");
    cr_expect_eq(name_count(names), NAMES);
    cr_expect_eq(name_find(names, TEXT("more")), NAME_NONE);
    for (uint32_t i = 0; i < NAMES; i++) {
        snprintf(text, sizeof(text), "%0128u", i);
        cr_assert_eq(name_find(names, text_from(text)), i + 1);
    }
    name_table_close(names);
}

Test(glob, stars_and_question_marks)
{
    cr_expect(glob_matches("", TEXT("")));
    cr_expect(glob_matches("*", TEXT("")));
    cr_expect(glob_matches("*.example", TEXT("shop.example")));
    cr_expect(glob_matches("a*b*c", TEXT("a-b-b-c")));
    cr_expect(glob_matches("?x", TEXT("ax")));
    cr_expect_not(glob_matches("?", TEXT("")));
    cr_expect_not(glob_matches("a*b", TEXT("abc")));
    cr_expect_not(glob_matches("Shop", TEXT("shop")));
}

Test(match, the_first_rule_that_holds_names_the_service)
{
    static const struct match_rule rules[] = {
        {.host = "shop.*", .path = "/pay*", .target = "payment"},
        {.host = "shop.*", .target = "shop"},
        {.tag = "haproxy", .target = "edge"},
        {.service = "old-*", .target = "new"},
    };
    struct match_rules set = {rules, 4};
    struct record record;
    record_init(&record);
    record.service = TEXT("own");
    cr_expect(text_is(match_service(&set, &record), "own"));
    record.host = TEXT("shop.example");
    cr_expect(text_is(match_service(&set, &record), "shop"), "no path: the first rule cannot hold");
    record.path = TEXT("/payments");
    cr_expect(text_is(match_service(&set, &record), "payment"));
    record.host = TEXT("other");
    record.tag = TEXT("haproxy");
    cr_expect(text_is(match_service(&set, &record), "edge"));
    record.tag = TEXT_NONE;
    record.service = TEXT("old-shop");
    cr_expect(text_is(match_service(&set, &record), "new"));
}

static enum status take(struct batch *batch, const struct record *record,
                        const struct name_table *names)
{
    return intake_record(batch, record, names, &no_rules, HASH_KEY, 1000);
}

static struct record request(const char *service, const char *id)
{
    struct record record;
    record_init(&record);
    record.service = text_from(service);
    record.id = text_from(id);
    return record;
}

Test(intake, names_become_numbers)
{
    struct name_table *names = open_names(100);
    struct batch *batch = batch_new();
    uint32_t web;
    cr_assert_eq(name_add(names, TEXT("web"), &web), STATUS_OK);
    struct record known = request("web", "1");
    struct record fresh = request("api", "1");
    fresh.customer = TEXT("acme");
    fresh.occurred_ns = 7;
    fresh.status = 503;
    cr_assert_eq(take(batch, &known, names), STATUS_OK);
    cr_assert_eq(take(batch, &fresh, names), STATUS_OK);
    cr_assert_eq(take(batch, &fresh, names), STATUS_OK);
    cr_expect_eq(batch->events[0].service, web);
    cr_expect_eq(batch->events[0].occurred_ns, 1000, "the time of receipt");
    cr_expect_eq(batch->events[1].occurred_ns, 7);
    cr_expect_eq(batch->events[1].service, NAME_NEW_BIT | 0);
    cr_expect_eq(batch->new_name_count, 2, "a new name travels once");
    intake_resolve_names(batch, names);
    cr_expect_eq(batch->new_name_count, 0);
    cr_expect(text_is(name_text(names, batch->events[1].service), "api"));
    cr_expect(text_is(name_text(names, batch->events[1].customer), "acme"));
    cr_expect_eq(batch->events[2].service, batch->events[1].service);
    cr_expect_eq(batch->events[1].status, 503);
    batch_delete(batch);
    name_table_close(names);
}

Test(intake, an_id_counts_per_service)
{
    struct name_table *names = open_names(100);
    struct batch *batch = batch_new();
    struct record records[] = {request("web", "1"), request("web", "1"), request("api", "1"),
                               request("web", "2"), request("web", "")};
    for (uint32_t i = 0; i < 5; i++) {
        cr_assert_eq(take(batch, &records[i], names), STATUS_OK);
    }
    const struct event *events = batch->events;
    cr_expect_eq(events[0].fingerprint, events[1].fingerprint);
    cr_expect_neq(events[0].fingerprint, events[2].fingerprint);
    cr_expect_neq(events[0].fingerprint, events[3].fingerprint);
    cr_expect_eq(events[4].fingerprint, 0);
    batch_delete(batch);
    name_table_close(names);
}

/* SEMANTICS section 10: (kind, source, id, state, time). */
Test(intake, what_has_a_life_is_known_by_kind_source_id_state_and_time)
{
    struct name_table *names = open_names(100);
    struct batch *batch = batch_new();
    struct record base = request("web", "INC-1");
    base.kind = EVENT_INCIDENT;
    base.state = INCIDENT_STATE_OPEN;
    base.occurred_ns = 5;
    base.source = TEXT("pager");
    struct record others[7];
    for (uint32_t i = 0; i < 7; i++) {
        others[i] = base;
    }
    others[1].service = TEXT("api"); /* the same event, said of another service */
    others[2].kind = EVENT_MAINTENANCE;
    others[3].source = TEXT("human");
    others[4].id = TEXT("INC-2");
    others[5].state = INCIDENT_STATE_RESOLVED;
    others[6].occurred_ns = 6;
    for (uint32_t i = 0; i < 7; i++) {
        cr_assert_eq(take(batch, &others[i], names), STATUS_OK);
    }
    cr_expect_eq(batch->events[0].fingerprint, batch->events[1].fingerprint);
    for (uint32_t i = 2; i < 7; i++) {
        cr_expect_neq(batch->events[0].fingerprint, batch->events[i].fingerprint, "%u", i);
    }
    batch_delete(batch);
    name_table_close(names);
}

Test(intake, rare_fields_come_back)
{
    struct name_table *names = open_names(100);
    struct batch *batch = batch_new();
    struct record record = request("web", "INC-1");
    record.kind = EVENT_INCIDENT;
    record.services[0] = TEXT("web");
    record.services[1] = TEXT("api");
    record.services[2] = TEXT("db");
    record.service_count = 3;
    record.components[0] = TEXT("rack-7");
    record.component_count = 1;
    record.started_at_ns = -5;
    record.start_ns = 6;
    record.end_ns = INT64_MAX;
    record.title = TEXT("it is down");
    record.author = TEXT("me");
    cr_assert_eq(take(batch, &record, names), STATUS_OK);
    intake_resolve_names(batch, names);
    struct text extra = batch_extra(batch, &batch->events[0]);
    struct text value;
    cr_expect_eq(event_extra_time(extra, EXTRA_STARTED_AT), -5);
    cr_expect_eq(event_extra_time(extra, EXTRA_START), 6);
    cr_expect_eq(event_extra_time(extra, EXTRA_END), INT64_MAX);
    cr_expect(event_extra_find(extra, EXTRA_TITLE, &value) && text_is(value, "it is down"));
    cr_expect(event_extra_find(extra, EXTRA_AUTHOR, &value) && text_is(value, "me"));
    cr_expect_not(event_extra_find(extra, EXTRA_REASON, &value));
    static const char *const more[] = {"api", "db"};
    uint32_t at = 0;
    uint32_t found = 0;
    enum extra_tag tag;
    while (event_extra_next(extra, &at, &tag, &value)) {
        if (tag == EXTRA_SERVICE) {
            uint32_t name = load_u32((const uint8_t *)value.bytes);
            cr_expect(text_is(name_text(names, name), more[found++]));
        }
    }
    cr_expect_eq(found, 2, "the first stands in the event itself");
    cr_expect(text_is(name_text(names, batch->events[0].service), "web"));
    cr_expect(text_is(name_text(names, batch->events[0].subject), "INC-1"));
    batch_delete(batch);
    name_table_close(names);
}

Test(intake, a_long_string_is_cut_and_a_damaged_run_ends_the_walk)
{
    struct name_table *names = open_names(100);
    struct batch *batch = batch_new();
    char title[400];
    memset(title, 'x', sizeof(title));
    struct record record = request("web", "INC-1");
    record.kind = EVENT_INCIDENT;
    record.title = (struct text){title, sizeof(title)};
    cr_assert_eq(take(batch, &record, names), STATUS_OK);
    struct text extra = batch_extra(batch, &batch->events[0]);
    struct text value;
    cr_assert(event_extra_find(extra, EXTRA_TITLE, &value));
    cr_expect_eq(value.length, 255);
    extra.length -= 1;
    cr_expect_not(event_extra_find(extra, EXTRA_TITLE, &value));
    cr_expect_eq(event_extra_time(extra, EXTRA_START), TIME_NONE);
    batch_delete(batch);
    name_table_close(names);
}

Test(intake, a_record_that_does_not_fit_leaves_nothing_behind)
{
    struct name_table *names = open_names(100);
    struct batch *batch = batch_new();
    struct record record = request("a-new-service", "INC-1");
    record.kind = EVENT_INCIDENT;
    record.customer = TEXT("a-new-customer");
    record.title = TEXT("does not fit");
    batch->text_length = BATCH_TEXT_MAX - 40; /* room for the names, not for the rest */
    struct batch *before = batch_clone(batch);
    cr_expect_eq(take(batch, &record, names), STATUS_FULL);
    cr_expect_eq(batch->event_count, before->event_count);
    cr_expect_eq(batch->text_length, before->text_length);
    cr_expect_eq(batch->new_name_count, before->new_name_count);
    batch_reset(batch);
    batch->event_count = BATCH_EVENTS_MAX;
    cr_expect_eq(take(batch, &record, names), STATUS_FULL);
    cr_expect_eq(batch->new_name_count, 0);
    batch_delete(before);
    batch_delete(batch);
    name_table_close(names);
}

Test(intake, a_full_table_of_names_drops_only_the_event_that_needs_one)
{
    struct name_table *names = open_names(1);
    struct batch *batch = batch_new();
    struct record records[] = {request("web", "1"), request("api", "2"), request("web", "3")};
    struct record incident = request("web", "INC-1");
    incident.kind = EVENT_INCIDENT;
    for (uint32_t i = 0; i < 3; i++) {
        cr_assert_eq(take(batch, &records[i], names), STATUS_OK);
    }
    cr_assert_eq(take(batch, &incident, names), STATUS_OK);
    intake_resolve_names(batch, names);
    cr_expect_eq(batch->event_count, 2);
    cr_expect_eq(batch->rejected[REJECT_NAMES_FULL], 2);
    for (uint32_t i = 0; i < batch->event_count; i++) {
        cr_expect(text_is(name_text(names, batch->events[i].service), "web"));
    }
    batch_delete(batch);
    name_table_close(names);
}

Test(vocabulary, every_word_is_its_own_value)
{
    for (uint32_t i = 0; i < EVENT_KIND_COUNT; i++) {
        cr_expect_eq(event_kind_from(text_from(event_kind_word(i))), (int)i);
    }
    for (uint32_t i = 1; i < INCIDENT_STATE_COUNT; i++) {
        cr_expect_eq(incident_state_from(text_from(incident_state_word(i))), (int)i);
    }
    for (uint32_t i = 1; i < SEVERITY_COUNT; i++) {
        cr_expect_eq(severity_from(text_from(severity_word(i))), (int)i);
    }
    cr_expect_eq(outcome_from(TEXT("")), -1);
    cr_expect_eq(outcome_from(TEXT("GOOD")), -1);
    for (uint32_t i = 0; i < REJECT_COUNT; i++) {
        cr_expect_gt(strlen(reject_word(i)), 0);
        cr_expect_gt(strlen(reject_text(i)), 0);
    }
}
