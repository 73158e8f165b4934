#include "net/buffers.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/panic.h"

#define POOL_BYTES ((size_t)NET_BUFFER_COUNT * BUFFERS_SIZE)
#define RING_BYTES (NET_BUFFER_COUNT * sizeof(struct io_uring_buf))

static void *map(size_t length)
{
    void *bytes = mmap(NULL, length, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return bytes == MAP_FAILED ? NULL : bytes;
}

enum status buffers_init(struct buffers *buffers)
{
    memset(buffers, 0, sizeof(*buffers));
    buffers->bytes = map(POOL_BYTES);
    buffers->ring = map(RING_BYTES);
    if (buffers->bytes == NULL || buffers->ring == NULL) {
        buffers_fini(buffers);
        return STATUS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < NET_BUFFER_COUNT; i++) {
        /* From the top, so that buffer 0 is the first to go. */
        buffers->reserve[i] = (uint16_t)(NET_BUFFER_COUNT - 1 - i);
    }
    buffers->reserve_count = NET_BUFFER_COUNT;
    return STATUS_OK;
}

void buffers_fini(struct buffers *buffers)
{
    if (buffers->bytes != NULL) {
        munmap(buffers->bytes, POOL_BYTES);
    }
    if (buffers->ring != NULL) {
        munmap(buffers->ring, RING_BYTES);
    }
    buffers->bytes = NULL;
    buffers->ring = NULL;
}

enum status buffers_register(struct buffers *buffers, struct uring *uring,
                             char message_out[NET_MESSAGE_SIZE])
{
    struct io_uring_buf_reg registration = {.ring_addr = (uintptr_t)buffers->ring,
                                            .ring_entries = NET_BUFFER_COUNT,
                                            .bgid = BUFFERS_GROUP};
    io_uring_buf_ring_init(buffers->ring);
    int result = io_uring_register_buf_ring(&uring->ring, &registration, 0);
    if (result < 0) {
        snprintf(message_out, NET_MESSAGE_SIZE, "io_uring_register(PBUF_RING): %s",
                 strerrordesc_np(-result));
        return STATUS_UNSUPPORTED;
    }
    buffers_offer(buffers, BUFFERS_OFFERED);
    return STATUS_OK;
}

void buffers_taken(struct buffers *buffers, uint16_t id)
{
    assert(id < NET_BUFFER_COUNT);
    assert(buffers->offered_count > 0);
    buffers->offered_count--;
}

void buffers_give(struct buffers *buffers, uint16_t id)
{
    assert(id < NET_BUFFER_COUNT);
    assert(buffers->reserve_count + buffers->offered_count < NET_BUFFER_COUNT);
    buffers->reserve[buffers->reserve_count++] = id;
}

void buffers_offer(struct buffers *buffers, uint32_t count)
{
    int added = 0;
    while (buffers->offered_count < count && buffers->reserve_count > 0) {
        uint16_t id = buffers->reserve[--buffers->reserve_count];
        io_uring_buf_ring_add(buffers->ring, buffers_at(buffers, id), BUFFERS_SIZE, id,
                              io_uring_buf_ring_mask(NET_BUFFER_COUNT), added++);
        buffers->offered_count++;
    }
    if (added > 0) {
        io_uring_buf_ring_advance(buffers->ring, added);
    }
}

uint32_t buffers_free_count(const struct buffers *buffers)
{
    return buffers->offered_count + buffers->reserve_count;
}
