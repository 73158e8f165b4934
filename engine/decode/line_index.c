#include "decode/line_index.h"

#include "base/panic.h"
#include "decode/json_scan.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#define BLOCK_BYTES  64
#define FORCE_INLINE __attribute__((always_inline)) static inline

/* What is found in a block: a bit for each byte. */
struct block {
    uint64_t quotes;
    uint64_t controls; /* below 0x20 */
};

/* Backslashes are rare: one by one. An escaped quote is none; false: one begins no escape of JSON's.
 */
static bool take_escapes(struct line_index *index)
{
    struct text line = index->line;
    const char *end = line.bytes + line.length;
    const char *at = memchr(line.bytes, '\\', line.length);
    index->has_escapes = at != NULL;
    index->escape_first = at != NULL ? (uint32_t)(at - line.bytes) : 0;
    while (at != NULL) {
        uint32_t quote = (uint32_t)(at - line.bytes) + 1;
        const char *behind = json_escape_end(at, end);
        if (behind == NULL) {
            return false;
        }
        index->escape_last = quote - 1;
        index->quotes[quote / BLOCK_BYTES] &= ~(UINT64_C(1) << quote % BLOCK_BYTES);
        at = memchr(behind, '\\', (size_t)(end - behind));
    }
    return true;
}

/* All words xor'ed: has as many ones as the line has quotes, give or take an even number. */
static uint64_t fold_quotes(const struct line_index *index)
{
    uint64_t folded = 0;
    for (uint32_t word = 0; word < (index->line.length + BLOCK_BYTES - 1) / BLOCK_BYTES; word++) {
        folded ^= index->quotes[word];
    }
    return folded;
}

/* odd: a byte is a backslash or above 0x7F, perhaps one behind the line. */
FORCE_INLINE void finish(struct line_index *index, const char *bytes, size_t line_length,
                         uint64_t folded, bool odd)
{
    index->line = (struct text){bytes, (uint32_t)line_length};
    index->is_ascii = !odd;
    index->has_escapes = false;
    index->is_clean = true;
    if (__builtin_expect(odd, 0)) {
        index->is_clean = take_escapes(index);
        folded = fold_quotes(index);
    }
    index->is_clean = index->is_clean && !__builtin_parityll(folded);
}

/* The line has a control character in it or is too long: only its end is looked for. */
static size_t give_up(struct line_index *index, const char *bytes, size_t from, size_t length)
{
    const char *feed = memchr(bytes + from, '\n', length - from);
    size_t end = feed != NULL ? (size_t)(feed - bytes) : length;
    index->line = TEXT_NONE;
    index->is_clean = false;
    return end;
}

/* Is the control character at `place` the line's end? Then *feed_out is where its line feed is. */
FORCE_INLINE bool is_line_end(const char *bytes, size_t place, size_t length, size_t *feed_out)
{
    *feed_out = place;
    if (bytes[place] == '\n') {
        return true;
    }
    *feed_out = place + 1;
    return bytes[place] == '\r' && place + 1 < length && bytes[place + 1] == '\n';
}

/* The same on all paths, which give a block each. The last block of a buffer may be a part: it is
 * filled up with blanks. */
#define SCAN(index, bytes, length, sums, look, is_odd)                                             \
    uint64_t folded = 0;                                                                           \
    uint64_t *word = (index)->quotes;                                                              \
    (index)->readable_end = (bytes) + (length);                                                    \
    for (size_t from = 0; from < LINE_INDEX_BYTES_MAX; from += BLOCK_BYTES) {                      \
        struct block block;                                                                        \
        if ((length)-from >= BLOCK_BYTES) {                                                        \
            block = look((bytes) + from, sums);                                                    \
        } else {                                                                                   \
            char filled[BLOCK_BYTES];                                                              \
            memset(filled, ' ', sizeof(filled));                                                   \
            memcpy(filled, (bytes) + from, (length)-from);                                         \
            block = look(filled, sums);                                                            \
        }                                                                                          \
        if (block.controls != 0) {                                                                 \
            size_t feed;                                                                           \
            size_t place = from + (uint32_t)__builtin_ctzll(block.controls);                       \
            if (!is_line_end(bytes, place, length, &feed)) {                                       \
                return give_up(index, bytes, place, length);                                       \
            }                                                                                      \
            *word = block.quotes & (block.controls ^ (block.controls - 1));                        \
            finish(index, bytes, place, folded ^ *word, is_odd);                                   \
            return feed;                                                                           \
        }                                                                                          \
        *word = block.quotes;                                                                      \
        folded ^= *word++;                                                                         \
        if ((length)-from <= BLOCK_BYTES) {                                                        \
            finish(index, bytes, length, folded, is_odd);                                          \
            return length;                                                                         \
        }                                                                                          \
    }                                                                                              \
    return give_up(index, bytes, LINE_INDEX_BYTES_MAX, length);

#define ONES  UINT64_C(0x0101010101010101)
#define LOWS  (ONES * 0x7F)
#define HIGHS (ONES << 7)

/* The top bit of each byte that is zero, exactly. */
FORCE_INLINE uint64_t zero_bytes(uint64_t word)
{
    return ~(((word & LOWS) + LOWS) | word | LOWS);
}

/* Eight top bits to eight neighbouring bits. */
FORCE_INLINE uint64_t gather(uint64_t tops)
{
    return (tops >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

FORCE_INLINE struct block look_plain(const char *bytes, uint64_t *odd)
{
    struct block block = {0, 0};
    for (uint32_t i = 0; i < BLOCK_BYTES; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, sizeof(word));
        *odd |= word | zero_bytes(word ^ ONES * '\\');
        block.quotes |= gather(zero_bytes(word ^ ONES * '"')) << i;
        block.controls |= gather(zero_bytes(word & ONES * 0xE0)) << i;
    }
    return block;
}

static size_t scan_plain(struct line_index *index, const char *bytes, size_t length)
{
    uint64_t odd = 0;
    SCAN(index, bytes, length, &odd, look_plain, (odd & HIGHS) != 0)
}

#ifdef __x86_64__

FORCE_INLINE struct block look_sse2(const char *bytes, __m128i *odd)
{
    struct block block = {0, 0};
    for (uint32_t i = 0; i < BLOCK_BYTES; i += 16) {
        __m128i part = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
        __m128i low = _mm_min_epu8(part, _mm_set1_epi8(0x1F));
        unsigned quotes = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(part, _mm_set1_epi8('"')));
        unsigned controls = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(part, low));
        *odd = _mm_or_si128(*odd, _mm_or_si128(part, _mm_cmpeq_epi8(part, _mm_set1_epi8('\\'))));
        block.quotes |= (uint64_t)quotes << i;
        block.controls |= (uint64_t)controls << i;
    }
    return block;
}

static size_t scan_sse2(struct line_index *index, const char *bytes, size_t length)
{
    __m128i odd = _mm_setzero_si128();
    SCAN(index, bytes, length, &odd, look_sse2, _mm_movemask_epi8(odd) != 0)
}

#define AVX2 __attribute__((target("avx2,bmi,bmi2")))

AVX2 FORCE_INLINE uint64_t mask_avx2(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high)
                                                     << 32;
}

AVX2 FORCE_INLINE struct block look_avx2(const char *bytes, __m256i *odd)
{
    const __m256i quote = _mm256_set1_epi8('"');
    const __m256i backslash = _mm256_set1_epi8('\\');
    const __m256i control_max = _mm256_set1_epi8(0x1F);
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)bytes);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + 32));
    __m256i low_controls = _mm256_cmpeq_epi8(_mm256_min_epu8(low, control_max), low);
    __m256i high_controls = _mm256_cmpeq_epi8(_mm256_min_epu8(high, control_max), high);
    __m256i bytes_or = _mm256_or_si256(low, high);
    __m256i backslashes =
        _mm256_or_si256(_mm256_cmpeq_epi8(low, backslash), _mm256_cmpeq_epi8(high, backslash));
    *odd = _mm256_or_si256(*odd, _mm256_or_si256(bytes_or, backslashes));
    struct block block = {
        .quotes = mask_avx2(_mm256_cmpeq_epi8(low, quote), _mm256_cmpeq_epi8(high, quote))};
    __m256i controls = _mm256_or_si256(low_controls, high_controls);
    if (!_mm256_testz_si256(controls, controls)) {
        block.controls = mask_avx2(low_controls, high_controls);
    }
    return block;
}

AVX2 static size_t scan_avx2(struct line_index *index, const char *bytes, size_t length)
{
    __m256i odd = _mm256_setzero_si256();
    SCAN(index, bytes, length, &odd, look_avx2, _mm256_movemask_epi8(odd) != 0)
}

#endif

/* NULL: not on this machine. */
static line_index_scan *scan_by(enum line_index_path path)
{
    switch (path) {
    case LINE_INDEX_PLAIN:
        return scan_plain;
#ifdef __x86_64__
    case LINE_INDEX_SSE2:
        return scan_sse2;
    case LINE_INDEX_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                       __builtin_cpu_supports("bmi2")
                   ? scan_avx2
                   : NULL;
#else
    case LINE_INDEX_SSE2:
    case LINE_INDEX_AVX2:
        return NULL;
#endif
    case LINE_INDEX_PATH_COUNT:
        break;
    }
    unreachable("all paths are listed");
}

enum line_index_path line_index_path_best(void)
{
    int path = LINE_INDEX_PATH_COUNT - 1;
    while (scan_by((enum line_index_path)path) == NULL) {
        path--;
    }
    return (enum line_index_path)path;
}

bool line_index_init(struct line_index *index, enum line_index_path path)
{
    index->scan = scan_by(path);
    index->line = TEXT_NONE;
    return index->scan != NULL;
}
