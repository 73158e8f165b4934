#include "api/prometheus.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/panic.h"

static void put_escaped(struct text_buffer *out, const char *text, bool quotes)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '\\':
            text_buffer_string(out, "\\\\");
            break;
        case '\n':
            text_buffer_string(out, "\\n");
            break;
        case '"':
            text_buffer_string(out, quotes ? "\\\"" : "\"");
            break;
        default:
            text_buffer_char(out, *text);
        }
    }
}

/* The family's name: OpenMetrics has the suffixes in the samples alone. */
static size_t family_length(const struct prometheus *prometheus)
{
    const struct metric *metric = prometheus->metric;
    const char *suffix = metric->type == METRIC_COUNTER ? "_total"
                         : metric->type == METRIC_INFO  ? "_info"
                                                        : "";
    size_t length = strlen(metric->name);
    assert(length > strlen(suffix));
    assert(strcmp(metric->name + length - strlen(suffix), suffix) == 0);
    return prometheus->openmetrics ? length - strlen(suffix) : length;
}

void prometheus_family(struct prometheus *prometheus, const struct metric *metric)
{
    static const char *const types[] = {"gauge", "counter", "histogram", "info"};
    prometheus->metric = metric;
    int length = (int)family_length(prometheus);
    struct text_buffer *out = prometheus->out;
    text_buffer_format(out, "# HELP %.*s ", length, metric->name);
    put_escaped(out, metric->help, prometheus->openmetrics);
    /* Text 0.0.4 does not know info. */
    bool as_gauge = metric->type == METRIC_INFO && !prometheus->openmetrics;
    text_buffer_format(out, "\n# TYPE %.*s %s\n", length, metric->name,
                       types[as_gauge ? METRIC_GAUGE : metric->type]);
}

static void put_labels(struct text_buffer *out, const struct label *labels, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        text_buffer_format(out, "%s%s=\"", i == 0 ? "{" : ",", labels[i].name);
        put_escaped(out, labels[i].value, true);
        text_buffer_char(out, '"');
    }
    text_buffer_string(out, count == 0 ? " " : "} ");
}

/* The shortest digits that read back as the same number. */
static void put_number(struct text_buffer *out, double value)
{
    if (isnan(value) || isinf(value)) {
        text_buffer_string(out, isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
        return;
    }
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    text_buffer_string(out, text);
}

void prometheus_integer(struct prometheus *prometheus, const struct label *labels, uint32_t count,
                        uint64_t value)
{
    struct text_buffer *out = prometheus->out;
    text_buffer_string(out, prometheus->metric->name);
    put_labels(out, labels, count);
    text_buffer_format(out, "%llu\n", (unsigned long long)value);
}

void prometheus_number(struct prometheus *prometheus, const struct label *labels, uint32_t count,
                       double value)
{
    struct text_buffer *out = prometheus->out;
    text_buffer_string(out, prometheus->metric->name);
    put_labels(out, labels, count);
    put_number(out, value);
    text_buffer_char(out, '\n');
}

static void put_bound(struct prometheus *prometheus, double bound)
{
    char text[40];
    snprintf(text, sizeof(text), "%.9g", bound);
    bool whole = strpbrk(text, ".e") == NULL;
    text_buffer_string(prometheus->out, text);
    text_buffer_string(prometheus->out, whole && prometheus->openmetrics ? ".0" : "");
}

void prometheus_histogram(struct prometheus *prometheus, const double *bounds,
                          const uint64_t *counts, uint32_t bound_count, double sum)
{
    struct text_buffer *out = prometheus->out;
    const char *name = prometheus->metric->name;
    for (uint32_t i = 0; i <= bound_count; i++) {
        text_buffer_format(out, "%s_bucket{le=\"", name);
        if (i < bound_count) {
            put_bound(prometheus, bounds[i]);
        } else {
            text_buffer_string(out, "+Inf");
        }
        text_buffer_format(out, "\"} %llu\n", (unsigned long long)counts[i]);
    }
    text_buffer_format(out, "%s_sum ", name);
    put_number(out, sum);
    text_buffer_format(out, "\n%s_count %llu\n", name, (unsigned long long)counts[bound_count]);
}

void prometheus_end(struct prometheus *prometheus)
{
    text_buffer_string(prometheus->out, prometheus->openmetrics ? "# EOF\n" : "");
}

/* Negotiation */

static const char *skip_spaces(const char *at)
{
    return at + strspn(at, " \t");
}

static bool starts(const char *at, const char *word)
{
    return strncasecmp(at, word, strlen(word)) == 0;
}

/* What one element of Accept offers. */
struct offer {
    bool openmetrics;
    bool text;
    double quality;
};

/* parameters: from the first ';' on, up to `end`. */
static void read_parameters(const char *at, const char *end, struct offer *offer)
{
    while (at < end && *at == ';') {
        at = skip_spaces(at + 1);
        if (starts(at, "q=")) {
            char *stop;
            double quality = strtod(at + 2, &stop);
            bool good = stop > at + 2 && quality >= 0 && quality <= 1;
            offer->quality = good ? quality : 0;
        } else if (starts(at, "version=")) {
            at += strlen("version=");
            at += *at == '"' ? 1 : 0;
            /* We write 1.0.0, and its older drafts are read by nobody who does not read it too. */
            offer->openmetrics = offer->openmetrics && starts(at, "1.0.");
        }
        while (at < end && *at != ';') {
            at++;
        }
    }
}

static struct offer read_offer(const char *at, const char *end)
{
    struct offer offer = {.quality = 1};
    offer.openmetrics = starts(at, "application/openmetrics-text");
    offer.text = starts(at, "text/plain") || starts(at, "text/*") || starts(at, "*/*");
    const char *semicolon = memchr(at, ';', (size_t)(end - at));
    if (semicolon != NULL) {
        read_parameters(semicolon, end, &offer);
    }
    return offer;
}

bool prometheus_prefers_openmetrics(const char *accept)
{
    double openmetrics = 0;
    double text = 0;
    for (const char *at = accept; at != NULL && *at != '\0';) {
        at = skip_spaces(at);
        const char *end = at + strcspn(at, ",");
        struct offer offer = read_offer(at, end);
        openmetrics =
            offer.openmetrics && offer.quality > openmetrics ? offer.quality : openmetrics;
        text = offer.text && offer.quality > text ? offer.quality : text;
        at = *end == ',' ? end + 1 : end;
    }
    return openmetrics > 0 && openmetrics >= text;
}
