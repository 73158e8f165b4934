/* The request that almost every record is, read without detours: no kind, names and time as strings
 * without escapes, status and latency_ms as short numbers, nothing else that we know.
 *
 * Whether it is one is seen from a few masks. What turns out not to be as it should is no business
 * of this module: the readers of ndjson.c begin anew, and have the words for it. */
#ifndef DECODE_PLAIN_REQUEST_H
#define DECODE_PLAIN_REQUEST_H

#include "decode/json_fields.h"
#include "domain/record.h"

/* All that a request reads, plain or not. */
#define FIELDS_REQUEST                                                                             \
    (FIELD_BIT(KIND) | FIELD_BIT(TS) | FIELD_BIT(ID) | FIELD_BIT(SOURCE) | FIELD_BIT(CUSTOMER) |   \
     FIELD_BIT(SERVICE) | FIELD_BIT(END_USER) | FIELD_BIT(STATUS) | FIELD_BIT(OUTCOME) |           \
     FIELD_BIT(LATENCY_MS) | FIELD_BIT(LATENCY_US) | FIELD_BIT(LATENCY_S) | FIELD_BIT(CLASS) |     \
     FIELD_BIT(SCOPE) | FIELD_BIT(COUNT) | FIELD_BIT(STATE) | FIELD_BIT(CHANNEL) |                 \
     FIELD_BIT(GOOD) | FIELD_BIT(TOTAL))

struct decoder;

/* From the fields read last. False: something is otherwise; the record may hold some of it. */
bool plain_request_read(struct decoder *decoder, struct record *record);

#endif
