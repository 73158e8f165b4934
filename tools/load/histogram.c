#include "load/histogram.h"

#include <math.h>

static uint32_t bucket_of(uint64_t ns)
{
    if (ns < HISTOGRAM_SUB_COUNT) {
        return (uint32_t)ns;
    }
    uint32_t shift = 63 - HISTOGRAM_SUB_BITS - (uint32_t)__builtin_clzll(ns);
    return ((shift + 1) << HISTOGRAM_SUB_BITS) + (uint32_t)(ns >> shift) - HISTOGRAM_SUB_COUNT;
}

static uint64_t upper_edge(uint32_t bucket)
{
    uint32_t row = bucket >> HISTOGRAM_SUB_BITS;
    uint64_t step = bucket & (HISTOGRAM_SUB_COUNT - 1);
    return row == 0 ? step : ((HISTOGRAM_SUB_COUNT + step + 1) << (row - 1)) - 1;
}

void histogram_add(struct histogram *histogram, int64_t ns, uint64_t count)
{
    uint64_t value = ns < 0 ? 0 : (uint64_t)ns;
    histogram->counts[bucket_of(value)] += count;
    histogram->count += count;
    if (value > histogram->max_ns && count > 0) {
        histogram->max_ns = value;
    }
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        into->counts[i] += from->counts[i];
    }
    into->count += from->count;
    if (from->max_ns > into->max_ns) {
        into->max_ns = from->max_ns;
    }
}

uint64_t histogram_percentile_ns(const struct histogram *histogram, double share)
{
    uint64_t wanted = (uint64_t)ceil(share * (double)histogram->count);
    uint64_t seen = 0;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS && histogram->count > 0; i++) {
        seen += histogram->counts[i];
        if (seen >= wanted && seen > 0) {
            uint64_t edge = upper_edge(i);
            return edge < histogram->max_ns ? edge : histogram->max_ns;
        }
    }
    return 0;
}
