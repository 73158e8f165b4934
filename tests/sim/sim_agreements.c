#include "sim/sim_agreements.h"

#include <stdio.h>

#include "base/panic.h"
#include "domain/civil.h"

static const char *pick(struct random *random, const char *const *words, uint32_t count)
{
    return words[random_below(random, count)];
}
#define PICK(random, ...)                                                                          \
    pick(random, (const char *const[]){__VA_ARGS__},                                               \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void write_alerts(struct random *random, bool sliced, struct text_buffer *out)
{
    switch (random_below(random, sliced ? 2 : 3)) {
    case 0:
        return; /* the default pairs */
    case 1:
        text_buffer_string(out, ",\"alerts\":\"none\"");
        return;
    default:
        text_buffer_format(out,
                           ",\"alerts\":[{\"severity\":\"%s\",\"long\":\"10m\",\"short\":\"1m\","
                           "\"burn\":%s}]",
                           PICK(random, "page", "ticket"), PICK(random, "0.1", "0.5", "1"));
    }
}

static void write_slices(struct random *random, struct text_buffer *out)
{
    static const char *const windows[][2] = {
        {"1h", "1m"}, {"6h", "5m"}, {"1d", "15m"}, {"day", "5m"}, {"7d", "1h"}, {"day", "1h"},
    };
    const char *const *window = windows[random_below(random, 6)];
    text_buffer_format(out,
                       "\"method\":\"timeslices\",\"over\":\"%s\",\"slice\":\"%s\","
                       "\"slice_target\":\"%s\"",
                       window[0], window[1], PICK(random, "50%", "95%", "100%"));
}

static bool write_good(struct random *random, struct text_buffer *out)
{
    switch (random_below(random, 5)) {
    case 0:
        text_buffer_format(out, ",\"good\":{\"status\":\"%s\"}", PICK(random, "<400", "<501"));
        return false;
    case 1:
        text_buffer_string(out, ",\"good\":{\"latency\":\"<=300ms\"}");
        return true;
    default:
        return false;
    }
}

static void write_objective(struct sim_agreements *agreements, struct random *random,
                            struct text_buffer *out)
{
    uint64_t method = random_below(random, 3);
    text_buffer_char(out, '{');
    if (method == 0) {
        write_slices(random, out);
    } else {
        text_buffer_format(out, "\"method\":\"%s\",\"over\":\"%s\"",
                           method == 1 ? "occurrences" : "uptime",
                           PICK(random, "1h", "6h", "1d", "7d", "30d", "day", "week", "month"));
    }
    text_buffer_format(out, ",\"target\":\"%s\"", PICK(random, "50%", "90%", "99%", "99.9%"));
    if (method != 2) {
        agreements->has_latency |= write_good(random, out);
    }
    if (random_once_in(random, 4)) {
        text_buffer_format(out, ",\"severity\":\"%s\"",
                           PICK(random, "info", "minor", "major", "critical"));
    }
    write_alerts(random, method == 0, out);
    text_buffer_char(out, '}');
}

static struct text_buffer *next(struct sim_agreements *agreements)
{
    assert(agreements->document_count < SIM_DOCUMENTS_MAX);
    struct text_buffer *out = &agreements->documents[agreements->document_count++];
    text_buffer_init(out);
    return out;
}

static void write_agreement(struct sim_agreements *agreements, const struct sim_options *options,
                            struct random *random, uint32_t index)
{
    struct text_buffer *out = next(agreements);
    text_buffer_format(out, "{\"agreement\":\"a%u\",\"provider\":\"p\",\"services\":[", index);
    uint32_t first = (uint32_t)random_below(random, options->services);
    text_buffer_format(out, "\"s%u\"", first);
    if (options->services > 1 && random_once_in(random, 3)) {
        text_buffer_format(out, ",\"s%u\"", (first + 1) % options->services);
    }
    text_buffer_char(out, ']');
    if (random_once_in(random, 3)) {
        text_buffer_string(out, ",\"customer\":\"acme\"");
    }
    if (random_once_in(random, 2)) {
        text_buffer_format(out, ",\"maintenance\":{\"policy\":\"%s\"}",
                           PICK(random, "removed", "counts_as_good", "ignored"));
    }
    text_buffer_string(out, ",\"objectives\":{");
    uint64_t count = 1 + random_below(random, 3);
    for (uint64_t i = 0; i < count; i++) {
        text_buffer_format(out, "%s\"o%u\":", i == 0 ? "" : ",", (unsigned)i);
        write_objective(agreements, random, out);
    }
    text_buffer_string(out, "}}");
}

static void write_maintenance(struct sim_agreements *agreements, const struct sim_options *options,
                              struct random *random, int64_t now_ns, uint32_t index)
{
    struct text_buffer *out = next(agreements);
    int64_t start_ns = now_ns + random_between(random, -NS_PER_HOUR, 2 * NS_PER_HOUR);
    char start[CIVIL_TEXT_SIZE];
    char end[CIVIL_TEXT_SIZE];
    civil_format(start_ns, start);
    civil_format(start_ns + random_between(random, 1, NS_PER_HOUR), end);
    text_buffer_format(out,
                       "{\"maintenance\":\"d%u\",\"services\":[\"s%u\"],\"start\":\"%s\","
                       "\"end\":\"%s\"}",
                       index, (unsigned)random_below(random, options->services), start, end);
}

void sim_agreements_draw(struct sim_agreements *agreements, const struct sim_options *options,
                         struct random *random, int64_t now_ns)
{
    *agreements = (struct sim_agreements){0};
    for (uint32_t i = 0; i < options->agreements; i++) {
        write_agreement(agreements, options, random, i);
    }
    for (uint32_t i = 0; random_once_in(random, 3) && i < 3; i++) {
        write_maintenance(agreements, options, random, now_ns, i);
    }
}

void sim_agreements_fini(struct sim_agreements *agreements)
{
    for (uint32_t i = 0; i < agreements->document_count; i++) {
        text_buffer_fini(&agreements->documents[i]);
    }
}

static void join(const struct sim_agreements *agreements, const char *between,
                 struct text_buffer *out)
{
    for (uint32_t i = 0; i < agreements->document_count; i++) {
        text_buffer_string(out, i == 0 ? "" : between);
        text_buffer_string(out, agreements->documents[i].bytes);
    }
}

void sim_agreements_yaml(const struct sim_agreements *agreements, struct text_buffer *out)
{
    join(agreements, "\n---\n", out);
    text_buffer_char(out, '\n');
}

void sim_agreements_list(const struct sim_agreements *agreements, struct text_buffer *out)
{
    text_buffer_char(out, '[');
    join(agreements, ",", out);
    text_buffer_char(out, ']');
}
