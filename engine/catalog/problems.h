/* What is wrong with the documents, said so that the writer can go to the place and mend it.
 *
 * One line each, `file:line:column: message` or `file:line:column: warning: message`; columns count
 * characters from 1. At most PROBLEMS_SHOWN_MAX of each are written, then how many more there are.
 * What is repeated from a document goes through `quoted`, so that no message carries control bytes
 * to a terminal or grows with its input.
 */
#ifndef CATALOG_PROBLEMS_H
#define CATALOG_PROBLEMS_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/text_buffer.h"

#define PROBLEMS_SHOWN_MAX 100

struct place {
    const char *file;
    uint32_t line; /* from 1 */
    uint32_t column;
};

struct problems {
    struct text_buffer *errors;
    struct text_buffer *warnings;
    uint32_t error_count;
    uint32_t warning_count;
};

__attribute__((format(printf, 3, 4))) void
problem_error(struct problems *problems, struct place place, const char *format, ...);
__attribute__((format(printf, 3, 4))) void
problem_warning(struct problems *problems, struct place place, const char *format, ...);
/* Says how many were not shown. Once, at the end. */
void problems_close(struct problems *problems);

/* A text from a document as messages show it: in backquotes, bytes outside 0x20..0x7e as \xNN, cut
 * short. Lives until the end of the full expression. */
struct quote {
    char bytes[64];
};
struct quote quoted(struct text text);

#endif
