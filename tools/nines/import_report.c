#include "nines/import_report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "domain/civil.h"
#include "nines/terminal.h"

#define STATUS_EVERY_NS   (50 * NS_PER_MS)
#define TERMINAL_EVERY_NS (200 * NS_PER_MS)

void import_progress_init(struct import_progress *progress, const char *status_path, int64_t now_ns)
{
    *progress = (struct import_progress){
        .status_path = status_path,
        .on_terminal = isatty(STDERR_FILENO) != 0,
        .status_due_ns = now_ns,
        .terminal_due_ns = now_ns + TERMINAL_EVERY_NS,
        .before_ns = now_ns,
    };
}

/* Renamed into place, so that a reader never sees half of it. */
static bool write_status(const char *path, const struct feed_counts *counts)
{
    char temporary[4096];
    int length = snprintf(temporary, sizeof(temporary), "%s.new", path);
    if (length < 0 || (size_t)length >= sizeof(temporary)) {
        errno = ENAMETOOLONG;
        return false;
    }
    FILE *file = fopen(temporary, "we");
    if (file == NULL) {
        return false;
    }
    fprintf(file, "{\"sent\":%" PRIu64 ",\"durable\":%" PRIu64 "}\n", counts->sent,
            counts->durable);
    return fclose(file) == 0 && rename(temporary, path) == 0;
}

static void tell_file(struct import_progress *progress, const struct feed_counts *counts)
{
    if (progress->status_path != NULL && !write_status(progress->status_path, counts) &&
        !progress->status_failed) {
        terminal_complain("cannot write %s: %s", progress->status_path, strerror(errno));
        progress->status_failed = true;
    }
}

static void tell_terminal(struct import_progress *progress, const struct feed_counts *counts,
                          int64_t now_ns)
{
    double seconds = (double)(now_ns - progress->before_ns) / (double)NS_PER_SECOND;
    double rate = seconds > 0 ? (double)(counts->sent - progress->sent_before) / seconds : 0;
    char sent[TERMINAL_COUNT_SIZE];
    char durable[TERMINAL_COUNT_SIZE];
    char per_second[TERMINAL_COUNT_SIZE];
    fprintf(stderr, "\r\033[K%s lines sent, %s/s, %s durable", terminal_count(counts->sent, sent),
            terminal_count((uint64_t)rate, per_second), terminal_count(counts->durable, durable));
    fflush(stderr);
    progress->sent_before = counts->sent;
    progress->before_ns = now_ns;
}

int64_t import_progress_tell(struct import_progress *progress, const struct feed_counts *counts,
                             int64_t now_ns)
{
    int64_t due_ns = INT64_MAX;
    if (progress->status_path != NULL) {
        if (now_ns >= progress->status_due_ns) {
            tell_file(progress, counts);
            progress->status_due_ns = now_ns + STATUS_EVERY_NS;
        }
        due_ns = progress->status_due_ns;
    }
    if (progress->on_terminal) {
        if (now_ns >= progress->terminal_due_ns) {
            tell_terminal(progress, counts, now_ns);
            progress->terminal_due_ns = now_ns + TERMINAL_EVERY_NS;
        }
        due_ns = progress->terminal_due_ns < due_ns ? progress->terminal_due_ns : due_ns;
    }
    return due_ns;
}

void import_progress_end(struct import_progress *progress, const struct feed_counts *counts)
{
    tell_file(progress, counts);
    if (progress->on_terminal) {
        fputs("\r\033[K", stderr);
    }
}

static double seconds_of(int64_t ns)
{
    return (double)ns / (double)NS_PER_SECOND;
}

static void say_shift(const struct import_figures *figures, struct text_buffer *out)
{
    int64_t seconds = figures->shift_ns / NS_PER_SECOND;
    const char *direction = figures->shift_ns < 0 ? "back" : "forward";
    seconds = seconds < 0 ? -seconds : seconds;
    text_buffer_format(
        out, "times moved %s by %" PRId64 "d %" PRId64 "h %" PRId64 "m %" PRId64 "s\n", direction,
        seconds / 86400, seconds % 86400 / 3600, seconds % 3600 / 60, seconds % 60);
}

static void say_exceptions(const struct import_figures *figures, struct text_buffer *out)
{
    const struct feed_counts *feed = &figures->feed;
    if (feed->reconnects > 0) {
        text_buffer_format(out,
                           "connected again %" PRIu64 " times; %" PRIu64 " lines sent once more\n",
                           feed->reconnects, feed->resent);
    }
    if (figures->unshifted > 0) {
        text_buffer_format(out, "%" PRIu64 " lines have times that could not be moved\n",
                           figures->unshifted);
    }
    if (figures->skipped.unframed > 0) {
        text_buffer_format(out, "%" PRIu64 " lines left out: longer than 64 KiB, or not framed\n",
                           figures->skipped.unframed);
    }
    if (figures->skipped.control > 0) {
        text_buffer_format(out, "%" PRIu64 " control lines left out\n", figures->skipped.control);
    }
}

void import_summary_text(const struct import_figures *figures, struct text_buffer *out)
{
    const struct feed_counts *feed = &figures->feed;
    double seconds = seconds_of(figures->elapsed_ns);
    char sent[TERMINAL_COUNT_SIZE];
    char durable[TERMINAL_COUNT_SIZE];
    char rate[TERMINAL_COUNT_SIZE];
    double per_second = seconds > 0 ? (double)feed->durable / seconds : 0;
    text_buffer_format(out, "%s lines sent to ", terminal_count(feed->sent, sent));
    terminal_escape(out, text_from(figures->url));
    text_buffer_format(out, ", %s durable, in %.2f s (%s/s)\n",
                       terminal_count(feed->durable, durable), seconds,
                       terminal_count((uint64_t)per_second, rate));
    if (figures->has_shift) {
        say_shift(figures, out);
    }
    say_exceptions(figures, out);
}

void import_summary_json(const struct import_figures *figures, struct text_buffer *out)
{
    const struct feed_counts *feed = &figures->feed;
    text_buffer_format(out,
                       "{\"sent\":%" PRIu64 ",\"durable\":%" PRIu64 ",\"resent\":%" PRIu64
                       ",\"reconnects\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"seconds\":%.6f",
                       feed->sent, feed->durable, feed->resent, feed->reconnects, feed->bytes,
                       seconds_of(figures->elapsed_ns));
    text_buffer_format(out, ",\"skipped\":{\"control\":%" PRIu64 ",\"unframed\":%" PRIu64 "}",
                       figures->skipped.control, figures->skipped.unframed);
    if (figures->has_shift) {
        text_buffer_format(out, ",\"shift_ns\":\"%" PRId64 "\",\"unshifted\":%" PRIu64,
                           figures->shift_ns, figures->unshifted);
    }
    text_buffer_string(out, ",\"to\":");
    text_buffer_json(out, text_from(figures->url));
    text_buffer_string(out, ",\"error\":");
    if (figures->error == NULL) {
        text_buffer_string(out, "null");
    } else {
        text_buffer_json(out, text_from(figures->error));
    }
    text_buffer_string(out, "}\n");
}
