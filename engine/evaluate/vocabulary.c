#include "evaluate/vocabulary.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/panic.h"

static int compare_strings(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static uint32_t count_strings(const struct agreement_set *set)
{
    uint32_t count = set->service_count + set->component_count;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        for (uint32_t j = 0; j <= set->agreements[i].earlier_count; j++) {
            count += agreement_version(&set->agreements[i], j)->service_count + 1;
        }
    }
    return count;
}

static void collect(struct vocabulary *vocabulary, const struct agreement_set *set)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < set->service_count; i++) {
        vocabulary->words[count++] = set->services[i].name;
    }
    for (uint32_t i = 0; i < set->component_count; i++) {
        vocabulary->words[count++] = set->components[i].name;
    }
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        for (uint32_t j = 0; j <= set->agreements[i].earlier_count; j++) {
            const struct agreement *agreement = agreement_version(&set->agreements[i], j);
            for (uint32_t k = 0; k < agreement->service_count; k++) {
                vocabulary->words[count++] = agreement->services[k];
            }
            if (agreement->customer != NULL) {
                vocabulary->words[count++] = agreement->customer;
            }
        }
    }
    qsort(vocabulary->words, count, sizeof(*vocabulary->words), compare_strings);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t unique = vocabulary->word_count;
        if (unique == 0 || strcmp(vocabulary->words[unique - 1], vocabulary->words[i]) != 0) {
            vocabulary->words[vocabulary->word_count++] = vocabulary->words[i];
        }
    }
}

enum status vocabulary_init(struct vocabulary *vocabulary, const struct agreement_set *set,
                            const struct name_table *names)
{
    uint32_t count_max = count_strings(set) + 1;
    size_t size = ((size_t)name_count_max(names) + 1) * sizeof(uint32_t);
    *vocabulary = (struct vocabulary){
        .words = calloc(count_max, sizeof(char *)),
        .name_of_word = calloc(count_max, sizeof(uint32_t)),
        .word_of_name = pages_reserve(size),
        .word_of_name_size = size,
        .size = count_max,
        .names = names,
    };
    if (vocabulary->words == NULL || vocabulary->name_of_word == NULL ||
        vocabulary->word_of_name == NULL) {
        vocabulary_fini(vocabulary);
        return STATUS_NO_MEMORY;
    }
    collect(vocabulary, set);
    return STATUS_OK;
}

void vocabulary_fini(struct vocabulary *vocabulary)
{
    free(vocabulary->words);
    free(vocabulary->name_of_word);
    pages_release(vocabulary->word_of_name, vocabulary->word_of_name_size);
    *vocabulary = (struct vocabulary){0};
}

static uint32_t look_up(const struct vocabulary *vocabulary, struct text text)
{
    uint32_t low = 0;
    uint32_t high = vocabulary->word_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = text_compare(text_from(vocabulary->words[middle]), text);
        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return WORD_NONE;
}

uint32_t vocabulary_find(const struct vocabulary *vocabulary, const char *string)
{
    uint32_t word = look_up(vocabulary, text_from(string));
    assert(word != WORD_NONE);
    return word;
}

uint32_t vocabulary_word(struct vocabulary *vocabulary, uint32_t name)
{
    if (name == NAME_NONE) {
        return WORD_NONE;
    }
    uint32_t known = vocabulary->word_of_name[name];
    if (known == 0) {
        uint32_t word = look_up(vocabulary, name_text(vocabulary->names, name));
        known = word == WORD_NONE ? 1 : word + 2;
        vocabulary->word_of_name[name] = known;
        if (word != WORD_NONE) {
            vocabulary->name_of_word[word] = name;
        }
    }
    return known == 1 ? WORD_NONE : known - 2;
}

uint32_t vocabulary_add(struct vocabulary *vocabulary, uint32_t name)
{
    uint32_t word = vocabulary_word(vocabulary, name);
    if (word != WORD_NONE) {
        return word;
    }
    word = vocabulary->word_count + vocabulary->added_count++;
    if (word == vocabulary->size) {
        vocabulary->size *= 2;
        vocabulary->name_of_word =
            realloc(vocabulary->name_of_word, vocabulary->size * sizeof(uint32_t));
        assert(vocabulary->name_of_word != NULL);
    }
    vocabulary->name_of_word[word] = name;
    vocabulary->word_of_name[name] = word + 2;
    return word;
}

uint32_t vocabulary_name(struct vocabulary *vocabulary, uint32_t word)
{
    if (vocabulary->name_of_word[word] == NAME_NONE) {
        /* Another shard may have heard of it first: ask the table, not only our own memory. */
        vocabulary->name_of_word[word] =
            name_find(vocabulary->names, text_from(vocabulary->words[word]));
    }
    return vocabulary->name_of_word[word];
}
