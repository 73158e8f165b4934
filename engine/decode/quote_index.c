#include "decode/quote_index.h"

#include "base/panic.h"
#include "decode/json_scan.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#define BLOCK_BYTES 64

/* All words xor'ed: has as many ones as the line has quotes, give or take an even number. */
static uint64_t fold(const struct quote_index *index, struct text line)
{
    uint64_t folded = 0;
    for (uint32_t word = 0; word < (line.length + BLOCK_BYTES - 1) / BLOCK_BYTES; word++) {
        folded ^= index->quotes[word];
    }
    return folded;
}

/* Backslashes are rare: byte by byte. An escaped quote is none, and what begins no escape of JSON's
 * is noted. */
static void take_escapes(struct quote_index *index, struct text line)
{
    const char *end = line.bytes + line.length;
    const char *at = memchr(line.bytes, '\\', line.length);
    index->escape_first = (uint32_t)(at - line.bytes);
    while (at != NULL) {
        uint32_t offset = (uint32_t)(at - line.bytes);
        const char *behind = json_escape_end(at, end);
        index->escape_last = offset;
        if (behind == NULL) {
            index->has_bad_escape = true;
            return;
        }
        index->quotes[(offset + 1) / BLOCK_BYTES] &= ~(UINT64_C(1) << (offset + 1) % BLOCK_BYTES);
        at = memchr(behind, '\\', (size_t)(end - behind));
    }
}

static inline void finish(struct quote_index *index, struct text line, uint64_t folded,
                          bool has_backslash)
{
    index->has_escapes = has_backslash;
    index->has_bad_escape = false;
    if (__builtin_expect(has_backslash, 0)) {
        take_escapes(index, line);
        folded = fold(index, line);
    }
    index->is_odd = __builtin_parityll(folded);
}

/* A line is cut into blocks; the last one is read so that it ends where the line ends, and shifted;
 * a line shorter than a block is filled up with blanks. Written once for all paths: each gives a
 * block's quotes, and adds up what it saw. */
#define SCAN_BLOCKS(line, index, block, sums)                                                      \
    uint64_t *word = (index)->quotes;                                                              \
    uint64_t folded = 0;                                                                           \
    const char *at = (line).bytes;                                                                 \
    uint32_t left = (line).length;                                                                 \
    for (; left >= BLOCK_BYTES; left -= BLOCK_BYTES, at += BLOCK_BYTES) {                          \
        *word = block(at, sums);                                                                   \
        folded ^= *word++;                                                                         \
    }                                                                                              \
    if (left != 0 && word != (index)->quotes) {                                                    \
        *word = block(at + left - BLOCK_BYTES, sums) >> (BLOCK_BYTES - left);                      \
        folded ^= *word;                                                                           \
    } else if (left != 0) {                                                                        \
        char filled[BLOCK_BYTES];                                                                  \
        memset(filled, ' ', sizeof(filled));                                                       \
        memcpy(filled, at, left);                                                                  \
        folded = *word = block(filled, sums);                                                      \
    }

#define ONES  UINT64_C(0x0101010101010101)
#define LOWS  (ONES * 0x7F)
#define HIGHS (ONES << 7)

struct sums_plain {
    uint64_t any;         /* all bytes or'ed together */
    uint64_t controls;    /* top bits */
    uint64_t backslashes; /* top bits */
};

/* The top bit of each byte that is zero, exactly. */
static inline uint64_t zero_bytes(uint64_t word)
{
    return ~(((word & LOWS) + LOWS) | word | LOWS);
}

static inline uint64_t block_plain(const char *bytes, struct sums_plain *sums)
{
    uint64_t quotes = 0;
    for (uint32_t i = 0; i < BLOCK_BYTES; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, sizeof(word));
        sums->any |= word;
        sums->controls |= zero_bytes(word & ONES * 0xE0);
        sums->backslashes |= zero_bytes(word ^ ONES * '\\');
        /* Eight top bits to eight neighbouring bits. */
        quotes |= (zero_bytes(word ^ ONES * '"') >> 7) * UINT64_C(0x0102040810204080) >> 56 << i;
    }
    return quotes;
}

static void scan_plain(struct quote_index *index, struct text line)
{
    struct sums_plain sums = {0};
    SCAN_BLOCKS(line, index, block_plain, &sums)
    index->is_ascii = (sums.any & HIGHS) == 0;
    index->has_control = sums.controls != 0;
    finish(index, line, folded, sums.backslashes != 0);
}

#ifdef __x86_64__

struct sums_sse2 {
    __m128i least; /* of each place's bytes */
    __m128i any;
    __m128i backslashes;
};

static inline uint64_t block_sse2(const char *bytes, struct sums_sse2 *sums)
{
    uint64_t quotes = 0;
    for (uint32_t i = 0; i < BLOCK_BYTES; i += 16) {
        __m128i part = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
        sums->least = _mm_min_epu8(sums->least, part);
        sums->any = _mm_or_si128(sums->any, part);
        sums->backslashes =
            _mm_or_si128(sums->backslashes, _mm_cmpeq_epi8(part, _mm_set1_epi8('\\')));
        unsigned mask = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(part, _mm_set1_epi8('"')));
        quotes |= (uint64_t)mask << i;
    }
    return quotes;
}

static void scan_sse2(struct quote_index *index, struct text line)
{
    struct sums_sse2 sums = {
        .least = _mm_set1_epi8(-1),
        .any = _mm_setzero_si128(),
        .backslashes = _mm_setzero_si128(),
    };
    SCAN_BLOCKS(line, index, block_sse2, &sums)
    __m128i low = _mm_min_epu8(sums.least, _mm_set1_epi8(0x1F));
    index->is_ascii = _mm_movemask_epi8(sums.any) == 0;
    index->has_control = _mm_movemask_epi8(_mm_cmpeq_epi8(low, sums.least)) != 0;
    finish(index, line, folded, _mm_movemask_epi8(sums.backslashes) != 0);
}

struct sums_avx2 {
    __m256i least;
    __m256i any;
    __m256i backslashes;
};

__attribute__((target("avx2"))) static inline uint64_t block_avx2(const char *bytes,
                                                                  struct sums_avx2 *sums)
{
    const __m256i quote = _mm256_set1_epi8('"');
    const __m256i backslash = _mm256_set1_epi8('\\');
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)bytes);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + 32));
    sums->least = _mm256_min_epu8(sums->least, _mm256_min_epu8(low, high));
    sums->any = _mm256_or_si256(sums->any, _mm256_or_si256(low, high));
    sums->backslashes =
        _mm256_or_si256(sums->backslashes, _mm256_or_si256(_mm256_cmpeq_epi8(low, backslash),
                                                           _mm256_cmpeq_epi8(high, backslash)));
    uint64_t low_mask = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, quote));
    uint64_t high_mask = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, quote));
    return low_mask | high_mask << 32;
}

__attribute__((target("avx2"))) static void scan_avx2(struct quote_index *index, struct text line)
{
    struct sums_avx2 sums = {
        .least = _mm256_set1_epi8(-1),
        .any = _mm256_setzero_si256(),
        .backslashes = _mm256_setzero_si256(),
    };
    SCAN_BLOCKS(line, index, block_avx2, &sums)
    __m256i low = _mm256_min_epu8(sums.least, _mm256_set1_epi8(0x1F));
    index->is_ascii = _mm256_movemask_epi8(sums.any) == 0;
    index->has_control = _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, sums.least)) != 0;
    finish(index, line, folded, _mm256_movemask_epi8(sums.backslashes) != 0);
}

#endif

quote_scan *quote_scan_by(enum quote_path path)
{
    switch (path) {
    case QUOTE_PATH_PLAIN:
        return scan_plain;
#ifdef __x86_64__
    case QUOTE_PATH_SSE2:
        return scan_sse2;
    case QUOTE_PATH_AVX2:
        return __builtin_cpu_supports("avx2") ? scan_avx2 : NULL;
#else
    case QUOTE_PATH_SSE2:
    case QUOTE_PATH_AVX2:
        return NULL;
#endif
    case QUOTE_PATH_COUNT:
        break;
    }
    unreachable("all paths are listed");
}
