/* Cuts a byte stream into records, whatever framing the sender speaks.
 *
 * The first byte of each record tells (WIRE section 1.3):
 *     1-9, digits, SP      octet counted: that many bytes (RFC 6587 3.4.1), a final LF among them
 *     anything else        up to LF (a CR before it is dropped)
 *     0x16 first of all    a TLS hello: FRAME_CLOSE, REJECT_TLS
 *     0x78 or 'z' first    a zlib stream, if the next byte is one's: FRAME_CLOSE, REJECT_COMPRESSED
 *     0x89 N 9 S first     native frames (nines/wire.h): FRAME_CLOSE, REJECT_NATIVE_FRAMES
 * A broken octet count (more than 7 digits, or no `<` or `{` or `[` behind it) is taken as a plain
 * line, so that a log line that begins with a digit (an address) is never lost and the next LF ends
 * the damage. Limits: RECORD_BYTES_MAX per record; a longer one is skipped to its end while
 * streaming (a counted one by its count), and reported once.
 *
 * The framer keeps no bytes: the caller keeps what was not consumed and offers it again with more
 * behind. A caller's buffer holds FRAME_BYTES_MAX or more: as much may be left over when the answer
 * is FRAME_MORE. The result never depends on how the stream was split.
 */
#ifndef DECODE_FRAME_H
#define DECODE_FRAME_H

#include <stdbool.h>

#include "base/bytes.h"
#include "decode/line_index.h"
#include "domain/reject.h"

#define RECORD_BYTES_MAX 65536
/* A whole record with its octet count (7 digits, a blank) or line end. */
#define FRAME_BYTES_MAX (RECORD_BYTES_MAX + 8)

struct framer {
    /* Bytes still to be skipped of a record that is too large: octets left, or up to the next LF.
     */
    uint64_t skip_octets;
    bool skip_line;
    bool begun; /* the first byte of the connection was seen */
    /* Borrowed, or NULL; many framers may share one. What was seen of a line while its end was
     * looked for, for decode_framed: until the next call of frame_next. */
    struct line_index *index;
};

enum frame_result {
    FRAME_RECORD, /* *record_out is a whole record (may be empty: a blank line) */
    FRAME_MORE,   /* no whole record in what is offered */
    FRAME_REJECT, /* *reject_out happened once; go on */
    FRAME_CLOSE,  /* *reject_out; nothing more of this stream can be understood */
};

/* Looks at bytes[0 .. length). *consumed_out bytes are done with, whatever the result. At the
 * stream's end call with at_end: a last line without LF is a record; a cut octet frame is
 * REJECT_TRUNCATED. */
enum frame_result frame_next(struct framer *framer, const char *bytes, size_t length, bool at_end,
                             size_t *consumed_out, struct text *record_out,
                             enum reject *reject_out);

#endif
