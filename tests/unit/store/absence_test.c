/* When the engine was not running: the bytes, the bound, and that the log carries it. */
#include "base/hash.h"
#include "store/absence_record.h"
#include "store_fixture.h"

#define SECOND INT64_C(1000000000)

static struct fixture fixture;
static struct plan plan;
static struct batch *batch;
static struct span_set set;

static void setup(void)
{
    fixture_begin(&fixture);
    plan = (struct plan){.seed = 1};
    batch = batch_new();
    set = (struct span_set){0};
}

static void teardown(void)
{
    span_set_fini(&set);
    batch_delete(batch);
    fixture_end(&fixture);
}

TestSuite(absence, .init = setup, .fini = teardown);

static void note(int64_t start_ns, int64_t end_ns)
{
    enum status status =
        store_note_absence(fixture.store, (struct span){start_ns, end_ns}, fixture.message);
    cr_assert_eq(status, STATUS_OK, "%s: %s", status_text(status), fixture.message);
    absences_add(&set, (struct span){start_ns, end_ns});
}

static void expect_noted(void)
{
    cr_assert(span_set_equal(store_absences(fixture.store), &set));
}

Test(absence, the_bytes_stand_where_the_header_says)
{
    uint8_t value[ABSENCE_RECORD_SIZE(2)];
    absences_add(&set, (struct span){1, 0x0102});
    absences_add(&set, (struct span){0x0103, INT64_MAX});
    absence_record_encode(&set, value);
    cr_assert_eq(sizeof(value), 48);
    cr_assert_eq(
        memcmp(value, "\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\1\0\0\0\0\0\0\3\1\0\0\0\0\0\0", 32), 0);
    cr_assert_eq(load_u64(value + 32), INT64_MAX);
    cr_assert_eq(load_u64(value + 40), hash_checksum(value, 40));
    struct span_set read = {0};
    cr_assert_eq(absence_record_decode(value, sizeof(value), &read), STATUS_OK);
    cr_assert(span_set_equal(&read, &set));
    span_set_fini(&read);
}

Test(absence, a_flipped_bit_is_damage_and_changes_nothing)
{
    uint8_t value[ABSENCE_RECORD_SIZE(1)];
    struct span_set read = {0};
    span_set_add(&read, (struct span){7, 8});
    absences_add(&set, (struct span){1, 2});
    for (size_t bit = 0; bit < sizeof(value) * 8; bit++) {
        absence_record_encode(&set, value);
        value[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert_eq(absence_record_decode(value, sizeof(value), &read), STATUS_DAMAGED);
        cr_assert(read.count == 1 && read.spans[0].start_ns == 7);
    }
    cr_assert_eq(absence_record_decode(value, 15, &read), STATUS_DAMAGED);
    span_set_fini(&read);
}

/* Whole in its checksum, and yet not what is ever written. */
Test(absence, empty_or_overlapping_ones_are_damage)
{
    static const struct span bad[][2] = {{{1, 1}, {2, 3}}, {{5, 4}, {6, 7}}, {{1, 3}, {2, 4}}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t value[ABSENCE_RECORD_SIZE(2)];
        struct span spans[2] = {bad[i][0], bad[i][1]};
        struct span_set written = {.spans = spans, .count = 2};
        absence_record_encode(&written, value);
        cr_assert_eq(absence_record_decode(value, sizeof(value), &set), STATUS_DAMAGED);
    }
}

Test(absence, beyond_the_bound_the_nearest_two_become_one)
{
    for (int64_t i = 0; i < ABSENCES_MAX; i++) {
        absences_add(&set, (struct span){i * 100, i * 100 + (i == 7 ? 95 : 90)});
    }
    absences_add(&set, (struct span){ABSENCES_MAX * 100, ABSENCES_MAX * 100 + 1});
    cr_assert_eq(set.count, ABSENCES_MAX);
    cr_assert(set.spans[7].start_ns == 700 && set.spans[7].end_ns == 890);
    cr_assert(set.spans[8].start_ns == 900);
    cr_assert_eq(set.spans[ABSENCES_MAX - 1].start_ns, ABSENCES_MAX * 100);
}

Test(absence, a_new_directory_has_none)
{
    fixture_open(&fixture);
    expect_noted();
    fixture_reopen(&fixture);
    expect_noted();
    fixture_verify(&fixture);
}

Test(absence, it_lasts_and_takes_neither_position_nor_counter)
{
    struct store_info before;
    struct store_info after;
    struct store_counters counters;
    fixture_open(&fixture);
    plan_commit(&plan, &fixture, batch, 5, 7);
    store_info(fixture.store, &before);
    note(FIXTURE_NOW_NS, FIXTURE_NOW_NS + 1);
    note(FIXTURE_NOW_NS + 2, FIXTURE_NOW_NS + SECOND);
    fixture_reopen(&fixture);
    expect_noted();
    cr_assert_eq(store_absent_ns(fixture.store), SECOND - 1);
    store_info(fixture.store, &after);
    store_counters(fixture.store, &counters);
    cr_assert_eq(before.position_next, after.position_next);
    cr_assert_eq(counters.stored, 5);
    cr_assert_eq(counters.received, 5);
    plan_commit(&plan, &fixture, batch, 5, 7);
    plan_compare(&plan, &fixture);
    fixture_verify(&fixture);
}

/* One that begins where the last one ended (a start that failed) is the same absence. */
Test(absence, touching_ones_are_one)
{
    fixture_open(&fixture);
    note(10, 20);
    note(20, 30);
    cr_assert_eq(store_absences(fixture.store)->count, 1);
    fixture_reopen(&fixture);
    expect_noted();
}

Test(absence, a_new_segment_knows_those_before_it)
{
    struct store_info info;
    fixture.settings.segment_bytes_first = 1 << 20;
    fixture.settings.segment_bytes_max = 1 << 20;
    fixture_open(&fixture);
    for (int64_t i = 0; i < ABSENCES_MAX; i++) {
        absences_add(&set, (struct span){i * 10, i * 10 + 1});
    }
    for (uint32_t i = 0; i < ABSENCES_MAX; i += 64) { /* large enough for pages of its own */
        note((ABSENCES_MAX + i) * 10, (ABSENCES_MAX + i) * 10 + 5);
    }
    span_set_copy(&set, store_absences(fixture.store));
    for (uint32_t i = 0; i < 6; i++) {
        plan_commit(&plan, &fixture, batch, BATCH_EVENTS_MAX, 0);
    }
    store_info(fixture.store, &info);
    cr_assert_gt(info.segment_count, 2);
    expect_noted();
    fixture_reopen(&fixture);
    expect_noted();
    plan_compare(&plan, &fixture);
    fixture_verify(&fixture);
}
