/* UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF.
 * Source: Unicode 15, table 3-7, "Well-Formed UTF-8 Byte Sequences". */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

/* Length of the well-formed character at `bytes` (1 to 4), or 0. */
static inline uint32_t utf8_length(const char *bytes, uint32_t available)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (available == 0) {
        return 0;
    }
    if (b[0] < 0x80) {
        return 1;
    }
    if (b[0] < 0xC2) {
        return 0;
    }
    if (b[0] < 0xE0) {
        return available >= 2 && (b[1] & 0xC0) == 0x80 ? 2 : 0;
    }
    if (b[0] < 0xF0) {
        unsigned char low = b[0] == 0xE0 ? 0xA0 : 0x80;
        unsigned char high = b[0] == 0xED ? 0x9F : 0xBF;
        return available >= 3 && b[1] >= low && b[1] <= high && (b[2] & 0xC0) == 0x80 ? 3 : 0;
    }
    if (b[0] < 0xF5) {
        unsigned char low = b[0] == 0xF0 ? 0x90 : 0x80;
        unsigned char high = b[0] == 0xF4 ? 0x8F : 0xBF;
        return available >= 4 && b[1] >= low && b[1] <= high && (b[2] & 0xC0) == 0x80 &&
                       (b[3] & 0xC0) == 0x80
                   ? 4
                   : 0;
    }
    return 0;
}

static inline bool utf8_valid(const char *bytes, uint32_t length)
{
    uint32_t i = 0;
    while (i < length) {
        uint32_t step = utf8_length(bytes + i, length - i);
        if (step == 0) {
            return false;
        }
        i += step;
    }
    return true;
}

#endif
