/* The body of one request as it comes in: counted, unpacked, kept in one piece.
 *
 * Limits: BODY_BYTES_MAX as sent, UNPACKED_BYTES_MAX unpacked, and one budget for all bodies of all
 * connections together, so that many large ones cost their senders a 503, not the engine its
 * memory. The budget holds two of the largest unpacked bodies, or eight of the largest plain ones.
 * A body that is moved while it grows (realloc) counts once.
 */
#ifndef API_BODY_H
#define API_BODY_H

#include <stdatomic.h>

#include "api/unpack.h"

#define BODY_BYTES_MAX    (16u << 20)
#define BODY_BUDGET_BYTES (128u << 20)

/* Of all bodies; any thread. */
struct body_budget {
    _Atomic uint64_t used; /* relaxed: a bound, orders nothing */
};

enum body_state {
    BODY_OK,
    BODY_TOO_LARGE,  /* 413 */
    BODY_BROKEN,     /* its Content-Encoding is not what it says: 400 */
    BODY_NO_ROOM,    /* the budget is used up: 503 */
    BODY_OVERFLOWED, /* more bytes than BODY_BYTES_MAX came: 413, and nothing more is read */
};

struct body {
    struct body_budget *budget;
    struct unpack *unpack; /* NULL: plain */
    char *bytes;
    size_t length;
    size_t size;
    uint64_t counted; /* against the budget */
    uint64_t received;
    enum body_state state; /* once it is not BODY_OK, what comes is counted and thrown away */
};

/* BODY_NO_ROOM in state when there is no memory for unpacking. */
void body_init(struct body *body, struct body_budget *budget, enum coding coding);
void body_fini(struct body *body);
/* As sent. */
void body_add(struct body *body, const void *bytes, size_t length);
/* All is there. */
void body_end(struct body *body);

#endif
