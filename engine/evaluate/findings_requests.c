/* Findings among requests: what was bad, what was set aside and why, read again from the history. */
#include <stdlib.h>

#include "base/panic.h"
#include "evaluate/exclusion_reach.h"
#include "evaluate/findings_parts.h"
#include "evaluate/maintenance_reach.h"

#define RUN_GAP_NS NS_PER_SECOND

/* What an `outcome` event said of a request, beyond its word. */
struct remark {
    uint64_t position;
    char *reason;
};

struct remarks {
    struct remark *remarks; /* by rising position */
    uint32_t count;
    uint32_t size;
};

struct request_walk {
    struct finding_walk *walk;
    struct slice_marks *marks; /* NULL: nobody asks */
    struct remarks remarks;
    bool has_run;
    struct finding run; /* being put together */
};

static void remarks_fini(struct remarks *remarks)
{
    for (uint32_t i = 0; i < remarks->count; i++) {
        free(remarks->remarks[i].reason);
    }
    free(remarks->remarks);
}

static bool take_remark(void *context, const struct batch *batch, uint32_t event_index)
{
    struct remarks *remarks = context;
    const struct event *event = &batch->events[event_index];
    struct text reason;
    if (event->kind != EVENT_OUTCOME ||
        !event_extra_find(batch_extra(batch, event), EXTRA_REASON, &reason)) {
        return true;
    }
    if (remarks->count == remarks->size) {
        remarks->size = remarks->size == 0 ? 16 : remarks->size * 2;
        remarks->remarks = realloc(remarks->remarks, remarks->size * sizeof(*remarks->remarks));
        assert(remarks->remarks != NULL);
    }
    struct remark *remark = &remarks->remarks[remarks->count++];
    *remark = (struct remark){batch->position + event_index, strndup(reason.bytes, reason.length)};
    assert(remark->reason != NULL);
    return true;
}

static int compare_remarks(const void *left, const void *right)
{
    const struct remark *a = left;
    const struct remark *b = right;
    return (a->position > b->position) - (a->position < b->position);
}

static struct text remark_at(const struct remarks *remarks, uint64_t position)
{
    const struct remark key = {.position = position};
    const struct remark *found =
        remarks->count == 0
            ? NULL
            : bsearch(&key, remarks->remarks, remarks->count, sizeof(key), compare_remarks);
    return found == NULL ? TEXT_NONE : text_from(found->reason);
}

/* Runs */

static void end_run(struct request_walk *requests)
{
    if (requests->has_run) {
        findings_tell(requests->walk, &requests->run);
    }
    requests->has_run = false;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a < b ? b - a : a - b;
}

/* Texts of one entry are the same bytes. */
static bool same_text(struct text a, struct text b)
{
    return a.bytes == b.bytes && a.length == b.length;
}

static bool continues(const struct finding *run, const struct finding *next)
{
    bool near = distance(next->span.start_ns, run->span.end_ns) <= RUN_GAP_NS ||
                distance(next->span.start_ns, run->span.start_ns) <= RUN_GAP_NS;
    return near && run->sum == next->sum && run->status == next->status &&
           run->outcome == next->outcome && run->aside == next->aside &&
           run->corrected_at == next->corrected_at && same_text(run->id, next->id) &&
           same_text(run->service, next->service);
}

static void add_finding(struct request_walk *requests, const struct finding *next)
{
    struct finding *run = &requests->run;
    if (!requests->has_run || !continues(run, next)) {
        end_run(requests);
        requests->has_run = true;
        *run = *next;
        return;
    }
    run->share += next->share;
    if (next->span.start_ns < run->span.start_ns) {
        run->span.start_ns = next->span.start_ns;
    }
    if (next->span.end_ns > run->span.end_ns) {
        run->span.end_ns = next->span.end_ns;
    }
}

/* Why */

bool findings_sum_of(enum counter counter, enum maintenance_policy policy, struct finding *finding)
{
    bool removed = policy == MAINTENANCE_REMOVED;
    finding->sum = FINDING_SUM_EXCLUDED;
    finding->aside = ASIDE_MAINTENANCE;
    switch (counter) {
    case COUNTER_GOOD:
        return false;
    case COUNTER_BAD:
        finding->sum = FINDING_SUM_BAD;
        return true;
    case COUNTER_MAINTENANCE_GOOD:
        return removed;
    case COUNTER_MAINTENANCE_BAD:
        finding->sum = removed ? FINDING_SUM_EXCLUDED : FINDING_SUM_BAD;
        return policy != MAINTENANCE_COUNTS_AS_GOOD;
    case COUNTER_MAINTENANCE_EXCLUSION:
        finding->aside = removed ? ASIDE_MAINTENANCE : ASIDE_EXCLUSION;
        return true;
    case COUNTER_MAINTENANCE_HOURS:
        finding->aside = removed ? ASIDE_MAINTENANCE : ASIDE_HOURS;
        return true;
    case COUNTER_MAINTENANCE_TERM:
        finding->aside = removed ? ASIDE_MAINTENANCE : ASIDE_TERM;
        return true;
    case COUNTER_OUT_OF_SCOPE:
        finding->sum = FINDING_SUM_OUT_OF_SCOPE;
        return true;
    default:
        finding->aside = (enum aside)(ASIDE_HOURS + (counter - COUNTER_HOURS));
        return true;
    }
}

/* What its service rests on. False: it is none of the agreement's. */
static bool sources_below(const struct finding_walk *walk, const struct event *event,
                          struct timeline_sources *sources_out, uint32_t *service_out)
{
    struct evaluator *evaluator = walk->evaluator;
    struct resident *resident = &evaluator->residents[evaluator->resident_of[walk->index]];
    resident_sources(evaluator, resident, sources_out);
    for (uint32_t i = 0; i < sources_out->service_count; i++) {
        if (sources_out->services[i] == event->service) {
            *service_out = i;
            return true;
        }
    }
    return false;
}

/* By the maintenance of a component that the service rests on; NULL: by none. */
static const struct maintenance_entry *maintenance_below(const struct finding_walk *walk,
                                                         const struct event *event)
{
    struct timeline_sources sources;
    uint32_t service;
    return sources_below(walk, event, &sources, &service)
               ? maintenance_reach_at(&sources, &walk->evaluator->maintenances, service,
                                      event->occurred_ns)
               : NULL;
}

/* By an excluded incident of such a component; NULL: by none. */
static const struct exclusion *exclusion_below(const struct finding_walk *walk,
                                               const struct event *event)
{
    struct timeline_sources sources;
    uint32_t service;
    return sources_below(walk, event, &sources, &service)
               ? exclusion_reach_at(&sources, service, event->occurred_ns)
               : NULL;
}

static struct text text_or_none(const char *string)
{
    return string == NULL ? TEXT_NONE : text_from(string);
}

/* Whose maintenance, or whose exclusion, and why. */
static void name_the_cause(const struct finding_walk *walk, const struct event *event,
                           struct finding *finding)
{
    const struct evaluator *evaluator = walk->evaluator;
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[walk->index]];
    bool has_customer = resident->customer_word != WORD_NONE;
    uint32_t customer = resident_customer_name(walk->evaluator, resident);
    const struct name_table *names = evaluator->settings.names;
    char service[NAME_BYTES_MAX + 1];
    struct text name = name_text(names, event->service);
    memcpy(service, name.bytes, name.length);
    service[name.length] = '\0';
    if (finding->aside == ASIDE_MAINTENANCE) {
        const struct maintenance_entry *entry =
            maintenance_at(&evaluator->maintenances, event->service, service, has_customer,
                           customer, event->occurred_ns);
        entry = entry != NULL ? entry : maintenance_below(walk, event);
        if (entry != NULL) {
            const struct maintenance_document *document = entry->document;
            finding->id = document != NULL ? text_from(document->id) : name_text(names, entry->id);
            finding->reason = text_or_none(document != NULL ? document->reason : entry->reason);
            finding->author = text_or_none(document != NULL ? document->author : entry->author);
        }
    } else if (finding->aside == ASIDE_EXCLUSION) {
        const struct exclusion *entry =
            exclusion_at(&evaluator->exclusions, &evaluator->incidents, event->service,
                         has_customer, customer, event->occurred_ns);
        entry = entry != NULL ? entry : exclusion_below(walk, event);
        if (entry != NULL) {
            uint32_t incident = exclusion_incident(entry);
            finding->id = name_text(names, entry->id);
            finding->incident = incident == NAME_NONE ? TEXT_NONE : name_text(names, incident);
            finding->reason = text_or_none(entry->reason);
            finding->author = text_or_none(entry->author);
        }
    }
}

static void take_part(struct request_walk *requests, const struct event *event, uint64_t position,
                      enum counter counter, uint64_t count)
{
    struct finding_walk *walk = requests->walk;
    struct finding finding = {
        .type = FINDING_REQUEST,
        .unit = BUDGET_REQUESTS,
        .share = count,
        .has_position = true,
        .position = position,
        .span = {event->occurred_ns, event->occurred_ns},
        .status = event->status,
        .outcome = (enum outcome)event->outcome,
        .service = name_text(walk->evaluator->settings.names, event->service),
    };
    if (count == 0 || !findings_sum_of(counter, walk->series->agreement->maintenance, &finding)) {
        return;
    }
    const struct correction *correction =
        correction_find(&walk->evaluator->corrections, event->fingerprint);
    if (correction != NULL) {
        finding.corrected = true;
        finding.corrected_at = correction->position;
        finding.outcome = correction->outcome;
        finding.reason = remark_at(&requests->remarks, correction->position);
    }
    if (finding.sum == FINDING_SUM_EXCLUDED) {
        name_the_cause(walk, event, &finding);
    } else {
        finding.aside = ASIDE_MAINTENANCE; /* of no meaning; the same for all */
    }
    if (finding.sum == FINDING_SUM_BAD && requests->marks != NULL) {
        slice_marks_add(requests->marks, walk->series, event->occurred_ns, position);
    }
    add_finding(requests, &finding);
}

static bool take_request(void *context, const struct batch *batch, uint32_t event_index)
{
    struct request_walk *requests = context;
    struct finding_walk *walk = requests->walk;
    const struct event *event = &batch->events[event_index];
    struct class_counts counts;
    if (event->kind != EVENT_REQUEST || event->occurred_ns >= walk->evaluator->now_ns ||
        !series_judges(walk->evaluator, walk->index, event, &counts) ||
        event_is_out_of_time(walk->evaluator, event, batch->received_ns)) {
        return true;
    }
    uint64_t position = batch->position + event_index;
    take_part(requests, event, position, counts.first, counts.first_count);
    take_part(requests, event, position, counts.second, counts.second_count);
    return !walk->enough;
}

enum status findings_of_requests(struct finding_walk *walk, struct slice_marks *marks)
{
    struct evaluator *evaluator = walk->evaluator;
    const struct history *history = &evaluator->settings.history;
    struct request_walk requests = {.walk = walk, .marks = marks};
    enum status status = STATUS_OK;
    if (evaluator->corrections.count != 0) {
        status = history->scan(history->context, INT64_MIN, INT64_MAX, evaluator->position,
                               take_remark, &requests.remarks);
    }
    struct evaluator_counters counters = evaluator->counters;
    if (status == STATUS_OK) {
        status = history->scan(history->context, walk->span.start_ns, walk->span.end_ns,
                               evaluator->position, take_request, &requests);
    }
    evaluator->counters = counters; /* those out of time were counted when they came */
    if (status == STATUS_OK) {
        end_run(&requests);
    }
    remarks_fini(&requests.remarks);
    return status;
}
