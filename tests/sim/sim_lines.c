#include "sim/sim_lines.h"

#include <stdlib.h>

#include "base/panic.h"
#include "domain/civil.h"

static const int64_t late_spans_ns[] = {10 * NS_PER_MINUTE, 3 * NS_PER_HOUR, NS_PER_DAY,
                                        20 * NS_PER_DAY};

void sim_lines_init(struct sim_lines *lines, const struct sim_options *options, bool with_latency)
{
    memset(lines, 0, sizeof(*lines));
    lines->options = options;
    lines->with_latency = with_latency;
}

void sim_lines_fini(struct sim_lines *lines)
{
    for (uint32_t i = 0; i < lines->count; i++) {
        text_buffer_fini(&lines->lines[i].text);
    }
}

static bool chance(struct random *random, uint32_t percent)
{
    return random_below(random, 100) < percent;
}

/* When it happened: lately, long ago, or soon (below max_future). On edges of seconds, minutes and
 * hours more often than chance would have it. */
static int64_t draw_time(const struct sim_lines *lines, struct random *random, int64_t now_ns)
{
    const struct sim_options *options = lines->options;
    int64_t ns = now_ns - random_between(random, 0, 3 * NS_PER_SECOND);
    if (chance(random, options->late_percent)) {
        ns = now_ns - random_between(random, 0, late_spans_ns[options->late_scale]);
    } else if (chance(random, options->future_percent)) {
        ns = now_ns + random_between(random, 0, 4 * NS_PER_MINUTE);
    }
    switch (random_below(random, 8)) {
    case 0:
        return floor_to(ns, NS_PER_HOUR);
    case 1:
        return floor_to(ns, NS_PER_MINUTE);
    case 2:
        return floor_to(ns, NS_PER_SECOND);
    default:
        return ns;
    }
}

static void write_time(struct random *random, int64_t ns, const char *key, struct text_buffer *out)
{
    if (random_once_in(random, 2)) {
        text_buffer_format(out, "\"%s\":%lld.%09lld", key, (long long)(ns / NS_PER_SECOND),
                           (long long)(ns % NS_PER_SECOND));
        return;
    }
    char text[CIVIL_TEXT_SIZE];
    civil_format(ns, text);
    text_buffer_format(out, "\"%s\":\"%s\"", key, text);
}

static uint32_t draw_service(const struct sim_lines *lines, struct random *random)
{
    return (uint32_t)random_below(random, lines->options->services);
}

static void write_customer(struct random *random, struct text_buffer *out)
{
    if (random_once_in(random, 2)) {
        text_buffer_format(out, ",\"customer\":\"%s\"",
                           random_once_in(random, 3) ? "other" : "acme");
    }
}

static void write_result(const struct sim_lines *lines, struct random *random,
                         struct text_buffer *out)
{
    static const uint32_t statuses[] = {200, 200, 204, 302, 404, 499, 500, 503};
    uint64_t form = random_below(random, lines->with_latency ? 3 : 4);
    if (form == 3) {
        unsigned total = 1 + (unsigned)random_below(random, 20);
        text_buffer_format(out, ",\"good\":%u,\"total\":%u",
                           (unsigned)random_below(random, total + 1), total);
        return;
    }
    if (form != 1) {
        text_buffer_format(out, ",\"status\":%u", statuses[random_below(random, 8)]);
    }
    if (form != 0) {
        static const char *const outcomes[] = {"good", "bad", "bad", "excluded"};
        text_buffer_format(out, ",\"outcome\":\"%s\"", outcomes[random_below(random, 4)]);
    }
    if (random_once_in(random, 3)) {
        text_buffer_format(out, ",\"count\":%u", 1 + (unsigned)random_below(random, 50));
    }
    if (lines->with_latency) {
        text_buffer_format(out, ",\"latency_ms\":%u",
                           298 + (unsigned)random_below(random, 5)); /* around the limit */
    }
}

/* The request's service and id are its identity; `number` is the line. */
static void write_request(const struct sim_lines *lines, struct random *random, int64_t now_ns,
                          uint32_t number, uint32_t key, struct text_buffer *out)
{
    if (random_once_in(random, 40) && key == number) {
        text_buffer_string(out, "{\"service\":\"nowhere\",");
    } else {
        uint32_t service = key % lines->options->services; /* the same for all of one identity */
        text_buffer_format(out, "{\"service\":\"s%u\",", service);
    }
    write_time(random, draw_time(lines, random, now_ns), "ts", out);
    text_buffer_format(out, ",\"source\":\"#%u\",\"channel\":\"#%u\"", number, number);
    if (lines->lines[key].has_id) {
        text_buffer_format(out, ",\"id\":\"r%u\"", key);
    }
    write_customer(random, out);
    write_result(lines, random, out);
    if (random_once_in(random, 12)) {
        text_buffer_string(out, ",\"scope\":\"out\"");
    }
    text_buffer_char(out, '}');
}

static void incident_head(const struct sim_lines *lines, struct random *random, int64_t now_ns,
                          uint32_t number, uint32_t id, const char *state, struct text_buffer *out)
{
    text_buffer_format(out,
                       "{\"kind\":\"incident\",\"id\":\"i%u\",\"state\":\"%s\","
                       "\"source\":\"#%u\",",
                       id, state, number);
    write_time(random, draw_time(lines, random, now_ns), "ts", out);
}

static void incident_open(struct sim_lines *lines, struct random *random, int64_t now_ns,
                          uint32_t number, struct text_buffer *out)
{
    uint32_t id = lines->serial++;
    uint32_t service = draw_service(lines, random);
    incident_head(lines, random, now_ns, number, id, "open", out);
    text_buffer_format(out, ",\"service\":\"s%u\"", service);
    if (random_once_in(random, 4)) {
        text_buffer_string(out, random_once_in(random, 2) ? ",\"complaint\":true"
                                                          : ",\"nature\":\"potential\"");
    }
    if (random_once_in(random, 5)) {
        text_buffer_string(out, ",\"customer\":\"acme\"");
    }
    if (random_once_in(random, 3)) {
        static const char *const severities[] = {"info", "minor", "major", "critical"};
        text_buffer_format(out, ",\"severity\":\"%s\"", severities[random_below(random, 4)]);
    }
    text_buffer_char(out, '}');
    uint32_t place = lines->open_count < SIM_INCIDENTS_MAX
                         ? lines->open_count++
                         : (uint32_t)random_below(random, SIM_INCIDENTS_MAX);
    lines->open_incidents[place] = id;
    lines->open_services[place] = service;
}

/* What may follow on an incident that was opened: in any order, more than once. */
static void incident_follow(const struct sim_lines *lines, struct random *random, int64_t now_ns,
                            uint32_t number, struct text_buffer *out)
{
    uint32_t place = (uint32_t)random_below(random, lines->open_count);
    uint32_t id = lines->open_incidents[place];
    uint32_t service = lines->open_services[place];
    static const char *const states[] = {"resolved", "resolved", "resolved",  "acknowledged",
                                         "open",     "open",     "cancelled", "acknowledged"};
    uint64_t what = random_below(random, 8);
    incident_head(lines, random, now_ns, number, id, states[what], out);
    text_buffer_format(out, ",\"service\":\"s%u\"", service);
    if (what == 4) {
        text_buffer_string(out, ",\"nature\":\"actual\""); /* promoted */
    }
    text_buffer_char(out, '}');
}

static void write_incident(struct sim_lines *lines, struct random *random, int64_t now_ns,
                           uint32_t number, struct text_buffer *out)
{
    if (lines->open_count == 0 || random_once_in(random, 3)) {
        incident_open(lines, random, now_ns, number, out);
    } else {
        incident_follow(lines, random, now_ns, number, out);
    }
}

static void write_state(const struct sim_lines *lines, struct random *random, int64_t now_ns,
                        uint32_t number, struct text_buffer *out)
{
    static const char *const states[] = {"up", "up", "down", "unknown"};
    text_buffer_format(out,
                       "{\"kind\":\"state\",\"service\":\"s%u\",\"state\":\"%s\",\"id\":\"t%u\","
                       "\"source\":\"#%u\",",
                       draw_service(lines, random), states[random_below(random, 4)], number,
                       number);
    write_time(random, draw_time(lines, random, now_ns), "ts", out);
    text_buffer_char(out, '}');
}

/* Before or after the fact; now and then cancelled later. */
static void write_maintenance(struct sim_lines *lines, struct random *random, int64_t now_ns,
                              uint32_t number, struct text_buffer *out)
{
    int64_t start_ns =
        now_ns + (random_once_in(random, 2)
                      ? random_between(random, -NS_PER_HOUR, NS_PER_HOUR)
                      : -random_between(random, 0, late_spans_ns[lines->options->late_scale]));
    bool again = lines->serial > 0 && random_once_in(random, 3);
    uint32_t id = again ? (uint32_t)random_below(random, lines->serial) : lines->serial++;
    text_buffer_format(out,
                       "{\"kind\":\"maintenance\",\"id\":\"m%u\",\"service\":\"s%u\","
                       "\"source\":\"#%u\",",
                       id, id % lines->options->services, number);
    write_time(random, now_ns, "ts", out);
    text_buffer_char(out, ',');
    write_time(random, start_ns, "start", out);
    text_buffer_char(out, ',');
    write_time(random, start_ns + 1 + random_between(random, 0, NS_PER_HOUR), "end", out);
    if (again && random_once_in(random, 2)) {
        text_buffer_string(out, ",\"state\":\"cancelled\"");
    }
    text_buffer_char(out, '}');
}

static void write_malformed(struct random *random, struct text_buffer *out)
{
    static const char *const bad[] = {
        "{\"service\":",
        "not a record",
        "{\"service\":\"s0\",\"status\":\"x\"}",
        "{\"service\":\"s0\",\"count\":0}",
        "{\"service\":\"s0\",\"good\":3,\"total\":2}",
        "{\"kind\":\"incident\",\"state\":\"open\"}",
        "{\"kind\":\"nothing\"}",
        "{\"service\":\"s0\",\"ts\":\"yesterday\"}",
    };
    text_buffer_string(out, bad[random_below(random, 8)]);
}

/* Another line with the identity of an earlier request; the line itself where there is none. */
static uint32_t draw_key(const struct sim_lines *lines, struct random *random, uint32_t number)
{
    if (number == 0 || !chance(random, lines->options->variant_percent)) {
        return number;
    }
    uint32_t other = (uint32_t)random_below(random, number);
    const struct sim_line *line = &lines->lines[other];
    bool is_request = line->is_good && strncmp(line->text.bytes, "{\"service\":\"s", 13) == 0;
    return is_request && line->has_id ? line->key : number;
}

uint32_t sim_lines_draw(struct sim_lines *lines, struct random *random, int64_t now_ns)
{
    assert(lines->count < SIM_LINES_MAX);
    uint32_t number = lines->count++;
    struct sim_line *line = &lines->lines[number];
    const struct sim_options *options = lines->options;
    *line = (struct sim_line){.key = number, .stored_at = SIM_NOT_STORED};
    text_buffer_init(&line->text);
    if (chance(random, options->malformed_percent)) {
        write_malformed(random, &line->text);
        return number;
    }
    line->is_good = true;
    line->has_id = true;
    if (!chance(random, options->life_percent)) {
        line->key = draw_key(lines, random, number);
        line->has_id = line->key != number || chance(random, options->with_id_percent);
        write_request(lines, random, now_ns, number, line->key, &line->text);
        return number;
    }
    switch (random_below(random, 4)) {
    case 0:
        write_state(lines, random, now_ns, number, &line->text);
        break;
    case 1:
        write_maintenance(lines, random, now_ns, number, &line->text);
        break;
    default:
        write_incident(lines, random, now_ns, number, &line->text);
    }
    return number;
}

uint32_t sim_lines_find(const struct sim_lines *lines, const struct sim_log *log,
                        const struct sim_batch *batch, const struct event *event)
{
    const char *source = sim_log_name(log, event->source);
    assert(source[0] == '#');
    uint32_t number = (uint32_t)strtoul(source + 1, NULL, 10);
    assert(number < lines->count);
    if (event->kind == EVENT_REQUEST) {
        struct text extra = {batch->text + event->extra_offset, event->extra_length};
        struct text channel;
        bool found = event_extra_find(extra, EXTRA_CHANNEL, &channel);
        assert(found);
        assert(text_equal(channel, text_from(source)));
    }
    return number;
}
