#include "domain/span_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"

void span_set_fini(struct span_set *set)
{
    free(set->spans);
    *set = (struct span_set){0};
}

void span_set_clear(struct span_set *set)
{
    set->count = 0;
}

static void append(struct span_set *set, struct span span)
{
    if (span.end_ns <= span.start_ns) {
        return;
    }
    if (set->count == set->size) {
        uint32_t size = set->size == 0 ? 8 : set->size * 2;
        struct span *spans = realloc(set->spans, size * sizeof(*spans));
        assert(spans != NULL);
        set->spans = spans;
        set->size = size;
    }
    set->spans[set->count++] = span;
}

void span_set_copy(struct span_set *set, const struct span_set *from)
{
    set->count = 0;
    for (uint32_t i = 0; i < from->count; i++) {
        append(set, from->spans[i]);
    }
}

void span_set_add(struct span_set *set, struct span span)
{
    append(set, span);
}

static int compare_starts(const void *left, const void *right)
{
    const struct span *a = left;
    const struct span *b = right;
    return a->start_ns < b->start_ns ? -1 : a->start_ns > b->start_ns;
}

void span_set_normalize(struct span_set *set)
{
    if (set->count < 2) {
        return;
    }
    qsort(set->spans, set->count, sizeof(*set->spans), compare_starts);
    uint32_t kept = 0;
    for (uint32_t i = 1; i < set->count; i++) {
        struct span *last = &set->spans[kept];
        if (set->spans[i].start_ns <= last->end_ns) {
            if (set->spans[i].end_ns > last->end_ns) {
                last->end_ns = set->spans[i].end_ns;
            }
        } else {
            set->spans[++kept] = set->spans[i];
        }
    }
    set->count = kept + 1;
}

void span_set_subtract(struct span_set *set, const struct span_set *a, const struct span_set *b)
{
    set->count = 0;
    uint32_t j = 0;
    for (uint32_t i = 0; i < a->count; i++) {
        struct span rest = a->spans[i];
        while (j < b->count && b->spans[j].end_ns <= rest.start_ns) {
            j++;
        }
        for (uint32_t k = j; k < b->count && b->spans[k].start_ns < rest.end_ns; k++) {
            append(set, (struct span){rest.start_ns, b->spans[k].start_ns});
            rest.start_ns = b->spans[k].end_ns;
        }
        append(set, rest);
    }
}

void span_set_intersect(struct span_set *set, const struct span_set *a, const struct span_set *b)
{
    set->count = 0;
    uint32_t i = 0;
    uint32_t j = 0;
    while (i < a->count && j < b->count) {
        append(set, span_intersect(a->spans[i], b->spans[j]));
        if (a->spans[i].end_ns < b->spans[j].end_ns) {
            i++;
        } else {
            j++;
        }
    }
}

/* Where a set begins (+1) or ends (-1) to hold. */
struct edge {
    int64_t ns;
    int32_t step;
};

/* Ends before starts: touching spans of two sets never overlap. */
static int compare_edges(const void *left, const void *right)
{
    const struct edge *a = left;
    const struct edge *b = right;
    if (a->ns != b->ns) {
        return a->ns < b->ns ? -1 : 1;
    }
    return (a->step > b->step) - (a->step < b->step);
}

static uint32_t list_edges(const struct span_set *sets, uint32_t count, struct edge **edges_out)
{
    size_t spans = 0;
    for (uint32_t i = 0; i < count; i++) {
        spans += sets[i].count;
    }
    struct edge *edges = malloc((spans * 2 + 1) * sizeof(*edges));
    assert(edges != NULL);
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < sets[i].count; j++) {
            edges[at++] = (struct edge){sets[i].spans[j].start_ns, 1};
            edges[at++] = (struct edge){sets[i].spans[j].end_ns, -1};
        }
    }
    qsort(edges, at, sizeof(*edges), compare_edges);
    *edges_out = edges;
    return at;
}

void span_set_at_least(struct span_set *set, const struct span_set *sets, uint32_t count,
                       uint32_t least)
{
    assert(least > 0);
    struct edge *edges;
    uint32_t edge_count = list_edges(sets, count, &edges);
    set->count = 0;
    uint32_t holding = 0;
    int64_t since_ns = 0;
    for (uint32_t i = 0; i < edge_count; i++) {
        if (edges[i].step > 0 && ++holding == least) {
            since_ns = edges[i].ns;
        } else if (edges[i].step < 0 && holding-- == least) {
            append(set, (struct span){since_ns, edges[i].ns});
        }
    }
    free(edges);
    span_set_normalize(set);
}

/* The first span that ends after ns. */
static uint32_t first_after(const struct span_set *set, int64_t ns)
{
    uint32_t low = 0;
    uint32_t high = set->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (set->spans[middle].end_ns > ns) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

int64_t span_set_measure(const struct span_set *set, struct span span)
{
    int64_t sum = 0;
    for (uint32_t i = first_after(set, span.start_ns);
         i < set->count && set->spans[i].start_ns < span.end_ns; i++) {
        sum += span_length(span_intersect(set->spans[i], span));
    }
    return sum;
}

bool span_set_holds(const struct span_set *set, int64_t ns)
{
    uint32_t i = first_after(set, ns);
    return i < set->count && set->spans[i].start_ns <= ns;
}

struct span span_set_gap(const struct span_set *set, int64_t ns)
{
    uint32_t i = first_after(set, ns);
    if (i < set->count && set->spans[i].start_ns <= ns) {
        return (struct span){ns, ns};
    }
    return (struct span){i == 0 ? INT64_MIN : set->spans[i - 1].end_ns,
                         i == set->count ? INT64_MAX : set->spans[i].start_ns};
}

bool span_set_equal(const struct span_set *a, const struct span_set *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->spans, b->spans, a->count * sizeof(*a->spans)) == 0);
}

static int64_t start_of(const struct span_set *set, uint32_t index)
{
    return index < set->count ? set->spans[index].start_ns : INT64_MAX;
}

int64_t span_set_first_difference(const struct span_set *a, const struct span_set *b)
{
    uint32_t i = 0;
    while (i < a->count && i < b->count && a->spans[i].start_ns == b->spans[i].start_ns &&
           a->spans[i].end_ns == b->spans[i].end_ns) {
        i++;
    }
    int64_t start_a = start_of(a, i);
    int64_t start_b = start_of(b, i);
    if (start_a != start_b || start_a == INT64_MAX) {
        return start_a < start_b ? start_a : start_b;
    }
    return a->spans[i].end_ns < b->spans[i].end_ns ? a->spans[i].end_ns : b->spans[i].end_ns;
}

int64_t span_set_next_edge(const struct span_set *set, int64_t ns)
{
    uint32_t i = first_after(set, ns);
    if (i == set->count) {
        return INT64_MAX;
    }
    return set->spans[i].start_ns > ns ? set->spans[i].start_ns : set->spans[i].end_ns;
}
