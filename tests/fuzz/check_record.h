/* What must hold of any record that a decoder gave, whatever the bytes were. */
#ifndef TESTS_FUZZ_CHECK_RECORD_H
#define TESTS_FUZZ_CHECK_RECORD_H

#include <stdlib.h>

#include "base/panic.h"
#include "base/utf8.h"
#include "decode/decoder.h"

static inline bool is_within(struct text text, const char *begin, size_t size)
{
    return text.bytes >= begin && text.bytes + text.length <= begin + size;
}

/* In the input, in the decoder's scratch memory, or one of the two names that it makes up. */
static inline void check_text(const struct decoder *decoder, struct text input, struct text text)
{
    if (text.length == 0) {
        return;
    }
    bool known = is_within(text, input.bytes, input.length) ||
                 is_within(text, decoder->scratch, sizeof(decoder->scratch)) ||
                 text_is(text, "-") || text_is(text, "access_log");
    assert(known);
}

static inline void check_name(const struct decoder *decoder, struct text input, struct text name)
{
    check_text(decoder, input, name);
    assert(name.length <= NAME_BYTES_MAX);
    assert(utf8_valid(name.bytes, name.length));
    assert(name.length == 0 || memchr(name.bytes, '\0', name.length) == NULL);
}

static inline void check_names(const struct decoder *decoder, struct text input,
                               const struct record *record)
{
    const struct text names[] = {record->service, record->customer, record->end_user,
                                 record->id,      record->source,   record->channel,
                                 record->of,      record->incident};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        check_name(decoder, input, names[i]);
    }
    assert(record->service_count <= RECORD_LIST_MAX);
    assert(record->component_count <= RECORD_LIST_MAX);
    for (uint32_t i = 0; i < record->service_count; i++) {
        check_name(decoder, input, record->services[i]);
        assert(record->services[i].length != 0);
    }
    for (uint32_t i = 0; i < record->component_count; i++) {
        check_name(decoder, input, record->components[i]);
        assert(record->components[i].length != 0);
    }
}

static inline void check_texts(const struct decoder *decoder, struct text input,
                               const struct record *record)
{
    const struct text texts[] = {record->title, record->reason, record->author, record->rrule,
                                 record->host,  record->path,   record->tag};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        check_text(decoder, input, texts[i]);
    }
    assert(record->time_token_count <= 2);
    for (uint32_t i = 0; i < record->time_token_count; i++) {
        /* A tool writes over these: never into scratch memory. */
        assert(is_within(record->time_tokens[i], input.bytes, input.length));
        assert(record->time_tokens[i].length != 0);
    }
}

static inline void check_values(const struct record *record)
{
    assert(record->kind < EVENT_KIND_COUNT);
    assert(record->outcome < OUTCOME_COUNT);
    assert(record->aside < ASIDE_COUNT);
    assert(record->status == 0 || (record->status >= 100 && record->status <= 599));
    assert(record->latency_ns == LATENCY_NONE || record->latency_ns <= INT64_MAX);
    assert(record->good <= record->total);
    assert(record->kind != EVENT_REQUEST || record->service.length != 0);
    assert(!record->time_unparsable || record->occurred_ns == TIME_NONE);
    if (record->kind == EVENT_MAINTENANCE && record->state == MAINTENANCE_STATE_SCHEDULED) {
        assert(record->end_ns > record->start_ns);
    }
}

static inline void check_answer(const struct decoder *decoder, struct text input,
                                enum decode_result result, const struct record *record,
                                enum reject reject)
{
    const char *detail = decoder_detail(decoder);
    size_t length = strlen(detail);
    if (result == DECODE_REJECT) {
        assert(reject < REJECT_COUNT);
        assert(length > 0);
        assert(length <= 160);
        for (size_t i = 0; i < length; i++) {
            assert(detail[i] >= 0x20);
            assert(detail[i] < 0x7F);
        }
    }
    if (result == DECODE_RECORD) {
        check_names(decoder, input, record);
        check_texts(decoder, input, record);
        check_values(record);
    }
}

#endif
