#include "catalog/hours.h"

#include <stdio.h>

#include "catalog/tzif.h"
#include "catalog/words.h"

static const char *const day_words[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
#define DAY_COUNT COUNT_OF(day_words)

static const struct zone *known_zone(const struct draft *draft, struct text name)
{
    for (uint32_t i = 0; i < draft->zone_count; i++) {
        if (text_is(name, draft->zones[i]->name)) {
            return draft->zones[i];
        }
    }
    return NULL;
}

bool read_zone(struct draft *draft, const struct reading *reading, const struct node *node,
               const struct zone **zone_out)
{
    struct text name;
    if (!read_scalar(reading, node, "zone", &name)) {
        return false;
    }
    *zone_out = known_zone(draft, name);
    if (*zone_out != NULL) {
        return true;
    }
    switch (tzif_load(reading->kept, name, zone_out)) {
    case STATUS_OK:
        break;
    case STATUS_NOT_FOUND:
        problem_error(
            reading->problems, place_of(reading, node),
            "`zone`: %s is no time zone of this system; write an IANA name such as UTC or "
            "Europe/Berlin (package tzdata)",
            quoted(name).bytes);
        return false;
    default:
        problem_error(reading->problems, place_of(reading, node),
                      "`zone`: the system's file of %s cannot be read; install tzdata again",
                      quoted(name).bytes);
        return false;
    }
    if (*zone_out != NULL) {
        draft->zones = region_grow(&draft->kept, draft->zones, draft->zone_count,
                                   &draft->zone_capacity, sizeof(*draft->zones));
        draft->zones[draft->zone_count++] = *zone_out;
    }
    return true;
}

/* hh:mm, to 24:00. */
static bool parse_clock(struct text text, int64_t *ns_out)
{
    if (text.length != 5 || text.bytes[2] != ':') {
        return false;
    }
    int32_t digits[4];
    static const uint32_t places[] = {0, 1, 3, 4};
    for (uint32_t i = 0; i < 4; i++) {
        digits[i] = text.bytes[places[i]] - '0';
        if (digits[i] < 0 || digits[i] > 9) {
            return false;
        }
    }
    int32_t minutes = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3];
    *ns_out = minutes * NS_PER_MINUTE;
    return digits[2] < 6 && minutes <= 24 * 60;
}

static int day_from(struct text text)
{
    for (uint32_t i = 0; i < DAY_COUNT; i++) {
        if (text_is(text, day_words[i])) {
            return (int)i;
        }
    }
    return -1;
}

/* Mon, or Mon-Fri, or Sat-Mon. */
static bool parse_day_range(struct text text, uint8_t *weekdays)
{
    if (text.length != 3 && (text.length != 7 || text.bytes[3] != '-')) {
        return false;
    }
    int first = day_from((struct text){text.bytes, 3});
    int last = day_from((struct text){text.bytes + text.length - 3, 3});
    if (first < 0 || last < 0) {
        return false;
    }
    for (int day = first;; day = (day + 1) % (int)DAY_COUNT) {
        *weekdays |= (uint8_t)(1u << day);
        if (day == last) {
            return true;
        }
    }
}

/* Ranges with commas between. */
static bool parse_days(struct text text, uint8_t *weekdays_out)
{
    *weekdays_out = 0;
    uint32_t from = 0;
    for (uint32_t i = 0; i <= text.length; i++) {
        if (i == text.length || text.bytes[i] == ',') {
            if (!parse_day_range((struct text){text.bytes + from, i - from}, weekdays_out)) {
                return false;
            }
            from = i + 1;
        }
    }
    return true;
}

static bool parse_entry(struct text text, struct hours_entry *entry_out)
{
    const char *space = text.length == 0 ? NULL : memchr(text.bytes, ' ', text.length);
    if (space == NULL) {
        return false;
    }
    uint32_t before = (uint32_t)(space - text.bytes);
    struct text times = trimmed((struct text){space, text.length - before});
    struct hours_entry entry;
    if (times.length != 11 || times.bytes[5] != '-' ||
        !parse_days((struct text){text.bytes, before}, &entry.weekdays) ||
        !parse_clock((struct text){times.bytes, 5}, &entry.from_ns) ||
        !parse_clock((struct text){times.bytes + 6, 5}, &entry.to_ns) ||
        entry.from_ns == NS_PER_DAY) {
        return false;
    }
    if (entry.to_ns <= entry.from_ns) {
        entry.to_ns += NS_PER_DAY; /* over midnight */
    }
    *entry_out = entry;
    return true;
}

static bool read_entry(const struct reading *reading, const struct node *node, struct hours *hours)
{
    struct text text;
    if (!read_scalar(reading, node, "hours", &text)) {
        return false;
    }
    if (!parse_entry(trimmed(text), &hours->entries[hours->entry_count])) {
        problem_error(
            reading->problems, place_of(reading, node),
            "`hours`: %s is no weekly time; write e.g. Mon-Fri 08:00-20:00 (Mon Tue Wed Thu "
            "Fri Sat Sun, 00:00 to 24:00) or `always`",
            quoted(text).bytes);
        return false;
    }
    hours->entry_count++;
    return true;
}

bool read_hours(const struct reading *reading, const struct node *node,
                const struct hours **hours_out)
{
    *hours_out = NULL;
    if (node->kind == NODE_SCALAR && text_is(node->text, "always")) {
        return true;
    }
    struct hours *hours = region_take(reading->kept, sizeof(*hours));
    *hours_out = hours;
    if (node->kind != NODE_SEQUENCE) {
        return read_entry(reading, node, hours);
    }
    if (node->count == 0 || node->count > HOURS_ENTRIES_MAX) {
        problem_error(reading->problems, place_of(reading, node),
                      "`hours` takes 1 to %d entries; write e.g. [Mon-Fri 08:00-20:00] or `always`",
                      HOURS_ENTRIES_MAX);
        return false;
    }
    bool well = true;
    for (const struct node *item = node->first; item != NULL; item = item->next) {
        well &= read_entry(reading, item, hours);
    }
    return well;
}

static void format_days(uint8_t weekdays, char *out)
{
    char *at = out;
    for (uint32_t i = 0; i < DAY_COUNT; i++) {
        if ((weekdays >> i & 1) == 0) {
            continue;
        }
        uint32_t last = i;
        while (last + 1 < DAY_COUNT && (weekdays >> (last + 1) & 1) != 0) {
            last++;
        }
        const char *joint = at == out ? "" : ",";
        at += snprintf(at, (size_t)(out + HOURS_TEXT_SIZE - at), "%s%s", joint, day_words[i]);
        if (last != i) {
            at += snprintf(at, (size_t)(out + HOURS_TEXT_SIZE - at), "-%s", day_words[last]);
        }
        i = last;
    }
}

void hours_format(const struct hours_entry *entry, char *out)
{
    format_days(entry->weekdays, out);
    int from = (int)(entry->from_ns / NS_PER_MINUTE);
    int to = (int)((entry->to_ns > NS_PER_DAY ? entry->to_ns - NS_PER_DAY : entry->to_ns) /
                   NS_PER_MINUTE);
    size_t length = strlen(out);
    snprintf(out + length, HOURS_TEXT_SIZE - length, " %02d:%02d-%02d:%02d", from / 60 % 24,
             from % 60, to / 60 % 25, to % 60);
}
