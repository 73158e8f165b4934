/* One decoder per test and short ways to ask it. */
#ifndef TESTS_UNIT_DECODE_FIXTURE_H
#define TESTS_UNIT_DECODE_FIXTURE_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "decode/decode.h"
#include "decode/frame.h"
#include "domain/civil.h"

/* 2026-11-23T15:00:00Z, shortly after the samples were made. */
#define NOW INT64_C(1795446000000000000)

/* What became of one record. Texts live until the next call. */
struct answer {
    enum decode_result result;
    enum reject reject;
    struct record record;
    bool ack;
    struct decode_notes notes;
};

static inline struct decoder *open_decoder_with(struct decode_settings settings)
{
    struct decoder *decoder = NULL;
    cr_assert_eq(decoder_open(&decoder, &settings), STATUS_OK);
    return decoder;
}

static inline struct decoder *open_decoder(void)
{
    return open_decoder_with((struct decode_settings){.abort_after_ns = 5 * NS_PER_SECOND});
}

/* The input is copied to memory of its very size, so that AddressSanitizer sees a byte read too
 * far. The copy lives until the next call, as the texts of the record may point into it. */
static inline struct answer ask_bytes(struct decoder *decoder, struct text bytes)
{
    static char *copy;
    struct answer answer = {0};
    free(copy);
    copy = malloc(bytes.length != 0 ? bytes.length : 1);
    memcpy(copy, bytes.length != 0 ? bytes.bytes : "", bytes.length);
    answer.result = decode_record(decoder, (struct text){copy, bytes.length}, NOW, &answer.record,
                                  &answer.reject, &answer.ack);
    answer.notes = decoder_notes(decoder);
    return answer;
}

static inline struct answer ask(struct decoder *decoder, const char *string)
{
    return ask_bytes(decoder, text_from(string));
}

#define ASSERT_TEXT(text, string)                                                                  \
    cr_assert(text_is((text), (string)), "expected \"%s\", got \"%.*s\"", (string),                \
              (int)(text).length, (text).bytes)

#define ASSERT_RECORD(answer, decoder, line)                                                       \
    cr_assert((answer).result == DECODE_RECORD, "%s: %s: %s", (line),                              \
              reject_word((answer).reject), decoder_detail(decoder))

#define ASSERT_REJECT(answer, decoder, word, line)                                                 \
    do {                                                                                           \
        cr_assert((answer).result == DECODE_REJECT, "%s: not rejected (%d)", (line),               \
                  (int)(answer).result);                                                           \
        cr_assert_str_eq(reject_word((answer).reject), (word), "%s: %s: %s", (line),               \
                         reject_word((answer).reject), decoder_detail(decoder));                   \
    } while (0)

static inline struct text read_sample(const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/tests/samples/%s", NINES_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    rewind(file);
    char *bytes = malloc((size_t)size + 1);
    cr_assert_eq(fread(bytes, 1, (size_t)size, file), (size_t)size);
    fclose(file);
    return (struct text){bytes, (uint32_t)size};
}

static inline void free_sample(struct text sample)
{
    free((char *)(uintptr_t)sample.bytes);
}

#endif
