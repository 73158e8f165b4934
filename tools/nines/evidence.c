#include "nines/evidence.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "domain/civil.h"
#include "nines/terminal.h"
#include "nines/words.h"

/* More parts than this make no sentence. */
#define PARTS_MAX  6
#define BURSTS_MAX 3

/* Bad requests of one moment. */
struct sample {
    int64_t start_ns;
    int64_t end_ns;
    int64_t count;
    int64_t status;
    const char *reason; /* borrowed of the JSON */
};

struct samples {
    struct sample *samples;
    uint32_t count;
};

static bool is_type(const json_t *item, const char *type)
{
    return strcmp(json_text_at(item, "type"), type) == 0;
}

static bool is_bad(const json_t *item)
{
    return strcmp(json_text_at(item, "counts_as"), "bad") == 0;
}

static void take_sample(struct samples *samples, const json_t *item)
{
    struct sample sample = {
        .count = json_is_given(item, "count") ? json_number_at(item, "count") : 1,
        .status = json_number_at(item, "status"),
        .reason = json_text_at(item, "reason"),
    };
    if (!words_read_time(item, "start", &sample.start_ns)) {
        return;
    }
    if (!words_read_time(item, "end", &sample.end_ns)) {
        sample.end_ns = sample.start_ns;
    }
    samples->samples[samples->count++] = sample;
}

static struct samples take_samples(const json_t *items)
{
    struct samples samples = {calloc(json_array_size(items) + 1, sizeof(struct sample)), 0};
    assert(samples.samples != NULL);
    size_t index;
    json_t *item;
    json_array_foreach(items, index, item)
    {
        if (is_type(item, "request") && is_bad(item)) {
            take_sample(&samples, item);
        }
    }
    return samples;
}

static int compare_kinds(const struct sample *a, const struct sample *b)
{
    if (a->status != b->status) {
        return a->status < b->status ? -1 : 1;
    }
    return strcmp(a->reason, b->reason);
}

static int compare_samples(const void *left, const void *right)
{
    const struct sample *a = left;
    const struct sample *b = right;
    int kinds = compare_kinds(a, b);
    return kinds != 0 ? kinds : (a->start_ns > b->start_ns) - (a->start_ns < b->start_ns);
}

/* Samples of one kind, in order of time. */
struct group {
    const struct sample *samples;
    uint32_t length;
};

static int64_t group_count(struct group group)
{
    int64_t count = 0;
    for (uint32_t i = 0; i < group.length; i++) {
        count += group.samples[i].count;
    }
    return count;
}

static int64_t group_span_ns(struct group group)
{
    int64_t end_ns = group.samples[0].end_ns;
    for (uint32_t i = 1; i < group.length; i++) {
        end_ns = group.samples[i].end_ns > end_ns ? group.samples[i].end_ns : end_ns;
    }
    return end_ns - group.samples[0].start_ns;
}

/* The first samples up to a hole longer than gap_ns. */
static struct group first_burst(struct group group, int64_t gap_ns)
{
    uint32_t length = 1;
    while (length < group.length &&
           group.samples[length].start_ns - group.samples[length - 1].end_ns <= gap_ns) {
        length++;
    }
    return (struct group){group.samples, length};
}

static struct group rest_of(struct group group, uint32_t taken)
{
    return (struct group){group.samples + taken, group.length - taken};
}

/* Few short bursts with long silence between? Then they say more than the whole does. */
static bool comes_in_bursts(struct group group, int64_t gap_ns)
{
    int64_t within_ns = 0;
    uint32_t bursts = 0;
    bool alone = false;
    for (struct group rest = group; rest.length > 0; bursts++) {
        struct group burst = first_burst(rest, gap_ns);
        within_ns += group_span_ns(burst);
        alone |= burst.length == 1;
        rest = rest_of(rest, burst.length);
    }
    return bursts > 1 && bursts <= BURSTS_MAX && within_ns <= group_span_ns(group) / 5 &&
           (!alone || group.length <= BURSTS_MAX);
}

static void say_kind(const struct sample *sample, int64_t count, struct text_buffer *out)
{
    char text[TERMINAL_COUNT_SIZE];
    text_buffer_format(out, "%s x ", terminal_count((uint64_t)count, text));
    if (sample->status != 0) {
        text_buffer_format(out, "%" PRId64, sample->status);
    }
    bool by_status = sample->status != 0 &&
                     (sample->reason[0] == '\0' || strncmp(sample->reason, "status", 6) == 0);
    if (!by_status) {
        text_buffer_string(out, sample->status != 0 ? " (" : "");
        terminal_escape(out, text_from(sample->reason[0] != '\0' ? sample->reason : "bad"));
        text_buffer_string(out, sample->status != 0 ? ")" : "");
    }
}

static void say_group(struct group group, int64_t day_ns, struct text_buffer *out)
{
    int64_t span_ns = group_span_ns(group);
    say_kind(group.samples, group_count(group), out);
    if (span_ns >= NS_PER_MINUTE) {
        text_buffer_string(out, " spread over ");
        words_duration(out, span_ns);
        text_buffer_string(out, " from ");
    } else if (span_ns > 0) {
        text_buffer_string(out, " within ");
        words_duration(out, span_ns);
        text_buffer_string(out, " at ");
    } else {
        text_buffer_string(out, " at ");
    }
    words_time(out, group.samples[0].start_ns, day_ns);
}

/* How many parts of a sentence it became. */
static uint32_t say_bursts(struct group group, int64_t day_ns, struct text_buffer *out)
{
    int64_t gap_ns = group_span_ns(group) / 10;
    if (!comes_in_bursts(group, gap_ns)) {
        say_group(group, day_ns, out);
        return 1;
    }
    uint32_t parts = 0;
    for (struct group rest = group; rest.length > 0; parts++) {
        struct group burst = first_burst(rest, gap_ns);
        text_buffer_string(out, parts == 0 ? "" : ", ");
        say_group(burst, day_ns, out);
        rest = rest_of(rest, burst.length);
    }
    return parts;
}

static struct group first_kind(struct group group)
{
    uint32_t length = 1;
    while (length < group.length && compare_kinds(&group.samples[0], &group.samples[length]) == 0) {
        length++;
    }
    return (struct group){group.samples, length};
}

void evidence_requests(const json_t *items, int64_t day_ns, struct text_buffer *out)
{
    struct samples samples = take_samples(items);
    qsort(samples.samples, samples.count, sizeof(*samples.samples), compare_samples);
    uint32_t parts = 0;
    struct group rest = {samples.samples, samples.count};
    while (rest.length > 0 && parts < PARTS_MAX) {
        struct group kind = first_kind(rest);
        text_buffer_string(out, parts == 0 ? "" : ", ");
        parts += say_bursts(kind, day_ns, out);
        rest = rest_of(rest, kind.length);
    }
    if (rest.length > 0) {
        text_buffer_format(out, ", and %" PRId64 " of other kinds", group_count(rest));
    }
    free(samples.samples);
}

/* Maintenance, hours or another incident may have taken some of it. */
static void say_counted(const json_t *item, int64_t length_ns, struct text_buffer *out)
{
    int64_t counted_ns = json_number_at(item, "count");
    if (json_is_given(item, "count") && counted_ns == 0) {
        text_buffer_string(out, " (none of it counts)");
    } else if (json_is_given(item, "count") && counted_ns < length_ns) {
        text_buffer_string(out, " (");
        words_duration(out, counted_ns);
        text_buffer_string(out, " of it count)");
    }
}

static void say_interval(const json_t *item, int64_t day_ns, bool in_nanoseconds,
                         struct text_buffer *out)
{
    int64_t start_ns;
    int64_t end_ns;
    const char *id = json_text_at(item, "id");
    terminal_escape(out, text_from(id[0] != '\0' ? id : json_text_at(item, "type")));
    if (!words_read_time(item, "start", &start_ns)) {
        return;
    }
    text_buffer_char(out, ' ');
    if (words_read_time(item, "end", &end_ns)) {
        words_duration(out, end_ns - start_ns);
        text_buffer_string(out, " from ");
        words_time(out, start_ns, day_ns);
        text_buffer_string(out, " to ");
        words_time(out, end_ns, day_ns);
        if (in_nanoseconds) {
            say_counted(item, end_ns - start_ns, out);
        }
    } else {
        text_buffer_string(out, "since ");
        words_time(out, start_ns, day_ns);
    }
}

void evidence_intervals(const json_t *items, int64_t day_ns, bool in_nanoseconds,
                        struct text_buffer *out)
{
    size_t index;
    json_t *item;
    uint32_t parts = 0;
    json_array_foreach(items, index, item)
    {
        if (!is_bad(item) || (!is_type(item, "incident") && !is_type(item, "state"))) {
            continue;
        }
        if (parts == PARTS_MAX) {
            text_buffer_string(out, ", and more");
            return;
        }
        text_buffer_string(out, parts == 0 ? "" : ", ");
        say_interval(item, day_ns, in_nanoseconds, out);
        parts++;
    }
}
