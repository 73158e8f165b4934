/* An SLI, or the inline `indicator` of an SLO: which requests are good, and which count at all.
 *
 *   ratioMetric:
 *     good: {metricSource: {type: nines, spec: {status: "<500"}}}     the keys of our `good` ...
 *     bad:  {metricSource: {type: nines, spec: {status: "500-599"}}}  ... or of our `bad`
 *     total: {metricSource: {type: nines, spec: {class: adhoc, customer: acme}}}   or no spec: all
 *   thresholdMetric: {metricSource: {type: nines, spec: {latency: ms}}}
 *
 * Without a `spec`, `good` and `bad` go by the default rule, a status below 500. The one value that
 * nines measures of a request is its latency; `spec` says what unit the objective's `value` is in,
 * and takes the keys of `total` besides, as a thresholdMetric has none. A request is good when the
 * value compares as `op` says, and its sender did not say that it was bad. `raw` ratios are refused:
 * nines counts requests, it cannot count what another system has divided already.
 */
#ifndef CATALOG_OPENSLO_INDICATOR_H
#define CATALOG_OPENSLO_INDICATOR_H

#include "catalog/openslo_fields.h"

/* object: a mapping with `metadata` and `spec`. Never NULL: what is wrong with it was said. */
struct openslo_indicator *openslo_read_indicator(const struct reading *reading,
                                                 const struct node *object, bool is_inline);

#endif
