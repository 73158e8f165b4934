#include "nines/log_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "decode/frame.h"

#define BUFFER_BYTES (1 << 20)

struct log_lines {
    const struct log_input *inputs;
    uint32_t input_count;
    uint32_t input_index;
    int64_t now_ns;
    struct log_source *source; /* NULL: the next input is not open yet */
    bool source_ended;
    struct framer framer;
    struct decoder *decoder;
    struct log_lines_skipped skipped;
    char message[512];
    size_t at;
    size_t filled;
    char buffer[BUFFER_BYTES];
};

_Static_assert(BUFFER_BYTES >= 2 * FRAME_BYTES_MAX,
               "a whole record must fit beside what is left over");

enum status log_lines_open(struct log_lines **lines_out, const struct log_input *inputs,
                           uint32_t input_count, int64_t now_ns)
{
    struct log_lines *lines = calloc(1, sizeof(*lines));
    if (lines == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = decoder_open(&lines->decoder, NULL);
    if (status != STATUS_OK) {
        free(lines);
        return status;
    }
    lines->inputs = inputs;
    lines->input_count = input_count;
    lines->now_ns = now_ns;
    *lines_out = lines;
    return STATUS_OK;
}

void log_lines_close(struct log_lines *lines)
{
    if (lines->source != NULL) {
        log_source_close(lines->source);
    }
    decoder_close(lines->decoder);
    free(lines);
}

const char *log_lines_message(const struct log_lines *lines)
{
    return lines->message;
}

int log_lines_fd(const struct log_lines *lines)
{
    return lines->source != NULL ? log_source_fd(lines->source) : -1;
}

struct log_lines_skipped log_lines_skipped(const struct log_lines *lines)
{
    return lines->skipped;
}

static enum lines_result fail(struct log_lines *lines, const char *why)
{
    snprintf(lines->message, sizeof(lines->message), "cannot read %s: %s",
             lines->inputs[lines->input_index].name, why);
    return LINES_FAILED;
}

static enum lines_result open_source(struct log_lines *lines)
{
    const struct log_input *input = &lines->inputs[lines->input_index];
    (void)lseek(input->fd, input->start, SEEK_SET); /* a pipe stays where it is */
    if (log_source_open(&lines->source, input->fd) != STATUS_OK) {
        return fail(lines, "out of memory");
    }
    lines->source_ended = false;
    lines->framer = (struct framer){0};
    lines->at = 0;
    lines->filled = 0;
    return LINES_RECORD;
}

/* More bytes behind those that are left. LINES_RECORD: look again. */
static enum lines_result fill(struct log_lines *lines, bool may_wait)
{
    memmove(lines->buffer, lines->buffer + lines->at, lines->filled - lines->at);
    lines->filled -= lines->at;
    lines->at = 0;
    size_t length;
    switch (log_source_read(lines->source, may_wait, lines->buffer + lines->filled,
                            BUFFER_BYTES - lines->filled, &length)) {
    case SOURCE_BYTES:
        lines->filled += length;
        return LINES_RECORD;
    case SOURCE_WAIT:
        return LINES_WAIT;
    case SOURCE_END:
        lines->source_ended = true;
        return LINES_RECORD;
    case SOURCE_FAILED:
        break;
    }
    return fail(lines, log_source_message(lines->source));
}

/* True: a line to be sent. */
static bool look_at(struct log_lines *lines, struct text bytes, struct log_line *line_out)
{
    enum reject reject;
    bool ack;
    enum decode_result result =
        decode_record(lines->decoder, bytes, lines->now_ns, &line_out->record, &reject, &ack);
    lines->skipped.control += result == DECODE_CONTROL;
    if (result == DECODE_BLANK || result == DECODE_CONTROL) {
        return false;
    }
    line_out->bytes = bytes;
    line_out->is_known = result == DECODE_RECORD;
    return true;
}

/* The next record of what the buffer holds. LINES_WAIT: more bytes are needed. */
static enum lines_result cut(struct log_lines *lines, struct log_line *line_out)
{
    for (;;) {
        size_t consumed;
        struct text bytes;
        enum reject reject;
        enum frame_result result =
            frame_next(&lines->framer, lines->buffer + lines->at, lines->filled - lines->at,
                       lines->source_ended, &consumed, &bytes, &reject);
        lines->at += consumed;
        if (result == FRAME_MORE) {
            return LINES_WAIT;
        }
        if (result == FRAME_CLOSE) {
            return fail(lines, reject_text(reject));
        }
        if (result == FRAME_REJECT) {
            lines->skipped.unframed++;
        } else if (look_at(lines, bytes, line_out)) {
            return LINES_RECORD;
        }
    }
}

enum lines_result log_lines_next(struct log_lines *lines, bool may_wait, struct log_line *line_out)
{
    for (;;) {
        if (lines->input_index == lines->input_count) {
            return LINES_END;
        }
        enum lines_result result = LINES_RECORD;
        if (lines->source == NULL) {
            result = open_source(lines);
        }
        if (result == LINES_RECORD) {
            result = cut(lines, line_out);
        }
        if (result != LINES_WAIT) {
            return result;
        }
        if (lines->source_ended) {
            log_source_close(lines->source);
            lines->source = NULL;
            lines->input_index++;
            continue;
        }
        result = fill(lines, may_wait);
        if (result != LINES_RECORD) {
            return result;
        }
    }
}
