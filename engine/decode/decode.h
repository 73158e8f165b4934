/* From the bytes of one record to a `struct record`: the one entrance to all text formats.
 *
 *   record ─┬─ '{' ─────────────► ndjson.c: ours (has `service` or `kind`), else nginx JSON
 *           ├─ '<' PRI ─► syslog.c ─► its MSG: again '{' or a plain line, with tag and header time
 *           └─ else ────────────► access_log.c: nginx combined (more formats later)
 *
 * Pure: no clock, no allocation per record. What is kept between records (the shape of the last
 * line, its day) makes answers quicker, never different. A decoder is owned by one
 * thread (it has scratch memory for unescaped strings). Record texts are borrowed until the next
 * call.
 *
 * Bad input is an answer, not an error: DECODE_REJECT with a reason and a detail for people.
 */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include "base/status.h"
#include "domain/record.h"
#include "domain/reject.h"
#include "domain/zone.h"

enum decode_result {
    DECODE_RECORD,
    DECODE_REJECT,
    DECODE_BLANK,   /* an empty line, or white space only: nothing, not counted */
    DECODE_CONTROL, /* {"nines":{...}}: for the session, see `ack` */
};

/* Field maps, for sources that are not ours (WIRE section 0). AUTO tells them apart by content. */
enum field_map { MAP_AUTO, MAP_NINES, MAP_NGINX_JSON, MAP_NGINX_COMBINED };

struct decode_settings {
    enum field_map map;
    int64_t abort_after_ns; /* a client that gave up after this long counts as bad (default 5 s) */
    int64_t zone_offset_ns; /* of zone-less syslog times; local = UTC + offset */
    bool reads_received;    /* files may say when a record was received; senders may not */
    zone_find *find_zone;   /* of maintenance that goes by local clocks; NULL: there are none */
};

/* Counted beside the records themselves; the caller adds them up. */
struct decode_notes {
    bool time_from_receipt; /* a header or access-log time could not be read */
    bool without_id;        /* a request without an id: a repeat would count twice */
};

struct decoder;
struct line_index;

/* settings: NULL for the defaults (map auto, 5 s, UTC). */
must_check enum status decoder_open(struct decoder **decoder_out,
                                    const struct decode_settings *settings);
void decoder_close(struct decoder *decoder);

/* bytes: one whole record without its line end, at most RECORD_BYTES_MAX. received_ns: now, for
 * year-less syslog times. On DECODE_REJECT *reject_out and decoder_detail() say why; on
 * DECODE_CONTROL *ack_out says whether the stream asked for durable acknowledgements. */
enum decode_result decode_record(struct decoder *decoder, struct text bytes, int64_t received_ns,
                                 struct record *record_out, enum reject *reject_out, bool *ack_out);

/* The same with what the framer has seen of the line (frame.h): index as frame_next, which gave the
 * record just now, has left it. NULL: nothing. */
enum decode_result decode_framed(struct decoder *decoder, struct text bytes,
                                 const struct line_index *index, int64_t received_ns,
                                 struct record *record_out, enum reject *reject_out, bool *ack_out);

/* What was wrong with the last rejected record, in words: printable ASCII, at most 160 bytes, e.g.
 * "column 17: expected ':'" or "field `status`: expected an integer, got a string". Borrowed. */
const char *decoder_detail(const struct decoder *decoder);
struct decode_notes decoder_notes(const struct decoder *decoder);

/* A JSON body of many records (HTTP): an array, or objects one after the other with any or no white
 * space between. Finds the next record's bytes; false at the end. Whatever else stands there is
 * handed out as a record too, for decode_record to refuse: outside an array the run up to the next
 * line feed, which always ends a record there; in an array the element, or that run when its
 * brackets do not match. */
struct body_cursor {
    const char *at;
    const char *end;
    bool in_array;
    bool begun;
};
void body_cursor_init(struct body_cursor *cursor, struct text body);
bool body_cursor_next(struct body_cursor *cursor, struct text *record_out);

const char *field_map_word(enum field_map map);
int field_map_from(struct text word);

#endif
