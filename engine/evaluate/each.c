#include "evaluate/each.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/log.h"
#include "base/panic.h"
#include "evaluate/pair_table.h"
#include "evaluate/routing.h"

struct each {
    const struct agreement_set *documents;
    const struct name_table *names;
    bool needed;              /* a document says `each`; else the rest is not there */
    struct routing routing;   /* of all the documents' agreements */
    struct pair_table places; /* (document, customer): where its agreement stands */
    /* Reserved for the most that there can be, backed as used: nothing moves under readers' feet. */
    struct agreement *agreements;
    struct each_member *members;           /* of what was added */
    char (*customers)[NAME_BYTES_MAX + 1]; /* their names as strings */
    uint32_t added_max;
    uint32_t series_count;
    uint32_t series_max;
    _Atomic uint32_t count;
    _Atomic uint64_t refused;
};

static bool is_needed(const struct agreement_set *documents)
{
    for (uint32_t i = 0; i < documents->agreement_count; i++) {
        if (documents->agreements[i].each_customer) {
            return true;
        }
    }
    return false;
}

static size_t agreements_size(const struct each *each)
{
    return ((size_t)each->documents->agreement_count + each->added_max) * sizeof(struct agreement);
}

static bool reserve(struct each *each)
{
    each->agreements = pages_reserve(agreements_size(each));
    each->members = pages_reserve(each->added_max * sizeof(*each->members));
    each->customers = pages_reserve(each->added_max * sizeof(*each->customers));
    return each->agreements != NULL && each->members != NULL && each->customers != NULL &&
           routing_init(&each->routing, each->documents, each->names, 0, 1) == STATUS_OK;
}

/* Its own copy of the earlier versions, about the same customer: freed in each_close. */
static struct agreement *copy_earlier(struct agreement *agreement)
{
    struct agreement *earlier = NULL;
    if (agreement->earlier_count != 0) {
        earlier = calloc(agreement->earlier_count, sizeof(*earlier));
        assert(earlier != NULL);
    }
    for (uint32_t i = 0; i < agreement->earlier_count; i++) {
        earlier[i] = agreement->earlier[i];
        earlier[i].each_customer = true;
        earlier[i].customer = agreement->customer;
    }
    agreement->earlier = earlier;
    return earlier;
}

static void make_pattern(struct agreement *agreement)
{
    struct agreement *earlier = copy_earlier(agreement);
    for (uint32_t i = 0; i < agreement->earlier_count; i++) {
        earlier[i].objective_count = 0;
    }
    agreement->objective_count = 0;
}

enum status each_open(struct each **each_out, const struct agreement_set *documents,
                      const struct name_table *names, uint32_t series_max)
{
    struct each *each = calloc(1, sizeof(*each));
    if (each == NULL) {
        return STATUS_NO_MEMORY;
    }
    *each = (struct each){.documents = documents, .names = names, .needed = is_needed(documents)};
    uint32_t count = documents->agreement_count;
    each->added_max = each->needed ? series_max : 0; /* an agreement has at least one objective */
    if (each->needed && !reserve(each)) {
        each_close(each);
        return STATUS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct agreement *agreement = &documents->agreements[i];
        if (each->needed) {
            each->agreements[i] = *agreement;
        }
        if (!agreement->each_customer) {
            each->series_count += agreement->objective_count;
        } else {
            make_pattern(&each->agreements[i]);
        }
    }
    each->series_max = each->series_count + each->added_max;
    atomic_store_explicit(&each->count, count, memory_order_release);
    *each_out = each;
    return STATUS_OK;
}

static void free_earlier(struct agreement *agreement)
{
    union {
        const struct agreement *borrowed;
        struct agreement *owned;
    } earlier = {agreement->earlier};
    free(earlier.owned);
}

void each_close(struct each *each)
{
    if (each == NULL) {
        return;
    }
    if (each->routing.agreements != NULL) {
        routing_fini(&each->routing);
    }
    uint32_t count = atomic_load_explicit(&each->count, memory_order_relaxed);
    for (uint32_t i = 0; each->needed && i < count; i++) {
        if (each->agreements[i].each_customer) {
            free_earlier(&each->agreements[i]);
        }
    }
    pair_table_fini(&each->places);
    pages_release(each->agreements, agreements_size(each));
    pages_release(each->members, each->added_max * sizeof(*each->members));
    pages_release(each->customers, each->added_max * sizeof(*each->customers));
    free(each);
}

bool each_is_needed(const struct each *each)
{
    return each->needed;
}

/* Hearing */

static void refuse(struct each *each, const struct agreement *agreement)
{
    if (atomic_fetch_add_explicit(&each->refused, 1, memory_order_relaxed) == 0) {
        log_warning("`each_max` is reached: further customers of %s get no figures of their own",
                    agreement->name);
    }
}

static void add(struct each *each, uint32_t document, uint32_t customer)
{
    const struct agreement *pattern = &each->documents->agreements[document];
    if (pattern->objective_count > each->series_max - each->series_count) {
        refuse(each, pattern);
        return;
    }
    uint32_t place =
        atomic_load_explicit(&each->count, memory_order_relaxed); /* only we write it */
    uint32_t index = place - each->documents->agreement_count;
    struct text name = name_text(each->names, customer);
    memcpy(each->customers[index], name.bytes, name.length); /* and a NUL is there already */
    each->members[index] = (struct each_member){document, customer};
    each->agreements[place] = *pattern;
    each->agreements[place].customer = each->customers[index];
    (void)copy_earlier(&each->agreements[place]);
    each->series_count += pattern->objective_count;
    pair_table_add(&each->places, document, customer, place);
    /* [E] the right to read the agreement moves to whoever sees the count. */
    atomic_store_explicit(&each->count, place + 1, memory_order_release);
}

static void hear_of(struct each *each, uint32_t service, uint32_t customer)
{
    const struct route *route = routing_of(&each->routing, service);
    for (uint32_t i = 0; i < route->count; i++) {
        uint32_t document = each->routing.places[each->routing.targets[route->first + i].resident];
        if (each->documents->agreements[document].each_customer &&
            pair_table_find(&each->places, document, customer) == PAIR_NONE) {
            add(each, document, customer);
        }
    }
}

static void hear_event(struct each *each, const struct event *event, struct text extra)
{
    if (event->kind != EVENT_REQUEST && event->kind != EVENT_INCIDENT &&
        event->kind != EVENT_STATE) {
        return;
    }
    if (event->service != NAME_NONE) {
        hear_of(each, event->service, event->customer);
    }
    uint32_t at = 0;
    enum extra_tag tag;
    struct text value;
    while (event->kind == EVENT_INCIDENT && event_extra_next(extra, &at, &tag, &value)) {
        if (tag == EXTRA_SERVICE) {
            hear_of(each, load_u32((const uint8_t *)value.bytes), event->customer);
        }
    }
}

void each_hear(struct each *each, const struct batch *batch)
{
    for (uint32_t i = 0; each->needed && i < batch->event_count; i++) {
        const struct event *event = &batch->events[i];
        if (event->customer != NAME_NONE) {
            hear_event(each, event, batch_extra(batch, event));
        }
    }
}

/* Reading */

const struct agreement_set *each_documents(const struct each *each)
{
    return each->documents;
}

uint32_t each_count(const struct each *each)
{
    return atomic_load_explicit(&each->count, memory_order_acquire); /* [E] */
}

struct agreement_set each_view(const struct each *each, uint32_t count)
{
    struct agreement_set view = *each->documents;
    if (each->needed) {
        view.agreements = each->agreements;
        view.agreement_count = count;
    }
    return view;
}

const struct each_member *each_member(const struct each *each, uint32_t place)
{
    return &each->members[place - each->documents->agreement_count];
}

uint32_t each_series_max(const struct each *each)
{
    return each->series_max;
}

uint64_t each_refused(const struct each *each)
{
    return atomic_load_explicit(&each->refused, memory_order_relaxed);
}

uint32_t each_series_count(const struct agreement_set *view)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < view->agreement_count; i++) {
        count += view->agreements[i].objective_count;
    }
    return count;
}

struct reading_place {
    uint32_t place;
    uint32_t number_first;
    const struct agreement *agreement;
};

static int compare_places(const void *left, const void *right)
{
    const struct reading_place *a = left;
    const struct reading_place *b = right;
    int order = each_is_added(a->agreement) - each_is_added(b->agreement);
    if (order == 0 && each_is_added(a->agreement)) {
        order = strcmp(a->agreement->name, b->agreement->name);
        order = order != 0 ? order : strcmp(a->agreement->customer, b->agreement->customer);
    }
    return order != 0 ? order : a->place < b->place ? -1 : a->place > b->place;
}

static void sort_places(const struct agreement_set *view, struct reading_place *places)
{
    uint32_t number = 0;
    for (uint32_t i = 0; i < view->agreement_count; i++) {
        places[i] = (struct reading_place){i, number, &view->agreements[i]};
        number += view->agreements[i].objective_count;
    }
    qsort(places, view->agreement_count, sizeof(*places), compare_places);
}

enum status each_gather(const struct agreement_set *view, struct objective_report *reports,
                        const bool *has_report, uint32_t *count_out)
{
    struct reading_place *places = calloc((size_t)view->agreement_count + 1, sizeof(*places));
    struct objective_report *sorted = calloc((size_t)each_series_count(view) + 1, sizeof(*sorted));
    uint32_t count = 0;
    if (places != NULL && sorted != NULL) {
        sort_places(view, places);
        for (uint32_t i = 0; i < view->agreement_count; i++) {
            for (uint32_t j = 0; j < places[i].agreement->objective_count; j++) {
                uint32_t number = places[i].number_first + j;
                if (has_report[number]) {
                    sorted[count++] = reports[number];
                }
            }
        }
        memcpy(reports, sorted, count * sizeof(*reports));
        *count_out = count;
    }
    enum status status = places == NULL || sorted == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    free(places);
    free(sorted);
    return status;
}
