/* Borrowed bytes, and little-endian loads and stores for formats on disk and on the wire. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A borrowed run of bytes, not terminated; valid as long as the buffer it points into. */
struct text {
    const char *bytes;
    uint32_t length;
};

#define TEXT_NONE ((struct text){NULL, 0})
/* From a string literal. */
#define TEXT(literal) ((struct text){"" literal, sizeof(literal) - 1})

static inline struct text text_from(const char *string)
{
    return (struct text){string, (uint32_t)strlen(string)};
}

static inline bool text_equal(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

static inline bool text_is(struct text a, const char *string)
{
    return text_equal(a, text_from(string));
}

/* As strcmp: negative, 0 or positive. */
static inline int text_compare(struct text a, struct text b)
{
    uint32_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter == 0 ? 0 : memcmp(a.bytes, b.bytes, shorter);
    return order != 0 ? order : a.length < b.length ? -1 : a.length > b.length;
}

static inline void store_u16(uint8_t *at, uint16_t value)
{
    memcpy(at, &value, sizeof(value));
}
static inline void store_u32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof(value));
}
static inline void store_u64(uint8_t *at, uint64_t value)
{
    memcpy(at, &value, sizeof(value));
}
static inline uint16_t load_u16(const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof(value));
    return value;
}
static inline uint32_t load_u32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return value;
}
static inline uint64_t load_u64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof(value));
    return value;
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files and wire are little-endian");

#endif
