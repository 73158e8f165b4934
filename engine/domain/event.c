#include "domain/event.h"

#include "base/panic.h"

bool event_extra_next(struct text extra, uint32_t *at, enum extra_tag *tag_out,
                      struct text *value_out)
{
    if (*at + 2 > extra.length) {
        return false;
    }
    const uint8_t *field = (const uint8_t *)extra.bytes + *at;
    uint32_t length = field[1];
    if (*at + 2 + length > extra.length) {
        return false;
    }
    *tag_out = (enum extra_tag)field[0];
    *value_out = (struct text){extra.bytes + *at + 2, length};
    *at += 2 + length;
    return true;
}

bool event_extra_name(struct text extra, uint32_t *at, enum extra_tag tag, uint32_t *name_out)
{
    enum extra_tag found;
    struct text value;
    while (event_extra_next(extra, at, &found, &value)) {
        if (found == tag && value.length == sizeof(*name_out)) {
            *name_out = load_u32((const uint8_t *)value.bytes);
            return true;
        }
    }
    return false;
}

bool event_extra_find(struct text extra, enum extra_tag tag, struct text *value_out)
{
    uint32_t at = 0;
    enum extra_tag found;
    struct text value;
    while (event_extra_next(extra, &at, &found, &value)) {
        if (found == tag) {
            *value_out = value;
            return true;
        }
    }
    return false;
}

int64_t event_extra_time(struct text extra, enum extra_tag tag)
{
    struct text value;
    if (!event_extra_find(extra, tag, &value) || value.length != 8) {
        return TIME_NONE;
    }
    return (int64_t)load_u64((const uint8_t *)value.bytes);
}

static int word_find(const char *const *words, int count, struct text word)
{
    if (word.length == 0) {
        return -1;
    }
    for (int i = 0; i < count; i++) {
        if (text_is(word, words[i])) {
            return i;
        }
    }
    return -1;
}

/* One vocabulary: the word of a value, and the value of a word. */
#define VOCABULARY(type, prefix, TABLE)                                                            \
    static const char *const prefix##_words[] = {TABLE(WORD)};                                     \
    const char *prefix##_word(enum type value)                                                     \
    {                                                                                              \
        assert((unsigned)value < sizeof(prefix##_words) / sizeof(prefix##_words[0]));              \
        return prefix##_words[value];                                                              \
    }
#define VOCABULARY_FROM(prefix)                                                                    \
    int prefix##_from(struct text word)                                                            \
    {                                                                                              \
        return word_find(prefix##_words, sizeof(prefix##_words) / sizeof(prefix##_words[0]),       \
                         word);                                                                    \
    }
#define WORD(name, word) word,

VOCABULARY(event_kind, event_kind, EVENT_KIND_TABLE)
VOCABULARY(outcome, outcome, OUTCOME_TABLE)
VOCABULARY(request_state, request_state, REQUEST_STATE_TABLE)
VOCABULARY(incident_state, incident_state, INCIDENT_STATE_TABLE)
VOCABULARY(service_state, service_state, SERVICE_STATE_TABLE)
VOCABULARY(exclusion_state, exclusion_state, EXCLUSION_STATE_TABLE)
VOCABULARY(maintenance_state, maintenance_state, MAINTENANCE_STATE_TABLE)
VOCABULARY(nature, nature, NATURE_TABLE)
VOCABULARY(severity, severity, SEVERITY_TABLE)
VOCABULARY(aside, aside, ASIDE_TABLE)

VOCABULARY_FROM(event_kind)
VOCABULARY_FROM(outcome)
VOCABULARY_FROM(request_state)
VOCABULARY_FROM(incident_state)
VOCABULARY_FROM(service_state)
VOCABULARY_FROM(exclusion_state)
VOCABULARY_FROM(maintenance_state)
VOCABULARY_FROM(nature)
VOCABULARY_FROM(severity)
