#include "domain/zone.h"

#include "base/panic.h"
#include "domain/civil.h"

#define SECONDS_PER_DAY INT64_C(86400)

static int64_t weekday_date(const struct zone_date *date, int32_t year)
{
    int64_t first = civil_days((struct civil_date){year, date->month, 1});
    uint32_t sunday_based = (civil_weekday(first) + 1) % 7;
    int64_t day = first + (date->day + 7 - sunday_based) % 7 + 7 * ((int64_t)date->week - 1);
    while (day >= first + civil_days_in_month(year, date->month)) {
        day -= 7; /* week 5 is the last one */
    }
    return day;
}

/* In local seconds. */
static int64_t date_s(const struct zone_date *date, int32_t year)
{
    int64_t new_year = civil_days((struct civil_date){year, 1, 1});
    int64_t day = 0;
    switch (date->kind) {
    case ZONE_MONTH_WEEK_DAY:
        day = weekday_date(date, year);
        break;
    case ZONE_DAY_WITHOUT_LEAP:
        day = new_year + date->day - 1;
        if (date->day >= 60 && civil_days_in_month(year, 2) == 29) {
            day++;
        }
        break;
    case ZONE_DAY:
        day = new_year + date->day;
        break;
    }
    return day * SECONDS_PER_DAY + date->time_s;
}

static int32_t rule_offset_s(const struct zone_rule *rule, int64_t utc_s)
{
    if (!rule->has_daylight) {
        return rule->standard_offset_s;
    }
    int64_t local_s = utc_s + rule->standard_offset_s;
    int64_t days = floor_to(local_s, SECONDS_PER_DAY) / SECONDS_PER_DAY;
    int32_t year = civil_from_days(days).year;
    /* Daylight saving begins by the standard clock and ends by its own. */
    int64_t begins_s = date_s(&rule->daylight_begins, year) - rule->standard_offset_s;
    int64_t ends_s = date_s(&rule->daylight_ends, year) - rule->daylight_offset_s;
    bool daylight = begins_s < ends_s ? begins_s <= utc_s && utc_s < ends_s
                                      : !(ends_s <= utc_s && utc_s < begins_s);
    return daylight ? rule->daylight_offset_s : rule->standard_offset_s;
}

/* How many changes lie at or before the instant. */
static uint32_t changes_before(const struct zone *zone, int64_t utc_s)
{
    uint32_t low = 0;
    uint32_t high = zone->change_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (zone->changes_s[middle] <= utc_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

int32_t zone_offset_s(const struct zone *zone, int64_t utc_ns)
{
    if (zone == NULL) {
        return 0;
    }
    int64_t utc_s = floor_to(utc_ns, NS_PER_SECOND) / NS_PER_SECOND;
    uint32_t changes = changes_before(zone, utc_s);
    if (changes == zone->change_count && zone->has_rule) {
        return rule_offset_s(&zone->rule, utc_s);
    }
    return changes == 0 ? zone->first_offset_s : zone->offsets_s[changes - 1];
}

int64_t zone_local_ns(const struct zone *zone, int64_t utc_ns)
{
    return utc_ns + zone_offset_s(zone, utc_ns) * NS_PER_SECOND;
}

int64_t zone_utc_ns(const struct zone *zone, int64_t local_ns)
{
    /* Clocks change less than once in two days: one of these offsets is the right one. */
    int32_t before_s = zone_offset_s(zone, local_ns - NS_PER_DAY);
    int32_t after_s = zone_offset_s(zone, local_ns + NS_PER_DAY);
    int64_t by_before_ns = local_ns - before_s * NS_PER_SECOND;
    int64_t by_after_ns = local_ns - after_s * NS_PER_SECOND;
    if (zone_offset_s(zone, by_before_ns) == before_s) {
        return by_before_ns; /* also the first coming of a time that comes twice */
    }
    if (zone_offset_s(zone, by_after_ns) == after_s) {
        return by_after_ns;
    }
    return by_before_ns; /* skipped */
}

bool zone_has_local(const struct zone *zone, int64_t local_ns)
{
    return zone_local_ns(zone, zone_utc_ns(zone, local_ns)) == local_ns;
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

int64_t zone_day_divisor_ns(const struct zone *zone)
{
    int64_t divisor_s = SECONDS_PER_DAY;
    for (uint32_t i = 1; zone != NULL && i < zone->change_count; i++) {
        int64_t shift_s = zone->offsets_s[i] - zone->offsets_s[i - 1];
        if (zone->changes_s[i] >= 0 && shift_s != 0) {
            divisor_s = common_divisor(divisor_s, shift_s < 0 ? -shift_s : shift_s);
        }
    }
    if (zone != NULL && zone->has_rule && zone->rule.has_daylight) {
        int64_t shift_s = zone->rule.daylight_offset_s - zone->rule.standard_offset_s;
        divisor_s = common_divisor(divisor_s, shift_s < 0 ? -shift_s : shift_s);
    }
    return divisor_s * NS_PER_SECOND;
}
