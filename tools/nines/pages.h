/* Lists that the API hands out page by page, put together again. */
#ifndef NINES_PAGES_H
#define NINES_PAGES_H

#include "nines/query.h"

/* The whole answer, with all elements of `key` in one array and "next" null, or the cursor where it
 * was left because `most` elements were reached. query: without limit and cursor; it is used up. */
must_check enum status pages_get(struct query *query, const char *base, const char *key,
                                 uint64_t most, json_t **answer_out,
                                 char message_out[HTTP_CLIENT_MESSAGE_SIZE]);

#endif
