#include "domain/match.h"

#include "base/bytes.h"

bool glob_matches(const char *pattern, struct text text)
{
    /* The classic two-pointer walk: at a mismatch, go back to the last `*` and let it take one more
     * byte. Linear in practice, never recursive, at worst pattern x text. */
    uint32_t at = 0;
    const char *star = NULL;
    uint32_t star_at = 0;
    while (at < text.length) {
        if (*pattern == '*') {
            star = pattern++;
            star_at = at;
        } else if (*pattern != '\0' && (*pattern == '?' || *pattern == text.bytes[at])) {
            pattern++;
            at++;
        } else if (star != NULL) {
            pattern = star + 1;
            at = ++star_at;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}

static bool holds(const char *pattern, struct text text)
{
    return pattern == NULL || (text.length != 0 && glob_matches(pattern, text));
}

struct text match_service(const struct match_rules *rules, const struct record *record)
{
    for (uint32_t i = 0; i < rules->count; i++) {
        const struct match_rule *rule = &rules->rules[i];
        if (holds(rule->host, record->host) && holds(rule->path, record->path) &&
            holds(rule->tag, record->tag) && holds(rule->service, record->service)) {
            return text_from(rule->target);
        }
    }
    return record->service;
}
