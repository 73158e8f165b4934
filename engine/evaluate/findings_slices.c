/* Findings among slices: which were bad, and what stretches of them were left out or unknown. */
#include <stdlib.h>

#include "base/panic.h"
#include "evaluate/findings_parts.h"
#include "evaluate/slices.h"

static int64_t slice_start(const struct series *series, int64_t ns)
{
    const struct buckets *slices = &series_slices(series)->main;
    return floor_to(ns - slices->origin_ns, slices->resolution_ns) + slices->origin_ns;
}

void slice_marks_add(struct slice_marks *marks, const struct series *series, int64_t ns,
                     uint64_t position)
{
    int64_t slice_ns = slice_start(series, ns);
    if (marks->count != 0 && marks->marks[marks->count - 1].slice_ns == slice_ns) {
        return; /* the log is in order of position */
    }
    if (marks->count == marks->size) {
        marks->size = marks->size == 0 ? 64 : marks->size * 2;
        marks->marks = realloc(marks->marks, marks->size * sizeof(*marks->marks));
        assert(marks->marks != NULL);
    }
    marks->marks[marks->count++] = (struct slice_mark){slice_ns, position};
}

static int compare_marks(const void *left, const void *right)
{
    const struct slice_mark *a = left;
    const struct slice_mark *b = right;
    if (a->slice_ns != b->slice_ns) {
        return a->slice_ns < b->slice_ns ? -1 : 1;
    }
    return (a->position > b->position) - (a->position < b->position);
}

/* Sorted: the first mark of the slice; NULL: it has none. */
static const struct slice_mark *mark_of(const struct slice_marks *marks, int64_t slice_ns)
{
    uint32_t low = 0;
    uint32_t high = marks->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (marks->marks[middle].slice_ns < slice_ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < marks->count && marks->marks[low].slice_ns == slice_ns;
    return found ? &marks->marks[low] : NULL;
}

struct slice_walk {
    struct finding_walk *walk;
    const struct slice_marks *marks;
    const struct cause_list *causes; /* of empty slices */
    enum finding_sum sum;
    bool has_run;
    struct finding run; /* of empty slices, being put together */
};

static void tell_bad(void *context, const struct measured_slice *slice)
{
    const struct slice_walk *slices = context;
    if (!slice->is_bad) {
        return;
    }
    bool of_requests = slices->marks != NULL;
    const struct slice_mark *mark =
        of_requests ? mark_of(slices->marks, slice->span.start_ns) : NULL;
    const struct finding finding = {
        .type = FINDING_SLICE,
        .sum = FINDING_SUM_BAD,
        .unit = BUDGET_SLICES,
        .share = 1,
        .has_position = mark != NULL,
        .position = mark != NULL ? mark->position : 0,
        .span = slice->span,
        .requests = slice->requests,
        .lacking = slice->lacking,
        .reason = text_from(!of_requests ? "bad for a member"
                            : slices->walk->series->objective->method == METHOD_RATIO_TIMESLICES
                                ? "bad requests in the slice"
                                : "below the slice target"),
    };
    findings_tell(slices->walk, &finding);
}

/* Empty slices: one run for neighbours of one cause */

static bool meets(const struct cause *cause, struct span span)
{
    struct span both = span_intersect(cause->finding.span, span);
    return span_length(both) > 0 &&
           (cause->within == NULL || span_set_measure(cause->within, both) > 0);
}

static bool holds(const struct cause *cause, int64_t ns)
{
    return meets(cause, (struct span){ns, ns + 1});
}

/* The first cause that holds the first instant of the slice inside the term; else the first that
 * has a part in it, where several share the slice. */
static struct finding cause_of(const struct slice_walk *slices, struct span slice)
{
    struct span inside = span_intersect(
        slice, objective_judged(slices->walk->series->agreement, slices->walk->series->objective));
    const struct cause *found = NULL;
    for (uint32_t i = 0; i < slices->causes->count; i++) {
        const struct cause *cause = &slices->causes->causes[i];
        if (holds(cause, inside.start_ns)) {
            return cause->finding;
        }
        found = found == NULL && meets(cause, inside) ? cause : found;
    }
    return found != NULL ? found->finding
                         : (struct finding){.type = FINDING_OTHER,
                                            .reason = text_from("not traced to one event")};
}

static bool same_cause(const struct finding *a, const struct finding *b)
{
    return a->type == b->type && a->position == b->position && text_equal(a->id, b->id) &&
           text_equal(a->service, b->service);
}

static void end_run(struct slice_walk *slices)
{
    if (slices->has_run) {
        findings_tell(slices->walk, &slices->run);
    }
    slices->has_run = false;
}

static void take_empty(void *context, const struct measured_slice *slice)
{
    struct slice_walk *slices = context;
    struct finding finding = cause_of(slices, slice->span);
    if (slices->has_run && slices->run.span.end_ns == slice->span.start_ns &&
        same_cause(&slices->run, &finding)) {
        slices->run.span.end_ns = slice->span.end_ns;
        slices->run.share++;
        return;
    }
    end_run(slices);
    finding.sum = slices->sum;
    finding.unit = BUDGET_SLICES;
    finding.span = slice->span;
    finding.share = 1;
    slices->run = finding;
    slices->has_run = true;
}

void findings_tell_slices(struct finding_walk *walk, const struct timeline *timeline,
                          const struct slice_marks *marks, const struct cause_list *left_out,
                          const struct cause_list *unknown)
{
    struct slice_walk slices = {.walk = walk, .marks = marks, .causes = left_out};
    slices_walk_measured(walk->series, walk->span, tell_bad, &slices);
    slices.sum = FINDING_SUM_EXCLUDED;
    slices_walk_left_out(walk->series, timeline, walk->span, take_empty, &slices);
    end_run(&slices);
    slices.causes = unknown;
    slices.sum = FINDING_SUM_UNKNOWN;
    slices_walk_unknown(walk->series, timeline, walk->span, take_empty, &slices);
    end_run(&slices);
}

enum status findings_of_slices(struct finding_walk *walk)
{
    struct slice_marks marks = {0};
    enum status status = findings_of_requests(walk, &marks);
    if (status == STATUS_OK && !walk->enough) {
        struct cause_list left_out = {0};
        struct cause_list unknown = {0};
        if (marks.count > 1) {
            qsort(marks.marks, marks.count, sizeof(*marks.marks), compare_marks);
        }
        causes_of_left_out(&left_out, walk->evaluator, walk->index, walk->span);
        causes_of_unknown(&unknown, walk->evaluator, walk->index, true);
        findings_tell_slices(walk, &walk->evaluator->timelines[walk->index], &marks, &left_out,
                             &unknown);
        cause_list_fini(&left_out);
        cause_list_fini(&unknown);
    }
    free(marks.marks);
    return status;
}
