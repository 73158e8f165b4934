/* The promise of decode/frame.h: the same records and rejections however the stream was split, and
 * some progress always. Input: the splits' seed (4 bytes), then the stream. */
#include <stdlib.h>

#include "base/panic.h"
#include "decode/frame.h"

struct story {
    uint64_t hash;
    uint64_t events;
};

static void tell(struct story *story, const void *bytes, size_t length, unsigned mark)
{
    const unsigned char *at = bytes;
    story->hash = (story->hash ^ mark) * UINT64_C(0x100000001B3) ^ length;
    for (size_t i = 0; i < length; i++) {
        story->hash = (story->hash ^ at[i]) * UINT64_C(0x100000001B3);
    }
    story->events++;
}

/* Takes all that bytes[*from .. to) has; false: the stream was closed. */
static bool take(struct framer *framer, const char *bytes, size_t *from, size_t to, bool at_end,
                 struct story *story)
{
    for (;;) {
        size_t consumed = 0;
        struct text record = TEXT_NONE;
        enum reject reject = REJECT_COUNT;
        enum frame_result result =
            frame_next(framer, bytes + *from, to - *from, at_end, &consumed, &record, &reject);
        assert(consumed <= to - *from);
        if (result == FRAME_RECORD) {
            assert(record.length <= RECORD_BYTES_MAX);
            assert(record.bytes >= bytes + *from);
            assert(record.bytes + record.length <= bytes + *from + consumed);
            tell(story, record.bytes, record.length, 1);
        } else if (result != FRAME_MORE) {
            assert(reject < REJECT_COUNT);
            tell(story, "", 0, 2 + (unsigned)reject);
        }
        *from += consumed;
        if (result == FRAME_CLOSE) {
            return false;
        }
        if (result == FRAME_MORE) {
            /* What waits for more must fit the reader's buffer. */
            assert(to - *from <= FRAME_BYTES_MAX);
            assert(!at_end || *from == to);
            return true;
        }
        assert(consumed > 0);
    }
}

static struct story run(const char *bytes, size_t length, uint32_t seed)
{
    struct story story = {0};
    struct framer framer = {0};
    size_t from = 0;
    size_t to = 0;
    while (seed != 0 && to < length) {
        seed = seed * 1664525 + 1013904223;
        size_t step = 1 + (seed >> 8) % ((seed >> 4 & 7) == 0 ? 70000 : 40);
        to = length - to < step ? length : to + step;
        if (!take(&framer, bytes, &from, to, false, &story)) {
            return story;
        }
    }
    if (take(&framer, bytes, &from, length, true, &story)) {
        assert(from == length);
    }
    return story;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4) {
        return 0;
    }
    uint32_t seed = load_u32(data) | 1;
    const char *bytes = (const char *)data + 4;
    struct story whole = run(bytes, size - 4, 0);
    struct story split = run(bytes, size - 4, seed);
    assert(whole.hash == split.hash);
    assert(whole.events == split.events);
    return 0;
}
