/* Where the strings of a line of JSON begin and end: one bit for each quote that no backslash
 * escapes, found 64 bytes at a time.
 *
 *     {"id":"a\"b","n":7}      the line
 *      1  1 1    1 1 1         its quotes: word 0, bit 0 is the first byte
 *
 * Why: a scanner that looks for the end of each string anew waits for one search before it can begin
 * the next. Here all searches of a line are done at once, without a branch for any byte, and the
 * walk (json_quick.h) only takes bits off a word. The same pass says whether the line has anything
 * out of the ordinary in it.
 *
 * What it does not do: grammar. A quote is a quote, wherever it stands.
 */
#ifndef DECODE_QUOTE_INDEX_H
#define DECODE_QUOTE_INDEX_H

#include "base/bytes.h"
#include "decode/frame.h"

#define QUOTE_WORDS_MAX (RECORD_BYTES_MAX / 64)

struct quote_index {
    bool is_ascii;    /* no byte above 0x7F */
    bool has_control; /* a byte below 0x20, wherever it stands */
    bool is_odd;      /* an odd number of quotes: a string does not end */
    bool has_escapes; /* at least one backslash */
    bool has_bad_escape;
    /* Offsets of the first and the last backslash, where there is one. */
    uint32_t escape_first;
    uint32_t escape_last;
    uint64_t quotes[QUOTE_WORDS_MAX];
};

typedef void quote_scan(struct quote_index *index, struct text line);

/* The ways to do it, the fastest last. All give the same. */
enum quote_path { QUOTE_PATH_PLAIN, QUOTE_PATH_SSE2, QUOTE_PATH_AVX2, QUOTE_PATH_COUNT };

/* NULL: not on this machine. line: 1 to RECORD_BYTES_MAX bytes. */
quote_scan *quote_scan_by(enum quote_path path);

/* Could the bytes [from, to) hold a backslash? */
static inline bool quote_index_may_escape(const struct quote_index *index, uint32_t from,
                                          uint32_t to)
{
    return from <= index->escape_last && to > index->escape_first;
}

#endif
