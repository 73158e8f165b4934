#include "api/body.h"

#include <stdlib.h>

#define SIZE_FIRST 16384

static bool budget_take(struct body *body, uint64_t bytes)
{
    uint64_t before = atomic_fetch_add_explicit(&body->budget->used, bytes, memory_order_relaxed);
    if (before + bytes > BODY_BUDGET_BYTES) {
        atomic_fetch_sub_explicit(&body->budget->used, bytes, memory_order_relaxed);
        return false;
    }
    body->counted += bytes;
    return true;
}

static bool make_room(struct body *body, size_t length)
{
    if (body->length + length <= body->size) {
        return true;
    }
    size_t size = body->size == 0 ? SIZE_FIRST : body->size;
    while (size < body->length + length) {
        size *= 2;
    }
    if (!budget_take(body, size - body->size)) {
        return false;
    }
    char *bytes = realloc(body->bytes, size);
    if (bytes == NULL) {
        return false; /* what was counted is given back with the rest */
    }
    body->bytes = bytes;
    body->size = size;
    return true;
}

static bool keep(void *context, const void *bytes, size_t length)
{
    struct body *body = context;
    if (!make_room(body, length)) {
        return false;
    }
    memcpy(body->bytes + body->length, bytes, length);
    body->length += length;
    return true;
}

void body_init(struct body *body, struct body_budget *budget, enum coding coding)
{
    *body = (struct body){.budget = budget};
    if (coding != CODING_NONE && (!budget_take(body, UNPACK_WORK_BYTES) ||
                                  unpack_open(&body->unpack, coding, keep, body) != STATUS_OK)) {
        body->state = BODY_NO_ROOM;
    }
}

void body_fini(struct body *body)
{
    unpack_close(body->unpack);
    free(body->bytes);
    if (body->budget != NULL) {
        atomic_fetch_sub_explicit(&body->budget->used, body->counted, memory_order_relaxed);
    }
    *body = (struct body){0};
}

static enum body_state state_of(enum unpack_result result)
{
    static const enum body_state states[] = {
        [UNPACK_OK] = BODY_OK,
        [UNPACK_BROKEN] = BODY_BROKEN,
        [UNPACK_TOO_LARGE] = BODY_TOO_LARGE,
        [UNPACK_NO_MEMORY] = BODY_NO_ROOM,
    };
    return states[result];
}

void body_add(struct body *body, const void *bytes, size_t length)
{
    body->received += length;
    if (body->received > BODY_BYTES_MAX) {
        body->state = BODY_OVERFLOWED;
    } else if (body->state == BODY_OK && body->unpack != NULL) {
        body->state = state_of(unpack_feed(body->unpack, bytes, length));
    } else if (body->state == BODY_OK && !keep(body, bytes, length)) {
        body->state = BODY_NO_ROOM;
    }
}

void body_end(struct body *body)
{
    if (body->state == BODY_OK && body->unpack != NULL) {
        body->state = state_of(unpack_end(body->unpack));
    }
}
