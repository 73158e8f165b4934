#include "net/outbox.h"

#include <string.h>
#include <sys/mman.h>

#include "base/panic.h"

#define POOL_BYTES ((size_t)OUTBOX_BLOCK_COUNT * OUTBOX_BLOCK_BYTES)

enum status outbox_pool_init(struct outbox_pool *pool)
{
    void *bytes = mmap(NULL, POOL_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    pool->bytes = bytes == MAP_FAILED ? NULL : bytes;
    if (pool->bytes == NULL) {
        return STATUS_NO_MEMORY;
    }
    pool->free_first = 0;
    pool->free_count = OUTBOX_BLOCK_COUNT;
    pool->holder_count = 0;
    for (uint32_t i = 0; i < OUTBOX_BLOCK_COUNT; i++) {
        pool->next[i] = i + 1 == OUTBOX_BLOCK_COUNT ? OUTBOX_BLOCK_NONE : (uint16_t)(i + 1);
    }
    return STATUS_OK;
}

void outbox_pool_fini(struct outbox_pool *pool)
{
    if (pool->bytes != NULL) {
        munmap(pool->bytes, POOL_BYTES);
        pool->bytes = NULL;
    }
}

static char *block_at(const struct outbox_pool *pool, uint16_t block)
{
    return pool->bytes + (size_t)block * OUTBOX_BLOCK_BYTES;
}

static uint16_t block_take(struct outbox_pool *pool)
{
    uint16_t block = pool->free_first;
    assert(block != OUTBOX_BLOCK_NONE);
    pool->free_first = pool->next[block];
    pool->next[block] = OUTBOX_BLOCK_NONE;
    pool->free_count--;
    return block;
}

static void block_give(struct outbox_pool *pool, uint16_t block)
{
    pool->next[block] = pool->free_first;
    pool->free_first = block;
    pool->free_count++;
}

void outbox_init(struct outbox *outbox)
{
    *outbox = (struct outbox){.head = OUTBOX_BLOCK_NONE, .tail = OUTBOX_BLOCK_NONE};
}

static uint32_t tail_room(const struct outbox *outbox)
{
    return outbox->tail == OUTBOX_BLOCK_NONE ? 0 : OUTBOX_BLOCK_BYTES - outbox->tail_end;
}

static bool has_room(const struct outbox *outbox, const struct outbox_pool *pool, size_t length)
{
    if (length > NET_SEND_BYTES_MAX - outbox->length) {
        return false;
    }
    size_t room = tail_room(outbox);
    size_t blocks = length <= room ? 0 : (length - room - 1) / OUTBOX_BLOCK_BYTES + 1;
    bool holds = outbox->head != OUTBOX_BLOCK_NONE;
    /* A connection's first block is always there; what is above it must leave one for each of the
     * others. */
    size_t kept = NET_CONNECTIONS_MAX - pool->holder_count - (holds ? 0 : 1);
    return blocks == 0 || blocks + kept <= pool->free_count;
}

static void append_block(struct outbox *outbox, struct outbox_pool *pool)
{
    uint16_t block = block_take(pool);
    if (outbox->head == OUTBOX_BLOCK_NONE) {
        outbox->head = block;
        outbox->head_start = 0;
        pool->holder_count++;
    } else {
        pool->next[outbox->tail] = block;
    }
    outbox->tail = block;
    outbox->tail_end = 0;
}

enum status outbox_push(struct outbox *outbox, struct outbox_pool *pool, const char *bytes,
                        size_t length)
{
    if (!has_room(outbox, pool, length)) {
        return STATUS_FULL;
    }
    while (length > 0) {
        if (tail_room(outbox) == 0) {
            append_block(outbox, pool);
        }
        size_t part = length < tail_room(outbox) ? length : tail_room(outbox);
        memcpy(block_at(pool, outbox->tail) + outbox->tail_end, bytes, part);
        outbox->tail_end += (uint32_t)part;
        outbox->length += (uint32_t)part;
        bytes += part;
        length -= part;
    }
    return STATUS_OK;
}

uint32_t outbox_peek(const struct outbox *outbox, const struct outbox_pool *pool,
                     const char **bytes_out)
{
    if (outbox->length == 0) {
        return 0;
    }
    *bytes_out = block_at(pool, outbox->head) + outbox->head_start;
    uint32_t end = outbox->head == outbox->tail ? outbox->tail_end : OUTBOX_BLOCK_BYTES;
    return end - outbox->head_start;
}

static void drop_head(struct outbox *outbox, struct outbox_pool *pool)
{
    uint16_t head = outbox->head;
    outbox->head = pool->next[head];
    outbox->head_start = 0;
    if (outbox->head == OUTBOX_BLOCK_NONE) {
        outbox->tail = OUTBOX_BLOCK_NONE;
        pool->holder_count--;
    }
    block_give(pool, head);
}

void outbox_sent(struct outbox *outbox, struct outbox_pool *pool, uint32_t length)
{
    const char *bytes;
    assert(length <= outbox_peek(outbox, pool, &bytes));
    outbox->head_start += length;
    outbox->length -= length;
    if (outbox->length == 0 || outbox->head_start == OUTBOX_BLOCK_BYTES) {
        drop_head(outbox, pool);
    }
}

void outbox_clear(struct outbox *outbox, struct outbox_pool *pool)
{
    while (outbox->head != OUTBOX_BLOCK_NONE) {
        drop_head(outbox, pool);
    }
    outbox_init(outbox);
}
