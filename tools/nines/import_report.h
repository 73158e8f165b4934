/* What `nines import` tells while it runs and at its end: a line on the terminal, a file for
 * scripts, a summary. */
#ifndef NINES_IMPORT_REPORT_H
#define NINES_IMPORT_REPORT_H

#include "base/text_buffer.h"
#include "nines/feed.h"
#include "nines/log_lines.h"

struct import_figures {
    const char *url;
    struct feed_counts feed;
    struct log_lines_skipped skipped;
    bool has_shift;
    int64_t shift_ns;
    uint64_t unshifted; /* lines whose times stayed, at least one of them */
    int64_t elapsed_ns;
    const char *error; /* NULL: everything is durable */
};

struct import_progress {
    const char *status_path; /* NULL: none */
    bool on_terminal;
    int64_t status_due_ns;
    int64_t terminal_due_ns;
    bool status_failed; /* complained once */
    uint64_t sent_before;
    int64_t before_ns;
};

void import_progress_init(struct import_progress *progress, const char *status_path,
                          int64_t now_ns);
/* Tells what is due; returns when to be called again (monotonic ns, INT64_MAX: never). */
int64_t import_progress_tell(struct import_progress *progress, const struct feed_counts *counts,
                             int64_t now_ns);
/* The last word in the file; the terminal's line is wiped. */
void import_progress_end(struct import_progress *progress, const struct feed_counts *counts);

void import_summary_text(const struct import_figures *figures, struct text_buffer *out);
void import_summary_json(const struct import_figures *figures, struct text_buffer *out);

#endif
