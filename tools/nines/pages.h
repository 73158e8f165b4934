/* Lists that the API hands out page by page, put together again. */
#ifndef NINES_PAGES_H
#define NINES_PAGES_H

#include "nines/query.h"

/* The whole answer, with all elements of `key` in one array and "next" null, or the cursor where it
 * was left because `most` elements were reached. query: without limit and cursor; it is used up. */
must_check enum status pages_get(struct query *query, const char *base, const char *key,
                                 uint64_t most, json_t **answer_out,
                                 char message_out[HTTP_CLIENT_MESSAGE_SIZE]);

/* A whole list, to be shown. NULL: complained. */
json_t *pages_fetch(struct query *query, const char *base, const char *key);
/* Prints the answer, which is used up: as JSON, or the array of `key` as `show` writes it. The exit
 * code. */
typedef void pages_show(const json_t *elements, struct text_buffer *out);
int pages_print(json_t *answer, const char *key, bool json, pages_show *show);

#endif
