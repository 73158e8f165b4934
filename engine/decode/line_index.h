/* One look at a line, 64 bytes at a time: where it ends, where its strings begin and end, and whether
 * anything in it is out of the ordinary.
 *
 *     {"id":"a\"b","n":7}␊     the line
 *      1  1 1    1 1 1         its quotes: word 0, bit 0 is the first byte; escaped ones are none
 *
 * Why: a scanner that looks for the end of each string anew waits for one search before it can begin
 * the next, and a framer that looks for line feeds reads every byte once more. Here all searches are
 * done at once, without a branch for any byte.
 *
 * What it does not do: grammar. A quote is a quote, wherever it stands.
 */
#ifndef DECODE_LINE_INDEX_H
#define DECODE_LINE_INDEX_H

#include <stddef.h>

#include "base/bytes.h"

/* Longer lines have no index. */
#define LINE_INDEX_BYTES_MAX 65536
#define LINE_INDEX_WORDS     (LINE_INDEX_BYTES_MAX / 64)

struct line_index;

/* Looks at bytes up to the first line feed or, if there is none, to their end. Answers where that
 * is. The line's text does not have the line end (LF or CR LF). */
typedef size_t line_index_scan(struct line_index *index, const char *bytes, size_t length);

struct line_index {
    line_index_scan *scan;
    /* What it is about, without its line end. Length 0: about nothing. */
    struct text line;
    /* Up to here bytes may be loaded: the end of the buffer that the line stands in. */
    const char *readable_end;
    /* All escapes are JSON's, quotes are even, nothing is below 0x20: else the rest says nothing. */
    bool is_clean;
    bool is_ascii;    /* surely no byte above 0x7F */
    bool has_escapes; /* at least one backslash */
    /* Offsets of the first and the last backslash, where there is one. */
    uint32_t escape_first;
    uint32_t escape_last;
    uint64_t quotes[LINE_INDEX_WORDS];
};

/* The ways to do it, the fastest last. All give the same. */
enum line_index_path { LINE_INDEX_PLAIN, LINE_INDEX_SSE2, LINE_INDEX_AVX2, LINE_INDEX_PATH_COUNT };

enum line_index_path line_index_path_best(void);
/* About nothing yet. False: this machine has not got the path's instructions. */
bool line_index_init(struct line_index *index, enum line_index_path path);

/* Could the bytes [from, to) hold a backslash? */
static inline bool line_index_may_escape(const struct line_index *index, uint32_t from, uint32_t to)
{
    return index->has_escapes && from <= index->escape_last && to > index->escape_first;
}

#endif
