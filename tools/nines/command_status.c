/* `nines status`: is the daemon well, how far is it, and what became of everything it received? */
#include <inttypes.h>
#include <stdio.h>

#include "nines/command.h"
#include "nines/query.h"
#include "nines/terminal.h"

static void show_reasons(const json_t *conservation, const char *key, struct text_buffer *out)
{
    const char *reason;
    json_t *count;
    json_object_foreach(json_at(conservation, key), reason, count)
    {
        if (json_is_integer(count) && json_integer_value(count) != 0) {
            char text[TERMINAL_COUNT_SIZE];
            text_buffer_format(out, "    %-24s %14s  ", key,
                               terminal_count((uint64_t)json_integer_value(count), text));
            terminal_escape(out, text_from(reason));
            text_buffer_char(out, '\n');
        }
    }
}

/* Of a number, or of an object of numbers by reason. */
static uint64_t sum_of(const json_t *value)
{
    if (!json_is_object(value)) {
        return (uint64_t)json_integer_value(value);
    }
    uint64_t sum = 0;
    const char *key;
    const json_t *part;
    json_t *borrowed = json_at(value, "");
    json_object_foreach(borrowed, key, part)
    {
        sum += (uint64_t)json_integer_value(part);
    }
    return sum;
}

static void show_conservation(const json_t *status, struct text_buffer *out)
{
    static const char *const keys[] = {"stored", "duplicate", "rejected", "shed", "in_flight"};
    const json_t *conservation = json_at(status, "conservation");
    uint64_t received = sum_of(json_at(conservation, "received"));
    uint64_t sum = 0;
    char text[TERMINAL_COUNT_SIZE];
    text_buffer_format(out, "\n%-28s %14s\n", "received", terminal_count(received, text));
    for (uint32_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        uint64_t count = sum_of(json_at(conservation, keys[i]));
        sum += count;
        text_buffer_format(out, "  %-26s %14s\n", keys[i], terminal_count(count, text));
        if (json_is_object(json_at(conservation, keys[i]))) {
            show_reasons(conservation, keys[i], out);
        }
    }
    if (sum != received) {
        text_buffer_string(out, "  the parts do not add up to what was received\n");
    }
}

static void show_positions(const json_t *status, struct text_buffer *out)
{
    static const char *const stages[] = {"received", "durable", "evaluated"};
    const json_t *positions = json_at(status, "positions");
    text_buffer_string(out, "\nposition in the log\n");
    for (uint32_t i = 0; i < 3; i++) {
        char text[TERMINAL_COUNT_SIZE];
        text_buffer_format(out, "  %-26s %14s\n", stages[i],
                           terminal_count((uint64_t)json_number_at(positions, stages[i]), text));
    }
}

/* Whatever numbers the daemon gives of its rates and segments, by their names. */
static void show_numbers(const json_t *status, const char *section, struct text_buffer *out)
{
    const char *key;
    json_t *value;
    bool first = true;
    json_object_foreach(json_at(status, section), key, value)
    {
        if (!json_is_number(value) && !json_is_string(value)) {
            continue;
        }
        text_buffer_format(out, "%s%s", first ? "\n" : "", first ? section : "");
        text_buffer_format(out, "%s  ", first ? "\n" : "");
        first = false;
        struct text_buffer name;
        text_buffer_init(&name);
        terminal_escape(&name, text_from(key));
        text_buffer_format(out, "%-26s ", name.length > 0 ? name.bytes : "");
        text_buffer_fini(&name);
        char text[TERMINAL_COUNT_SIZE];
        if (json_is_integer(value)) {
            text_buffer_format(out, "%14s\n",
                               terminal_count((uint64_t)json_integer_value(value), text));
        } else if (json_is_real(value)) {
            text_buffer_format(out, "%14.1f\n", json_real_value(value));
        } else {
            terminal_escape(out, text_from(json_string_value(value)));
            text_buffer_char(out, '\n');
        }
    }
}

static void show_status(const json_t *status, const char *base, struct text_buffer *out)
{
    int64_t uptime_s = json_number_at(status, "uptime_s");
    text_buffer_string(out, "ninesd ");
    json_show(out, status, "version", "?");
    text_buffer_string(out, " at ");
    terminal_escape(out, text_from(base));
    text_buffer_format(out, ", up %" PRId64 "d %" PRId64 "h %" PRId64 "m %" PRId64 "s\n",
                       uptime_s / 86400, uptime_s % 86400 / 3600, uptime_s % 3600 / 60,
                       uptime_s % 60);
    show_positions(status, out);
    show_conservation(status, out);
    show_numbers(status, "rates", out);
    show_numbers(status, "segments", out);
}

static int print_status(const char *base, bool json)
{
    char message[HTTP_CLIENT_MESSAGE_SIZE];
    struct query query;
    struct http_reply reply;
    query_begin(&query, "/v1/status");
    enum status status = query_reply(&query, base, &reply, message);
    query_end(&query);
    json_t *answer = NULL;
    if (status == STATUS_OK) {
        status = query_read_json(&reply, base, &answer, message);
        if (status == STATUS_OK && !json_is_object(json_at(answer, "positions"))) {
            snprintf(message, sizeof(message), "%s answers without positions: is it ninesd?", base);
            status = STATUS_FOREIGN;
        }
        if (status == STATUS_OK && json) {
            terminal_print_foreign((struct text){reply.body.bytes, (uint32_t)reply.body.length});
        } else if (status == STATUS_OK) {
            struct text_buffer out;
            text_buffer_init(&out);
            show_status(answer, base, &out);
            terminal_print(&out);
            text_buffer_fini(&out);
        }
        json_decref(answer);
        http_reply_fini(&reply);
    }
    if (status != STATUS_OK) {
        terminal_complain("%s", message);
        return EXIT_FAILED;
    }
    return EXIT_OK;
}

int command_status(int argc, char **argv)
{
    struct endpoint_options endpoint = {0};
    bool json = false;
    const struct option_row rows[] = {
        ENDPOINT_ROWS(&endpoint),
        {"json", OPTION_FLAG, &json, NULL, "as JSON"},
    };
    struct option_table table = {
        .usage = "status [--url URL | --data DIR] [--json]",
        .about = "How far the daemon is, and what became of everything that it received.",
        .rows = rows,
        .count = sizeof(rows) / sizeof(rows[0]),
    };
    char base[ENDPOINT_URL_SIZE];
    enum options_result result = options_read(&table, argc, argv);
    if (result != OPTIONS_OK) {
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    int code = endpoint_base(&endpoint, base);
    return code == EXIT_OK ? print_status(base, json) : code;
}
