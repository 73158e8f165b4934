#include "catalog/tzif.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ZONEINFO       "/usr/share/zoneinfo"
#define FILE_BYTES_MAX (64 * 1024)
#define NAME_MAX_BYTES 64
#define HEADER_BYTES   44

/* What is left of the file. */
struct reader {
    const uint8_t *at;
    size_t left;
};

static const uint8_t *take(struct reader *reader, size_t count)
{
    if (count > reader->left) {
        return NULL;
    }
    const uint8_t *at = reader->at;
    reader->at += count;
    reader->left -= count;
    return at;
}

static uint32_t big_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t big_i64(const uint8_t *at)
{
    return (int64_t)((uint64_t)big_u32(at) << 32 | big_u32(at + 4));
}

struct header {
    uint32_t ut_count;
    uint32_t standard_count;
    uint32_t leap_count;
    uint32_t time_count;
    uint32_t type_count;
    uint32_t char_count;
};

static bool read_header(struct reader *reader, struct header *header)
{
    const uint8_t *at = take(reader, HEADER_BYTES);
    if (at == NULL || memcmp(at, "TZif", 4) != 0 || at[4] < '2') {
        return false;
    }
    *header = (struct header){
        .ut_count = big_u32(at + 20),
        .standard_count = big_u32(at + 24),
        .leap_count = big_u32(at + 28),
        .time_count = big_u32(at + 32),
        .type_count = big_u32(at + 36),
        .char_count = big_u32(at + 40),
    };
    return header->time_count < 10000 && header->type_count >= 1 && header->type_count < 256 &&
           header->char_count < 1000 && header->leap_count < 1000 && header->ut_count < 256 &&
           header->standard_count < 256;
}

static size_t block_bytes(const struct header *header, size_t time_bytes)
{
    return header->time_count * (time_bytes + 1) + header->type_count * 6 + header->char_count +
           header->leap_count * (time_bytes + 4) + header->standard_count + header->ut_count;
}

static bool read_block(struct region *kept, struct reader *reader, const struct header *header,
                       struct zone *zone)
{
    const uint8_t *block = take(reader, block_bytes(header, 8));
    if (block == NULL || header->leap_count != 0) {
        return false;
    }
    const uint8_t *types = block + (size_t)header->time_count * 8;
    const uint8_t *infos = types + header->time_count;
    int64_t *changes = region_take(kept, (header->time_count + 1) * sizeof(*changes));
    int32_t *offsets = region_take(kept, (header->time_count + 1) * sizeof(*offsets));
    for (uint32_t i = 0; i < header->time_count; i++) {
        if (types[i] >= header->type_count) {
            return false;
        }
        changes[i] = big_i64(block + (size_t)i * 8);
        offsets[i] = (int32_t)big_u32(infos + (size_t)types[i] * 6);
        if ((i > 0 && changes[i] <= changes[i - 1]) || offsets[i] < -90000 || offsets[i] > 90000) {
            return false;
        }
    }
    zone->first_offset_s = (int32_t)big_u32(infos);
    zone->changes_s = changes;
    zone->offsets_s = offsets;
    zone->change_count = header->time_count;
    return true;
}

/* The footer's rule: `CET-1CEST,M3.5.0,M10.5.0/3`. Each part moves *at on. */

static bool skip_name(const char **at)
{
    const char *start = *at;
    if (**at == '<') {
        while (**at != '>' && **at != '\0') {
            (*at)++;
        }
        if (**at != '>') {
            return false;
        }
        (*at)++;
        return true;
    }
    while ((**at >= 'A' && **at <= 'Z') || (**at >= 'a' && **at <= 'z')) {
        (*at)++;
    }
    return *at - start >= 3;
}

static bool read_number(const char **at, int32_t most, int32_t *value_out)
{
    int32_t value = 0;
    const char *start = *at;
    while (**at >= '0' && **at <= '9' && value <= most) {
        value = value * 10 + (**at - '0');
        (*at)++;
    }
    *value_out = value;
    return *at != start && value <= most;
}

/* [+-]hh[:mm[:ss]] */
static bool read_clock(const char **at, int32_t *seconds_out)
{
    int32_t sign = **at == '-' ? -1 : 1;
    if (**at == '-' || **at == '+') {
        (*at)++;
    }
    int32_t parts[3] = {0, 0, 0};
    if (!read_number(at, 167, &parts[0])) {
        return false;
    }
    for (uint32_t i = 1; i < 3 && **at == ':'; i++) {
        (*at)++;
        if (!read_number(at, 59, &parts[i])) {
            return false;
        }
    }
    *seconds_out = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
    return true;
}

static bool read_dotted(const char **at, int32_t least, int32_t most, uint32_t *value_out)
{
    int32_t value;
    if (**at != '.') {
        return false;
    }
    (*at)++;
    if (!read_number(at, most, &value) || value < least) {
        return false;
    }
    *value_out = (uint32_t)value;
    return true;
}

static bool read_date(const char **at, struct zone_date *date)
{
    *date = (struct zone_date){.kind = ZONE_DAY, .time_s = 2 * 3600};
    if (**at != ',') {
        return false;
    }
    (*at)++;
    int32_t number;
    if (**at == 'M') {
        (*at)++;
        date->kind = ZONE_MONTH_WEEK_DAY;
        if (!read_number(at, 12, &number) || number < 1 || !read_dotted(at, 1, 5, &date->week) ||
            !read_dotted(at, 0, 6, &date->day)) {
            return false;
        }
        date->month = (uint32_t)number;
    } else {
        if (**at == 'J') {
            (*at)++;
            date->kind = ZONE_DAY_WITHOUT_LEAP;
        }
        if (!read_number(at, 365, &number) || (date->kind != ZONE_DAY && number < 1)) {
            return false;
        }
        date->day = (uint32_t)number;
    }
    if (**at == '/') {
        (*at)++;
        return read_clock(at, &date->time_s);
    }
    return true;
}

static bool read_rule(const char *text, struct zone_rule *rule)
{
    const char *at = text;
    int32_t west_s;
    if (!skip_name(&at) || !read_clock(&at, &west_s)) {
        return false;
    }
    *rule = (struct zone_rule){.standard_offset_s = -west_s};
    if (*at == '\0') {
        return true;
    }
    rule->has_daylight = true;
    rule->daylight_offset_s = rule->standard_offset_s + 3600;
    if (!skip_name(&at)) {
        return false;
    }
    if (*at != ',') {
        if (!read_clock(&at, &west_s)) {
            return false;
        }
        rule->daylight_offset_s = -west_s;
    }
    return read_date(&at, &rule->daylight_begins) && read_date(&at, &rule->daylight_ends) &&
           *at == '\0';
}

static bool read_footer(struct reader *reader, struct zone *zone)
{
    char text[128];
    const uint8_t *end = reader->left == 0 ? NULL : memchr(reader->at + 1, '\n', reader->left - 1);
    if (end == NULL || reader->at[0] != '\n' || end - reader->at > (ptrdiff_t)sizeof(text)) {
        return false;
    }
    size_t length = (size_t)(end - reader->at) - 1;
    memcpy(text, reader->at + 1, length);
    text[length] = '\0';
    zone->has_rule = length != 0;
    return length == 0 || read_rule(text, &zone->rule);
}

enum status tzif_parse(struct region *kept, struct text bytes, struct zone *zone_out)
{
    struct reader reader = {(const uint8_t *)bytes.bytes, bytes.length};
    struct header header;
    struct zone zone = {0};
    /* The block of 32-bit times is for readers of long ago. */
    if (!read_header(&reader, &header) || take(&reader, block_bytes(&header, 4)) == NULL ||
        !read_header(&reader, &header) || !read_block(kept, &reader, &header, &zone) ||
        !read_footer(&reader, &zone)) {
        return STATUS_DAMAGED;
    }
    *zone_out = zone;
    return STATUS_OK;
}

/* Letters, digits and what zone names have between them; nothing that leaves the folder. */
static bool is_zone_name(struct text name)
{
    if (name.length == 0 || name.length > NAME_MAX_BYTES || name.bytes[0] == '/') {
        return false;
    }
    for (uint32_t i = 0; i < name.length; i++) {
        char byte = name.bytes[i];
        bool letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
        if (!letter && !(byte >= '0' && byte <= '9') && strchr("/_+-", byte) == NULL) {
            return false;
        }
    }
    return true;
}

static bool is_utc(struct text name)
{
    static const char *const names[] = {"UTC", "Etc/UTC", "Z", "GMT", "Etc/GMT", "Zulu", "UCT"};
    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (text_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

/* The whole file, or -1. */
static ssize_t read_file(struct text name, uint8_t *bytes)
{
    char path[sizeof(ZONEINFO) + NAME_MAX_BYTES + 2];
    snprintf(path, sizeof(path), ZONEINFO "/%.*s", (int)name.length, name.bytes);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    ssize_t length = read(fd, bytes, FILE_BYTES_MAX);
    close(fd);
    return length;
}

enum status tzif_load(struct region *kept, struct text name, const struct zone **zone_out)
{
    if (is_utc(name)) {
        *zone_out = NULL;
        return STATUS_OK;
    }
    if (!is_zone_name(name)) {
        return STATUS_NOT_FOUND;
    }
    uint8_t *bytes = malloc(FILE_BYTES_MAX);
    ssize_t length = bytes == NULL ? -1 : read_file(name, bytes);
    if (length <= 0) {
        free(bytes);
        return STATUS_NOT_FOUND;
    }
    struct zone *zone = region_take(kept, sizeof(*zone));
    enum status status =
        tzif_parse(kept, (struct text){(const char *)bytes, (uint32_t)length}, zone);
    free(bytes);
    if (status == STATUS_OK) {
        zone->name = region_string(kept, name);
        *zone_out = zone;
    }
    return status;
}
