/* Closed lists of words: which one was probably meant, and how a message offers the choice. */
#ifndef CATALOG_WORDS_H
#define CATALOG_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* The nearest of the words, or NULL when none is near enough to be meant. */
const char *nearest_word(struct text text, const char *const *words, uint32_t word_count);
/* "a, b or c"; empty words are left out. Cut when out is too small. */
void join_words(const char *const *words, uint32_t word_count, char *out, size_t size);

#endif
