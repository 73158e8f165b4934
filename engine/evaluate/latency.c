#include "evaluate/latency.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "domain/sketch.h"

#define STAGED_FIRST  4
#define STAGED_LITTLE 32
#define STAGED_MAX    512

/* A staged request: the row (from the epoch, plus 2^39) in 40 bits, the bucket in 16, how many in 8.
 */
#define KEY_ROW_SHIFT    24
#define KEY_BUCKET_SHIFT 8
#define KEY_WEIGHT_MAX   255
#define KEY_ROW_BIAS     (INT64_C(1) << 39)

_Static_assert(SKETCH_BUCKETS <= 1 << 16, "a bucket fits a key");

struct latency_row {
    int64_t index; /* from the epoch */
    struct sketch sketch;
};

struct latency {
    int64_t row_ns; /* 0: all in one */
    /* The row that was asked for last, and its part of a key: requests come about in order. */
    struct span known;
    uint64_t known_key;
    uint64_t *staged;
    uint32_t staged_count;
    uint32_t staged_size;
    struct latency_row *rows; /* rising */
    uint32_t row_count;
    uint32_t row_size;
    int64_t first_index; /* rows before it have left the window */
    struct sketch older; /* of all rows but the last */
    int64_t start_ns;    /* of a window that stands still: another one begins empty */
};

static bool hold_the_same(const struct objective *a, const struct objective *b, bool is_asked)
{
    return a->method == METHOD_OCCURRENCES && !a->total.narrowed && !b->total.narrowed &&
           (is_asked || window_equal(&a->window, &b->window));
}

uint32_t latency_keeper(const struct agreement *agreement, uint32_t objective, bool is_asked)
{
    const struct objective *own = &agreement->objectives[objective];
    if (own->method != METHOD_OCCURRENCES) {
        return UINT32_MAX;
    }
    uint32_t i = 0;
    while (i < objective && !hold_the_same(&agreement->objectives[i], own, is_asked)) {
        i++;
    }
    return i;
}

/* Rows of a window */

static bool rolls(const struct series *series)
{
    return !series->is_fixed && series->window.kind == WINDOW_ROLLING;
}

static int64_t row_length_ns(const struct series *series)
{
    if (!rolls(series)) {
        return 0;
    }
    int64_t length_ns = series->window.length_ns;
    int64_t resolution_ns = window_resolution_s(length_ns) * NS_PER_SECOND;
    if (length_ns <= NS_PER_DAY) {
        return resolution_ns;
    }
    return resolution_ns < NS_PER_HOUR ? NS_PER_HOUR : NS_PER_DAY;
}

static int64_t index_of(const struct latency *latency, int64_t ns)
{
    return latency->row_ns == 0 ? 0 : floor_to(ns, latency->row_ns) / latency->row_ns;
}

static struct latency *open_latency(const struct series *series)
{
    struct latency *latency = calloc(1, sizeof(*latency));
    assert(latency != NULL);
    latency->row_ns = row_length_ns(series);
    latency->start_ns = series_window(series).start_ns;
    latency->first_index = INT64_MIN;
    return latency;
}

static void clear(struct latency *latency)
{
    for (uint32_t i = 0; i < latency->row_count; i++) {
        sketch_fini(&latency->rows[i].sketch);
    }
    sketch_fini(&latency->older);
    latency->row_count = 0;
    latency->staged_count = 0;
    latency->known = (struct span){0, 0};
}

void latency_close(struct latency *latency)
{
    if (latency != NULL) {
        clear(latency);
        free(latency->rows);
        free(latency->staged);
        free(latency);
    }
}

static void drop_rows(struct latency *latency, int64_t first_index)
{
    uint32_t gone = 0;
    while (gone < latency->row_count && latency->rows[gone].index < first_index) {
        if (gone + 1 < latency->row_count) {
            sketch_subtract(&latency->older, &latency->rows[gone].sketch);
        }
        sketch_fini(&latency->rows[gone].sketch);
        gone++;
    }
    if (gone != 0) {
        latency->row_count -= gone;
        memmove(latency->rows, latency->rows + gone, latency->row_count * sizeof(*latency->rows));
    }
}

/* Forgets what has left the window at the series' now. */
static void advance(const struct series *series, struct latency *latency)
{
    struct span window = series_window(series);
    if (latency->row_ns == 0) {
        if (window.start_ns != latency->start_ns) {
            clear(latency);
            latency->start_ns = window.start_ns;
        }
        return;
    }
    int64_t first_index = index_of(latency, window.start_ns);
    if (first_index > latency->first_index) {
        latency->first_index = first_index;
        drop_rows(latency, first_index);
    }
}

static uint32_t row_place(const struct latency *latency, int64_t index)
{
    uint32_t low = 0;
    uint32_t high = latency->row_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (latency->rows[middle].index < index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void insert_row(struct latency *latency, uint32_t place, int64_t index)
{
    if (latency->row_count == latency->row_size) {
        latency->row_size = latency->row_size == 0 ? 1 : latency->row_size * 2;
        latency->rows = realloc(latency->rows, latency->row_size * sizeof(*latency->rows));
        assert(latency->rows != NULL);
    }
    struct latency_row *row = &latency->rows[place];
    memmove(row + 1, row, (latency->row_count - place) * sizeof(*row));
    *row = (struct latency_row){.index = index};
    if (place == latency->row_count && place != 0) {
        sketch_add(&latency->older, &latency->rows[place - 1].sketch); /* no longer the newest */
    }
    latency->row_count++;
}

static void add_run(struct latency *latency, int64_t index, const struct sketch_entry *entries,
                    uint32_t count)
{
    if (index < latency->first_index) {
        return;
    }
    uint32_t place = row_place(latency, index);
    if (place == latency->row_count || latency->rows[place].index != index) {
        insert_row(latency, place, index);
    }
    sketch_add_run(&latency->rows[place].sketch, entries, count);
    if (place + 1 < latency->row_count) {
        sketch_add_run(&latency->older, entries, count);
    }
}

/* What is staged */

/* By digits of eight bits, low ones first; digits in which all keys agree (the row, mostly) are left
 * out. */
static void sort_keys(uint64_t *keys, uint32_t count)
{
    uint64_t differing = 0;
    for (uint32_t i = 1; i < count; i++) {
        differing |= keys[i] ^ keys[0];
    }
    uint64_t sorted[STAGED_MAX];
    for (uint32_t shift = 0; shift < 64; shift += 8) {
        if ((differing >> shift & 0xff) == 0) {
            continue;
        }
        uint32_t place[257] = {0};
        for (uint32_t i = 0; i < count; i++) {
            place[(keys[i] >> shift & 0xff) + 1]++;
        }
        for (uint32_t i = 0; i < 256; i++) {
            place[i + 1] += place[i];
        }
        for (uint32_t i = 0; i < count; i++) {
            sorted[place[keys[i] >> shift & 0xff]++] = keys[i];
        }
        memcpy(keys, sorted, count * sizeof(*keys));
    }
}

static uint32_t key_bucket(uint64_t key)
{
    return (uint32_t)(key >> KEY_BUCKET_SHIFT & 0xffff);
}

static void bring_home(struct latency *latency)
{
    struct sketch_entry entries[STAGED_MAX];
    sort_keys(latency->staged, latency->staged_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < latency->staged_count; i++) {
        uint64_t key = latency->staged[i];
        if (count == 0 || entries[count - 1].bucket != key_bucket(key)) {
            entries[count++] = (struct sketch_entry){.bucket = key_bucket(key)};
        }
        entries[count - 1].count += key & KEY_WEIGHT_MAX;
        uint64_t row = key >> KEY_ROW_SHIFT;
        if (i + 1 == latency->staged_count || latency->staged[i + 1] >> KEY_ROW_SHIFT != row) {
            add_run(latency, (int64_t)row - KEY_ROW_BIAS, entries, count);
            count = 0;
        }
    }
    latency->staged_count = 0;
}

/* Going home costs as much as the row has bytes: about as many go together, and a series of little
 * variety needs little room. */
static bool stages_more(const struct latency *latency)
{
    if (latency->staged_size < STAGED_LITTLE) {
        return true;
    }
    return latency->row_count != 0 && latency->staged_size < STAGED_MAX &&
           latency->rows[latency->row_count - 1].sketch.length > 2 * latency->staged_size;
}

static void make_room(const struct series *series, struct latency *latency)
{
    if (latency->staged_count < latency->staged_size) {
        return;
    }
    if (stages_more(latency)) {
        latency->staged_size = latency->staged_size == 0 ? STAGED_FIRST : latency->staged_size * 2;
        latency->staged = realloc(latency->staged, latency->staged_size * sizeof(*latency->staged));
        assert(latency->staged != NULL);
        return;
    }
    advance(series, latency);
    bring_home(latency);
}

static void know_row(struct latency *latency, int64_t ns)
{
    int64_t index = index_of(latency, ns);
    if (latency->row_ns == 0) {
        latency->known = (struct span){INT64_MIN, INT64_MAX};
    } else {
        int64_t start_ns = index * latency->row_ns;
        latency->known = (struct span){start_ns, start_ns + latency->row_ns};
    }
    latency->known_key = (uint64_t)(index + KEY_ROW_BIAS) << KEY_ROW_SHIFT;
}

/* Counting */

/* How many of the requests are valid under the agreement's policy (SEMANTICS section 7). */
static uint64_t valid_count(const struct series *series, struct class_counts counts)
{
    bool valid =
        counts.first == COUNTER_GOOD || (counts.first == COUNTER_MAINTENANCE_GOOD &&
                                         series->agreement->maintenance != MAINTENANCE_REMOVED);
    return valid ? counts.first_count + counts.second_count : 0;
}

static bool in_window(const struct series *series, int64_t ns)
{
    return rolls(series) || span_holds(series->current, ns);
}

void latency_take(struct series *series, const struct event *event, struct class_counts counts)
{
    uint64_t count = valid_count(series, counts);
    if (count == 0 || !in_window(series, event->occurred_ns)) {
        return;
    }
    if (series->latency == NULL) {
        series->latency = open_latency(series);
    }
    struct latency *latency = series->latency;
    if (latency->row_ns == 0) {
        advance(series, latency);
    }
    if (!span_holds(latency->known, event->occurred_ns)) {
        know_row(latency, event->occurred_ns);
    }
    uint32_t bucket = sketch_bucket(event->latency_ns);
    if (count > KEY_WEIGHT_MAX) {
        struct sketch_entry entry = {bucket, count};
        advance(series, latency);
        add_run(latency, index_of(latency, event->occurred_ns), &entry, 1);
        return;
    }
    make_room(series, latency);
    latency->staged[latency->staged_count++] =
        latency->known_key | (uint64_t)bucket << KEY_BUCKET_SHIFT | count;
}

void latency_move(struct series *series, const struct event *event, struct class_counts before,
                  struct class_counts after)
{
    if (!series->keeps_latency || event->latency_ns == LATENCY_NONE ||
        !in_window(series, event->occurred_ns)) {
        return;
    }
    uint64_t delta = valid_count(series, after) - valid_count(series, before);
    if (delta == 0) {
        return;
    }
    if (series->latency == NULL) {
        series->latency = open_latency(series);
    }
    advance(series, series->latency);
    bring_home(series->latency);
    struct sketch_entry entry = {sketch_bucket(event->latency_ns), delta};
    add_run(series->latency, index_of(series->latency, event->occurred_ns), &entry, 1);
}

/* Reading */

void latency_add(struct series *series, struct latency_sum *sum)
{
    struct latency *latency = series->latency;
    if (latency == NULL) {
        return;
    }
    advance(series, latency);
    bring_home(latency);
    sketch_add(&sum->sketch, &latency->older);
    if (latency->row_count != 0) {
        sketch_add(&sum->sketch, &latency->rows[latency->row_count - 1].sketch);
    }
    struct span window = series_window(series);
    sum->start_ns =
        latency->row_ns == 0 ? window.start_ns : floor_to(window.start_ns, latency->row_ns);
}

void latency_take_sum(struct latency_sum *sum, struct latency_figures *figures_out)
{
    static const uint32_t permilles[LATENCY_PERCENTILES] = {500, 900, 990, 999};
    *figures_out = (struct latency_figures){
        .count = sketch_count(&sum->sketch),
        .start_ns = sum->start_ns,
    };
    for (uint32_t i = 0; i < LATENCY_PERCENTILES && figures_out->count != 0; i++) {
        figures_out->percentile_ns[i] = sketch_percentile(&sum->sketch, permilles[i]);
    }
    sketch_fini(&sum->sketch);
}
