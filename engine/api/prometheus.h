/* Metric families as text: Prometheus 0.0.4 or OpenMetrics 1.0, from the same calls. Pure.
 *
 *   # HELP nines_events_total Requests by what they counted as.
 *   # TYPE nines_events_total counter
 *   nines_events_total{agreement="a",objective="o",class="good"} 3
 *
 * Differences that callers need not know: OpenMetrics names a counter's family without `_total` and
 * an info's without `_info`, escapes quotes in HELP, writes `le="1.0"`, ends with `# EOF`. A number
 * that is none is `NaN` (printf's `-nan` fails a whole scrape: WIRE section 3.1). A family's
 * samples stand together; the caller writes each family once.
 */
#ifndef API_PROMETHEUS_H
#define API_PROMETHEUS_H

#include "base/text_buffer.h"

enum metric_type { METRIC_GAUGE, METRIC_COUNTER, METRIC_HISTOGRAM, METRIC_INFO };

/* name: as in CONTRACT section 7, with _total or _info. help: a sentence. */
struct metric {
    const char *name;
    enum metric_type type;
    const char *help;
};

struct label {
    const char *name;
    const char *value;
};

struct prometheus {
    struct text_buffer *out;
    bool openmetrics;
    const struct metric *metric; /* the family being written */
};

void prometheus_family(struct prometheus *prometheus, const struct metric *metric);
/* A sample of the family. labels: NULL for none. */
void prometheus_integer(struct prometheus *prometheus, const struct label *labels, uint32_t count,
                        uint64_t value);
void prometheus_number(struct prometheus *prometheus, const struct label *labels, uint32_t count,
                       double value);
/* A histogram without labels: counts[i] observations were at most bounds[i] seconds, the last for
 * +Inf. */
void prometheus_histogram(struct prometheus *prometheus, const double *bounds,
                          const uint64_t *counts, uint32_t bound_count, double sum);
void prometheus_end(struct prometheus *prometheus);

/* Does a client that sends this Accept (NULL: none) want OpenMetrics rather than text? */
bool prometheus_prefers_openmetrics(const char *accept);

#endif
