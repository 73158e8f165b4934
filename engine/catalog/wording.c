#include "catalog/wording.h"

#include <inttypes.h>

#include "catalog/good.h"
#include "domain/decimal.h"

void write_latency(struct text_buffer *out, uint64_t ns)
{
    char text[DECIMAL_TEXT_SIZE];
    if (ns % NS_PER_MS == 0) {
        duration_format((int64_t)ns, text, sizeof(text));
        text_buffer_string(out, text);
        return;
    }
    decimal_format_trimmed(ns, NS_PER_MS, 6, text);
    text_buffer_format(out, "%sms", text);
}

void write_status(struct text_buffer *out, const struct good_rule *rule)
{
    if (rule->status_default) {
        text_buffer_string(out, "<500");
        return;
    }
    for (uint32_t i = 0; i < rule->status_count; i++) {
        text_buffer_string(out, i == 0 ? "" : ",");
        if (rule->status[i].high == STATUS_MAX) {
            text_buffer_format(out, ">=%u", rule->status[i].low);
        } else if (rule->status[i].low == rule->status[i].high) {
            text_buffer_format(out, "%u", rule->status[i].low);
        } else {
            text_buffer_format(out, "%u-%u", rule->status[i].low, rule->status[i].high);
        }
    }
}

void write_percent(struct text_buffer *out, int64_t ppb)
{
    char text[DECIMAL_TEXT_SIZE];
    decimal_format_target(ppb, text);
    text_buffer_string(out, text);
}

void write_grouped(struct text_buffer *out, uint64_t value)
{
    if (value >= 1000) {
        write_grouped(out, value / 1000);
        text_buffer_format(out, ",%03" PRIu64, value % 1000);
        return;
    }
    text_buffer_format(out, "%" PRIu64, value);
}

void write_span(struct text_buffer *out, int64_t ns)
{
    static const struct {
        int64_t ns;
        const char *unit;
    } units[] = {{NS_PER_DAY, "d"}, {NS_PER_HOUR, "h"}, {NS_PER_MINUTE, "m"}};
    bool any = false;
    for (uint32_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (ns >= units[i].ns) {
            text_buffer_format(out, "%s%" PRId64 " %s", any ? " " : "", ns / units[i].ns,
                               units[i].unit);
            ns %= units[i].ns;
            any = true;
        }
    }
    if (ns != 0 || !any) {
        char seconds[DECIMAL_TEXT_SIZE];
        decimal_format_trimmed(ns, NS_PER_SECOND, 9, seconds);
        text_buffer_format(out, "%s%s s", any ? " " : "", seconds);
    }
}

bool alert_share_ppb(const struct alert_pair *pair, const struct window *window,
                     int64_t *share_ppb_out)
{
    /* share = threshold x long / W; in seconds, which both lengths are whole numbers of, the
     * products stay below 2^127. */
    uint128 numerator = (uint128)pair->threshold_numerator * (uint128)PPB *
                        (uint128)(pair->long_ns / NS_PER_SECOND);
    uint128 denominator = (uint128)pair->threshold_denominator *
                          (uint128)(window_alert_length_ns(window) / NS_PER_SECOND);
    if (numerator % denominator != 0) {
        return false;
    }
    *share_ppb_out = (int64_t)(numerator / denominator);
    return true;
}

void write_money(struct text_buffer *out, int64_t minor, const char *currency)
{
    int digits = currency_digits(text_from(currency));
    int64_t unit = 1;
    for (int i = 0; i < digits; i++) {
        unit *= 10;
    }
    char amount[DECIMAL_TEXT_SIZE];
    decimal_format_fraction(minor, unit, (uint32_t)digits, amount);
    text_buffer_format(out, "%s %s", amount, currency);
}
