#include "evaluate/each.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define PAIRS_FIRST 64

bool each_is_needed(const struct agreement_set *documents)
{
    for (uint32_t i = 0; i < documents->agreement_count; i++) {
        if (documents->agreements[i].each_customer) {
            return true;
        }
    }
    return false;
}

enum status each_open(struct each *each, const struct agreement_set *documents,
                      const struct name_table *names)
{
    *each = (struct each){.documents = documents};
    enum status status = routing_init(&each->routing, documents, names, 0, 1);
    each->pairs = status == STATUS_OK ? calloc(PAIRS_FIRST, sizeof(*each->pairs)) : NULL;
    each->pair_size = PAIRS_FIRST;
    if (status == STATUS_OK && each->pairs == NULL) {
        each_close(each);
        return STATUS_NO_MEMORY;
    }
    return status;
}

void each_close(struct each *each)
{
    if (each->routing.agreements != NULL) {
        routing_fini(&each->routing);
    }
    free(each->pairs);
    free(each->agreements);
    free(each->customers);
    free(each->earlier);
    *each = (struct each){0};
}

/* Where the pair is, or where it would be. */
static struct each_pair *find_pair(const struct each *each, struct each_pair pair)
{
    uint64_t hash = ((uint64_t)pair.agreement << 32 | pair.customer) * UINT64_C(0x9E3779B97F4A7C15);
    uint32_t at = (uint32_t)(hash >> 32);
    for (;; at++) {
        struct each_pair *found = &each->pairs[at & (each->pair_size - 1)];
        if (found->customer == NAME_NONE ||
            (found->customer == pair.customer && found->agreement == pair.agreement)) {
            return found;
        }
    }
}

static bool grow(struct each *each)
{
    struct each old = *each;
    struct each_pair *pairs = calloc((size_t)old.pair_size * 2, sizeof(*pairs));
    if (pairs == NULL) {
        return false;
    }
    each->pairs = pairs;
    each->pair_size = old.pair_size * 2;
    for (uint32_t i = 0; i < old.pair_size; i++) {
        if (old.pairs[i].customer != NAME_NONE) {
            *find_pair(each, old.pairs[i]) = old.pairs[i];
        }
    }
    free(old.pairs);
    return true;
}

static bool add_pair(struct each *each, struct each_pair pair)
{
    struct each_pair *place = find_pair(each, pair);
    if (place->customer != NAME_NONE) {
        return true;
    }
    *place = pair;
    each->pair_count++;
    return each->pair_count < each->pair_size / 2 || grow(each);
}

static bool hear_of(struct each *each, uint32_t service, uint32_t customer)
{
    const struct route *route = routing_of(&each->routing, service);
    bool well = true;
    for (uint32_t i = 0; well && i < route->count; i++) {
        uint32_t agreement = each->routing.places[each->routing.targets[route->first + i].resident];
        well = !each->documents->agreements[agreement].each_customer ||
               add_pair(each, (struct each_pair){agreement, customer});
    }
    return well;
}

static bool hear_event(struct each *each, const struct event *event, struct text extra)
{
    if (event->customer == NAME_NONE ||
        (event->kind != EVENT_REQUEST && event->kind != EVENT_INCIDENT &&
         event->kind != EVENT_STATE)) {
        return true;
    }
    bool well = event->service == NAME_NONE || hear_of(each, event->service, event->customer);
    uint32_t at = 0;
    enum extra_tag tag;
    struct text value;
    while (well && event->kind == EVENT_INCIDENT && event_extra_next(extra, &at, &tag, &value)) {
        if (tag == EXTRA_SERVICE) {
            well = hear_of(each, load_u32((const uint8_t *)value.bytes), event->customer);
        }
    }
    return well;
}

enum status each_hear(struct each *each, const struct batch *batch)
{
    for (uint32_t i = 0; i < batch->event_count; i++) {
        const struct event *event = &batch->events[i];
        if (!hear_event(each, event, batch_extra(batch, event))) {
            return STATUS_NO_MEMORY;
        }
    }
    return STATUS_OK;
}

static int compare_agreements(const void *left, const void *right)
{
    const struct agreement *a = left;
    const struct agreement *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : strcmp(a->customer, b->customer);
}

/* Its earlier versions are about the same customer. */
static struct agreement *add_earlier(struct agreement *agreement, struct agreement *room)
{
    for (uint32_t i = 0; i < agreement->earlier_count; i++) {
        room[i] = agreement->earlier[i];
        room[i].each_customer = false;
        room[i].customer = agreement->customer;
    }
    agreement->earlier = room;
    return room + agreement->earlier_count;
}

static size_t count_earlier(const struct each *each)
{
    size_t count = 0;
    for (uint32_t i = 0; i < each->pair_size; i++) {
        if (each->pairs[i].customer != NAME_NONE) {
            count += each->documents->agreements[each->pairs[i].agreement].earlier_count;
        }
    }
    return count;
}

static void add_customers(struct each *each, uint32_t count)
{
    char *string = each->customers;
    struct agreement *earlier = each->earlier;
    for (uint32_t i = 0; i < each->pair_size; i++) {
        const struct each_pair *pair = &each->pairs[i];
        if (pair->customer == NAME_NONE) {
            continue;
        }
        struct text name = name_text(each->routing.names, pair->customer);
        memcpy(string, name.bytes, name.length); /* and a NUL is there already */
        each->agreements[count] = each->documents->agreements[pair->agreement];
        each->agreements[count].each_customer = false;
        each->agreements[count].customer = string;
        earlier = add_earlier(&each->agreements[count++], earlier);
        string += NAME_BYTES_MAX + 1;
    }
}

enum status each_set(struct each *each, const struct agreement_set **set_out)
{
    const struct agreement_set *documents = each->documents;
    uint32_t count = documents->agreement_count;
    uint32_t total = count + each->pair_count;
    each->agreements = calloc((size_t)total + 1, sizeof(*each->agreements));
    each->customers = calloc((size_t)each->pair_count + 1, NAME_BYTES_MAX + 1);
    each->earlier = calloc(count_earlier(each) + 1, sizeof(*each->earlier));
    if (each->agreements == NULL || each->customers == NULL || each->earlier == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        each->agreements[i] = documents->agreements[i];
        if (each->agreements[i].each_customer) {
            each->agreements[i].objective_count = 0;
            each->agreements[i].earlier_count = 0;
        }
    }
    add_customers(each, count);
    qsort(each->agreements + count, each->pair_count, sizeof(*each->agreements),
          compare_agreements);
    each->set = *documents;
    each->set.agreements = each->agreements;
    each->set.agreement_count = total;
    *set_out = &each->set;
    return STATUS_OK;
}
