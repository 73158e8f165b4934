/* `nines import`: log files into a running daemon, until every line is on disk there. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "decode/frame.h"
#include "domain/civil.h"
#include "nines/command.h"
#include "nines/endpoint.h"
#include "nines/feed.h"
#include "nines/import_report.h"
#include "nines/log_inputs.h"
#include "nines/log_lines.h"
#include "nines/terminal.h"
#include "nines/time_shift.h"
#include "nines/value_option.h"

#define RETRY_DEFAULT_NS (30 * NS_PER_SECOND)
/* Lines put between two looks at the socket. */
#define LINES_A_TURN 4096
#define WAIT_MAX_MS  1000

struct request {
    struct option_list files;
    const char *to;
    const char *data;
    const char *shift_to;
    const char *retry;
    const char *limit;
    const char *rate;
    const char *status_file;
    bool json;
    /* Parsed: */
    char url[ENDPOINT_URL_SIZE];
    bool shift_to_now;
    int64_t shift_to_ns;
    int64_t retry_ns;
    uint64_t line_count_max;
    uint64_t rate_per_second; /* 0: as fast as it goes */
};

/* One run, from the first line to the last acknowledgement. */
struct import {
    const struct request *request;
    struct log_lines *lines;
    struct feed *feed;
    struct import_progress progress;
    int64_t start_ns;
    bool has_shift;
    int64_t shift_ns;
    uint64_t put;
    uint64_t unshifted;
    bool input_waits;
    bool input_ended;
    struct text_buffer moved;
    char message[FEED_MESSAGE_SIZE];
};

static bool parse_request(struct request *request)
{
    request->retry_ns = RETRY_DEFAULT_NS;
    request->line_count_max = UINT64_MAX;
    if (request->files.count == 0) {
        terminal_complain("import needs a file (or - for standard input); see nines import --help");
        return false;
    }
    if (request->to != NULL && request->data != NULL) {
        terminal_complain("--to and --data exclude each other");
        return false;
    }
    request->shift_to_now = request->shift_to != NULL && strcmp(request->shift_to, "now") == 0;
    return (request->shift_to == NULL ||
            value_instant("shift-to", request->shift_to, &request->shift_to_ns)) &&
           (request->retry == NULL ||
            value_duration("retry", request->retry, &request->retry_ns)) &&
           (request->limit == NULL ||
            value_count("limit", request->limit, 0, INT64_MAX, &request->line_count_max)) &&
           (request->rate == NULL ||
            value_count("rate", request->rate, 1, 1000000000, &request->rate_per_second));
}

/* The latest time that the shift can move, of the lines that will be sent. False: complained. */
static bool find_latest(const struct request *request, const struct log_inputs *inputs,
                        int64_t now_ns, int64_t *latest_ns_out)
{
    struct log_lines *lines;
    if (log_lines_open(&lines, inputs->inputs, inputs->count, now_ns) != STATUS_OK) {
        terminal_complain("out of memory");
        return false;
    }
    struct log_line line;
    enum lines_result result = LINES_END;
    *latest_ns_out = TIME_NONE;
    for (uint64_t i = 0; i < request->line_count_max; i++) {
        result = log_lines_next(lines, true, &line);
        if (result != LINES_RECORD) {
            break;
        }
        if (line.is_known && time_shift_possible(&line.record) &&
            line.record.occurred_ns > *latest_ns_out) {
            *latest_ns_out = line.record.occurred_ns;
        }
    }
    if (result == LINES_FAILED) {
        terminal_complain("%s", log_lines_message(lines));
    } else if (*latest_ns_out == TIME_NONE) {
        terminal_complain("--shift-to: no line has a time that could be moved");
    }
    log_lines_close(lines);
    return result != LINES_FAILED && *latest_ns_out != TIME_NONE;
}

static bool find_shift(struct import *import, const struct log_inputs *inputs)
{
    const struct request *request = import->request;
    int64_t latest_ns;
    if (!find_latest(request, inputs, clock_realtime_ns(clock_system()), &latest_ns)) {
        return false;
    }
    int64_t target_ns =
        request->shift_to_now ? clock_realtime_ns(clock_system()) : request->shift_to_ns;
    if (__builtin_sub_overflow(target_ns, latest_ns, &import->shift_ns)) {
        terminal_complain("--shift-to %s: too far away", request->shift_to);
        return false;
    }
    if (request->shift_to_now) {
        /* Whole seconds: coarse and fine times of one line stay together, and none is in the
         * future. */
        import->shift_ns = floor_to(import->shift_ns, NS_PER_SECOND);
    }
    import->has_shift = true;
    return true;
}

static void put_line(struct import *import, const struct log_line *line)
{
    struct text bytes = line->bytes;
    if (import->has_shift && line->is_known) {
        text_buffer_clear(&import->moved);
        bool complete = time_shift_line(bytes, &line->record, import->shift_ns, &import->moved);
        import->unshifted += !complete;
        /* A number may grow by a digit, and a line of 64 KiB may then be too long. */
        if (import->moved.length <= RECORD_BYTES_MAX) {
            bytes = (struct text){import->moved.bytes, (uint32_t)import->moved.length};
        } else {
            import->unshifted += complete;
        }
    }
    feed_put(import->feed, bytes);
    import->put++;
}

/* How many lines may have been put by now, and when the next one may be. */
static uint64_t lines_allowed(const struct import *import, int64_t now_ns)
{
    uint64_t rate = import->request->rate_per_second;
    uint64_t most = import->request->line_count_max;
    if (rate == 0) {
        return most;
    }
    uint64_t elapsed_ns = (uint64_t)(now_ns - import->start_ns);
    uint64_t allowed =
        elapsed_ns / 1000000000 * rate + elapsed_ns % 1000000000 * rate / 1000000000 + 1;
    return allowed < most ? allowed : most;
}

static int64_t next_line_ns(const struct import *import)
{
    uint64_t rate = import->request->rate_per_second;
    uint64_t put = import->put;
    return import->start_ns + (int64_t)(put / rate * 1000000000 + put % rate * 1000000000 / rate) +
           1;
}

/* Lines from the files to the feed, as many as may go at once. False: the files fail. */
static bool put_lines(struct import *import, int64_t now_ns)
{
    struct log_line line;
    uint64_t allowed = lines_allowed(import, now_ns);
    import->input_waits = false;
    for (uint32_t i = 0; i < LINES_A_TURN && !import->input_ended; i++) {
        if (import->put == import->request->line_count_max) {
            import->input_ended = true;
            feed_end(import->feed);
            break;
        }
        if (import->put >= allowed || !feed_has_room(import->feed)) {
            break;
        }
        enum lines_result result = log_lines_next(import->lines, false, &line);
        if (result == LINES_RECORD) {
            put_line(import, &line);
        } else if (result == LINES_WAIT) {
            import->input_waits = true;
            break;
        } else if (result == LINES_END) {
            import->input_ended = true;
            feed_end(import->feed);
        } else {
            snprintf(import->message, sizeof(import->message), "%s",
                     log_lines_message(import->lines));
            return false;
        }
    }
    return true;
}

/* Until the socket, the input, the clock or the progress asks for something. */
static void wait_for_something(struct import *import, int64_t progress_due_ns)
{
    struct pollfd polls[2];
    int64_t due_ns = feed_poll(import->feed, &polls[0]);
    nfds_t count = 1;
    if (import->input_waits) {
        polls[count++] = (struct pollfd){.fd = log_lines_fd(import->lines), .events = POLLIN};
    } else if (!import->input_ended && feed_has_room(import->feed)) {
        int64_t line_ns = import->request->rate_per_second == 0 ? 0 : next_line_ns(import);
        due_ns = line_ns < due_ns ? line_ns : due_ns;
    }
    due_ns = progress_due_ns < due_ns ? progress_due_ns : due_ns;
    int64_t wait_ns = due_ns - clock_monotonic_ns(clock_system());
    int64_t wait_ms = due_ns == INT64_MAX ? WAIT_MAX_MS : (wait_ns + NS_PER_MS - 1) / NS_PER_MS;
    wait_ms = wait_ms < 0 ? 0 : wait_ms > WAIT_MAX_MS ? WAIT_MAX_MS : wait_ms;
    (void)poll(polls, count, (int)wait_ms); /* interrupted: the loop looks again */
}

static bool run(struct import *import)
{
    while (!feed_is_done(import->feed)) {
        int64_t now_ns = clock_monotonic_ns(clock_system());
        if (!put_lines(import, now_ns) ||
            feed_turn(import->feed, now_ns, import->message) != STATUS_OK) {
            return false;
        }
        struct feed_counts counts = feed_counts(import->feed);
        int64_t due_ns = import_progress_tell(&import->progress, &counts, now_ns);
        if (!feed_is_done(import->feed)) {
            wait_for_something(import, due_ns);
        }
    }
    return true;
}

static int summarize(struct import *import, bool complete)
{
    struct feed_counts counts = feed_counts(import->feed);
    import_progress_end(&import->progress, &counts);
    struct import_figures figures = {
        .url = import->request->url,
        .feed = counts,
        .skipped = log_lines_skipped(import->lines),
        .has_shift = import->has_shift,
        .shift_ns = import->shift_ns,
        .unshifted = import->unshifted,
        .elapsed_ns = clock_monotonic_ns(clock_system()) - import->start_ns,
        .error = complete ? NULL : import->message,
    };
    struct text_buffer out;
    text_buffer_init(&out);
    if (import->request->json) {
        import_summary_json(&figures, &out);
    } else if (complete || counts.sent > 0) {
        import_summary_text(&figures, &out);
    }
    terminal_print(&out);
    text_buffer_fini(&out);
    if (!complete) {
        fflush(stdout);
        terminal_complain("%s", import->message);
    }
    return complete ? EXIT_OK : EXIT_FAILED;
}

static int send_all(struct import *import, const struct log_inputs *inputs)
{
    if (log_lines_open(&import->lines, inputs->inputs, inputs->count,
                       clock_realtime_ns(clock_system())) != STATUS_OK) {
        terminal_complain("out of memory");
        return EXIT_FAILED;
    }
    text_buffer_init(&import->moved);
    import->start_ns = clock_monotonic_ns(clock_system());
    import_progress_init(&import->progress, import->request->status_file, import->start_ns);
    int code = summarize(import, run(import));
    text_buffer_fini(&import->moved);
    log_lines_close(import->lines);
    return code;
}

static int import_files(const struct request *request)
{
    struct import import = {.request = request};
    struct feed_settings settings = {
        .url = request->url,
        .retry_ns = request->retry_ns,
        .retry_first = request->retry != NULL,
    };
    if (feed_open(&import.feed, &settings, import.message) != STATUS_OK) {
        terminal_complain("%s", import.message);
        return EXIT_USAGE;
    }
    struct log_inputs inputs;
    int code = EXIT_FAILED;
    if (log_inputs_open(&inputs, &request->files, request->shift_to != NULL)) {
        if (request->shift_to == NULL || find_shift(&import, &inputs)) {
            code = send_all(&import, &inputs);
        }
        log_inputs_close(&inputs);
    }
    feed_close(import.feed);
    return code;
}

int command_import(int argc, char **argv)
{
    struct request request = {0};
    const struct option_row rows[] = {
        {"to", OPTION_STRING, &request.to, "URL",
         "tcp://HOST:PORT or unix://PATH; default " ENDPOINT_INGEST},
        {"data", OPTION_STRING, &request.data, "DIR",
         "the daemon's data directory, whose endpoints.json knows its address"},
        {"shift-to", OPTION_STRING, &request.shift_to, "now|TIME",
         "move all times so that the last event happens then"},
        {"limit", OPTION_STRING, &request.limit, "N", "only the first N lines"},
        {"rate", OPTION_STRING, &request.rate, "N", "at most N lines a second"},
        {"retry", OPTION_STRING, &request.retry, "TIME",
         "how long to try a daemon that went away; default 30s"},
        {"status-file", OPTION_STRING, &request.status_file, "FILE",
         "keep {\"sent\":N,\"durable\":M} in this file while it runs"},
        {"json", OPTION_FLAG, &request.json, NULL, "the summary as JSON"},
    };
    struct option_table table = {
        .usage = "import [--to URL | --data DIR] [--shift-to now|TIME] [--json] FILE|-...",
        .about = "Sends the lines of log files (plain, gzip or zstd) to a running daemon and waits "
                 "until all\n"
                 "are durable. A lost connection is made again and what is not durable is sent "
                 "once more:\n"
                 "lines that carry an id never count twice.",
        .rows = rows,
        .count = sizeof(rows) / sizeof(rows[0]),
        .operands = request.files.values,
        .operand_max = sizeof(request.files.values) / sizeof(request.files.values[0]),
    };
    enum options_result result = options_read(&table, argc, argv);
    if (result != OPTIONS_OK) {
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    request.files.count = table.operand_count;
    if (!parse_request(&request)) {
        return EXIT_USAGE;
    }
    int code = EXIT_OK;
    if (request.to != NULL) {
        if (strlen(request.to) >= sizeof(request.url)) {
            terminal_complain("--to: too long");
            return EXIT_USAGE;
        }
        memcpy(request.url, request.to, strlen(request.to) + 1);
    } else {
        code = endpoint_ingest(request.data, request.url);
    }
    return code == EXIT_OK ? import_files(&request) : code;
}
