#include "catalog/words.h"

#include <stdio.h>

#include "base/panic.h"

/* Longest word of the contract, and then some: longer texts are no slip of a known word. */
#define WORD_BYTES_MAX 32

static uint32_t least(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

/* Levenshtein distance, two rows. */
static uint32_t edit_distance(struct text a, struct text b)
{
    assert(a.length <= WORD_BYTES_MAX);
    assert(b.length <= WORD_BYTES_MAX);
    uint32_t before[WORD_BYTES_MAX + 1];
    uint32_t now[WORD_BYTES_MAX + 1];
    for (uint32_t j = 0; j <= b.length; j++) {
        before[j] = j;
    }
    for (uint32_t i = 1; i <= a.length; i++) {
        now[0] = i;
        for (uint32_t j = 1; j <= b.length; j++) {
            uint32_t differs = a.bytes[i - 1] != b.bytes[j - 1];
            now[j] = least(before[j] + 1, now[j - 1] + 1, before[j - 1] + differs);
        }
        memcpy(before, now, sizeof(before));
    }
    return before[b.length];
}

const char *nearest_word(struct text text, const char *const *words, uint32_t word_count)
{
    if (text.length > WORD_BYTES_MAX) {
        return NULL;
    }
    const char *nearest = NULL;
    /* Two slips, and never as much as half of the word. */
    uint32_t limit = text.length < 4 ? 1 : 2;
    for (uint32_t i = 0; i < word_count; i++) {
        struct text word = text_from(words[i]);
        if (word.length < 2 || word.length > WORD_BYTES_MAX) {
            continue;
        }
        uint32_t distance = edit_distance(text, word);
        if (distance <= limit && distance * 2 < word.length + 1) {
            limit = distance == 0 ? 0 : distance - 1;
            nearest = words[i];
        }
    }
    return nearest;
}

void join_words(const char *const *words, uint32_t word_count, char *out, size_t size)
{
    size_t used = 0;
    uint32_t left = 0;
    for (uint32_t i = 0; i < word_count; i++) {
        left += words[i][0] != '\0';
    }
    bool first = true;
    for (uint32_t i = 0; i < word_count && used < size; i++) {
        if (words[i][0] == '\0') {
            continue;
        }
        left--;
        const char *joint = first ? "" : left == 0 ? " or " : ", ";
        int written = snprintf(out + used, size - used, "%s%s", joint, words[i]);
        used += (size_t)written;
        first = false;
    }
}
