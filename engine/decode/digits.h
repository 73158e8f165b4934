/* Short runs of decimal digits, eight bytes at a time in one register, the first byte lowest.
 *
 *     "200"     ->  0 0 0 0 0 2 0 0     digits_ending: right-aligned, the top byte is the last digit
 *     "12.345"  ->  the same with the point still in it
 *
 * Source of the sum: D. Lemire, "Faster integer parsing". */
#ifndef DECODE_DIGITS_H
#define DECODE_DIGITS_H

#include "base/bytes.h"

#define DIGITS_ZEROS UINT64_C(0x3030303030303030)
#define DIGITS_TOPS  UINT64_C(0x8080808080808080)

static inline uint64_t digits_load(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* word: bytes xor '0'. The top bit of those that are no digits; exact up to the first of them, and
 * all of them when none is above 0x89. */
static inline uint64_t digits_strangers(uint64_t word)
{
    return ((word + UINT64_C(0x7676767676767676)) | word) & DIGITS_TOPS;
}

/* How many of the first eight bytes are digits. */
static inline uint32_t digits_run(uint64_t bytes)
{
    uint64_t strangers = digits_strangers(bytes ^ DIGITS_ZEROS);
    return strangers == 0 ? 8 : (uint32_t)__builtin_ctzll(strangers) / 8;
}

/* Eight digits (bytes of 0 to 9), the first the lowest byte. */
static inline uint32_t digits_sum(uint64_t digits)
{
    const uint64_t pairs = UINT64_C(0x000000FF000000FF);
    digits = digits * 10 + (digits >> 8);
    return (uint32_t)(((digits & pairs) * UINT64_C(0x000F424000000064) +
                       (digits >> 16 & pairs) * UINT64_C(0x0000271000000001)) >>
                      32);
}

/* The last `length` bytes (1 to 8) in front of `end`, xor '0', zeros before them. Eight bytes in
 * front of `end` are readable. */
static inline uint64_t digits_ending(const char *end, uint32_t length)
{
    uint32_t others = 64 - 8 * length;
    return (digits_load(end - 8) ^ DIGITS_ZEROS) >> others << others;
}

#endif
