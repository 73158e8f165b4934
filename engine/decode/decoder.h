/* Inside decode/: what the decoders of single formats share. */
#ifndef DECODE_DECODER_H
#define DECODE_DECODER_H

#include "decode/decode.h"
#include "decode/frame.h"
#include "decode/json_fields.h"
#include "decode/json_quick.h"
#include "decode/time_memo.h"

#define DECODER_DETAIL_SIZE 161

struct decoder {
    struct decode_settings settings;
    struct decode_notes notes;
    enum reject reject;
    /* Of the present call: where columns are counted from. */
    const char *input;
    uint32_t scratch_used;
    struct time_memo memo;
    struct field_index keys;
    struct json_fields fields;
    json_quick_read
        *read_quickly; /* NULL: every line is scanned strictly (tests compare the two) */
    struct json_shape shape;
    struct line_index own_index; /* of lines that came without one */
    char detail[DECODER_DETAIL_SIZE];
    /* Unescaped strings. Each is part of the record and not longer than it was, and is taken once.
     */
    char scratch[RECORD_BYTES_MAX];
};

/* What a transport header around the record said. Without one: ENVELOPE_NONE. */
struct envelope {
    struct text tag;
    int64_t time_ns; /* TIME_NONE: nothing usable */
    bool time_unparsable;
};
#define ENVELOPE_NONE ((struct envelope){.time_ns = TIME_NONE})

/* Notes reason and detail of the rejection; always false, so that a reader can say `return`. */
__attribute__((format(printf, 3, 4))) bool
decoder_refuse(struct decoder *decoder, enum reject reject, const char *format, ...);

/* A piece of input that may stand in a detail: printable ASCII, cut. */
#define EXCERPT_SIZE 36
void decoder_excerpt(struct text text, char out[EXCERPT_SIZE]);
/* From 1. */
uint32_t decoder_column(const struct decoder *decoder, const char *at);
char *decoder_scratch(struct decoder *decoder, uint32_t length);

/* The rules for names and ids; `what` names the field in the detail. */
bool decoder_check_name(struct decoder *decoder, const char *what, struct text name);
/* 100 to 599, or 0 for none; anything else is refused. */
bool decoder_check_status(struct decoder *decoder, uint64_t status);
/* The header's time where the record itself has none. */
void decoder_time_from_envelope(struct record *record, const struct envelope *envelope);

/* By the instructions of this path; false: this machine has not got them. */
bool decoder_choose_path(struct decoder *decoder, enum line_index_path path);

/* The formats. text: the record, or the message inside a syslog header; not empty. index: of the
 * text, or NULL. */
enum decode_result json_decode(struct decoder *decoder, struct text text,
                               const struct line_index *index, const struct envelope *envelope,
                               struct record *record, bool *ack_out);
bool nginx_json_read(struct decoder *decoder, const struct envelope *envelope,
                     struct record *record);
bool nginx_json_recognise(const struct json_fields *fields);
enum decode_result syslog_decode(struct decoder *decoder, struct text text, int64_t received_ns,
                                 struct record *record, bool *ack_out);
/* False: not a line of a known access log (nothing refused yet). */
bool access_log_decode(struct decoder *decoder, struct text text, const struct envelope *envelope,
                       struct record *record, enum decode_result *result_out);

#endif
