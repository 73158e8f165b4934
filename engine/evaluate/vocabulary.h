/* The strings that documents name (services, components, customers), and which of them a name of the log is.
 *
 * Documents speak in strings, events in numbers of the name table, and a name may be first heard of
 * long after the documents were read. Each number is looked up once, when it first appears, and
 * remembered.
 */
#ifndef EVALUATE_VOCABULARY_H
#define EVALUATE_VOCABULARY_H

#include "domain/agreement.h"
#include "domain/name.h"

#define WORD_NONE UINT32_MAX

struct vocabulary {
    const char **words; /* sorted, unique; borrowed strings */
    uint32_t word_count;
    uint32_t added_count;   /* words after those, with names but no strings here */
    uint32_t size;          /* of name_of_word */
    uint32_t *name_of_word; /* NAME_NONE until heard of */
    uint32_t *word_of_name; /* 0: not looked up, 1: none, else word + 2; lazily backed */
    size_t word_of_name_size;
    const struct name_table *names;
};

must_check enum status vocabulary_init(struct vocabulary *vocabulary,
                                       const struct agreement_set *set,
                                       const struct name_table *names);
void vocabulary_fini(struct vocabulary *vocabulary);
/* The word that a name is; WORD_NONE. */
uint32_t vocabulary_word(struct vocabulary *vocabulary, uint32_t name);
/* The same; a name that was none becomes one. */
uint32_t vocabulary_add(struct vocabulary *vocabulary, uint32_t name);
/* The word that a string is; it must be one. */
uint32_t vocabulary_find(const struct vocabulary *vocabulary, const char *string);
/* The name of a word; NAME_NONE while unheard of. */
uint32_t vocabulary_name(struct vocabulary *vocabulary, uint32_t word);

#endif
